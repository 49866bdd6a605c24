"""One error in an otherwise valid knowledge base: its code, its place to the column, and its message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

HERE = Path(__file__).parent


class Edit(NamedTuple):
    """A replacement in a file, and every problem that it causes, as it is reported."""

    file: str
    old: str
    new: str
    messages: list[str]

    def spoilt(self, text: str) -> str:
        assert text.count(self.old) == 1
        return text.replace(self.old, self.new)


EDITS = {name: Edit(**edit) for name, edit in yaml.safe_load((HERE / "edits.yaml").read_text(encoding="utf-8")).items()}

# Those that make a file unreadable rather than its content wrong.
UNREADABLE = ("KB107", "KB108")


def good(file: str) -> str:
    return (HERE / "good" / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in EDITS.items()])
def test_a_slip_is_reported_by_its_place_to_the_column(
    edit: Edit, spoil: Callable[..., Path], validate: Callable[[Path], Any]
) -> None:
    verdict = validate(spoil({edit.file: edit.spoilt(good(edit.file))}))
    assert verdict.messages == edit.messages
    assert verdict.exit == (3 if any(code in message for message in edit.messages for code in UNREADABLE) else 1)


def test_slips_in_several_files_are_reported_in_one_run_in_the_order_of_their_places(
    spoil: Callable[..., Path], validate: Callable[[Path], Any]
) -> None:
    apart = [EDITS[name] for name in ("exempt-reason", "unknown-trigger", "map-match", "pred-object-near", "kind-near")]
    verdict = validate(spoil({edit.file: edit.spoilt(good(edit.file)) for edit in apart}))
    assert verdict.messages == [message for edit in sorted(apart, key=lambda edit: edit.file) for message in edit.messages]
    assert verdict.exit == 1


def test_the_knowledge_base_that_is_spoilt_is_good(spoil: Callable[..., Path], validate: Callable[[Path], Any]) -> None:
    assert validate(spoil()) == (0, [])
