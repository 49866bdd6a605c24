"""The normal form is fixed for each version of its rules: positions and digests in records depend on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb.texts import normal_form

FROZEN: dict[str, Any] = json.loads((Path(__file__).parent / "normal_forms.json").read_text(encoding="utf-8"))
CHANGED = "The normal form changed. If on purpose, raise NORMAL_FORM and write version and results into normal_forms.json."


def test_the_frozen_normal_forms_are_those_of_this_version() -> None:
    assert FROZEN["normal-form"] == normal_form.NORMAL_FORM, CHANGED


@pytest.mark.parametrize("case", FROZEN["cases"], ids=lambda case: case["shows"])
def test_a_text_keeps_its_normal_form_while_the_version_stays(case: dict[str, Any]) -> None:
    text = normal_form.parse(case["text"].encode("utf-8"), case["mediatype"], "frozen")
    assert text.words == case["words"], CHANGED
    assert text.digest == case["sha256"], CHANGED
    assert [block.kind for block in text.blocks] == case["blocks"], CHANGED
