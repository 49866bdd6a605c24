"""Every registered format, with every statement model, to every kind of output: it is written, or refused with a reason."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from kb import resources
from kb.cli import run
from kb.formats import registry
from kb.formats.tables import table_registry
from kb.rdf.facts import Model

_NAMES = [*(fmt.name for fmt in registry.ALL_FORMATS), *(fmt.name for fmt in table_registry.TABLES)]
_REFUSALS = ("cannot carry --statements", "--statements is for formats of RDF", "several files, which need a folder")


@pytest.mark.parametrize("model", get_args(Model))
@pytest.mark.parametrize("output", ["-", "file", "folder/"])
def test_each_format_is_written_or_refused_with_a_reason(
    model: Model, output: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = resources.content().parent / "starter"
    for name in _NAMES:
        where = tmp_path / name
        where.mkdir()
        target = output if output == "-" else f"{where}/{output}"
        code = run(["export", "--content", str(content), "-f", name, "--statements", model, "-o", target])
        printed = capfd.readouterr()
        written = [path for path in where.rglob("*") if path.is_file()]
        if code == 0:
            assert printed.out if output == "-" else written, name
        else:
            assert code == 2, (name, printed.err)
            assert any(reason in printed.err for reason in _REFUSALS), (name, printed.err)
            assert not written
            assert not printed.out
        if name in {fmt.name for fmt in registry.ALL_FORMATS}:
            assert (code == 0) == registry.can_carry(registry.find(name), model)


def test_names_of_formats_are_unambiguous() -> None:
    formats = [{fmt.name, *fmt.aliases} for fmt in registry.ALL_FORMATS]
    formats += [{fmt.name, *fmt.aliases} for fmt in table_registry.TABLES]
    assert not [(one, other) for (a, one), (b, other) in product(enumerate(formats), repeat=2) if a < b and one & other]
    assert all(registry.find(fmt.name) is fmt for fmt in registry.ALL_FORMATS)


def test_a_media_type_means_the_format_for_any_statement_model() -> None:
    assert all(registry.find(fmt.media_type) is fmt for fmt in registry.FORMATS)
