"""Mutated inputs: every reader reads or refuses them; ``make fuzz`` tries a million."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.fuzz import run
from tools.fuzz.readers import make_readers


def fuzz(numbers: range, seed: int, folder: Path) -> dict[int, str]:
    readers, failures = make_readers(folder), {}
    for number in numbers:
        reader, data = run.make_input(number, seed, readers)
        try:
            run.run_input(reader, data)
        except run.ReaderError as error:
            failures[number] = f"{reader.name}: {error}"
    return failures


def test_mutated_inputs_are_read_or_refused(tmp_path: Path) -> None:
    assert fuzz(range(1_000), 2, tmp_path) == {}


@pytest.mark.long("thirty thousand inputs take a minute")
def test_many_mutated_inputs_are_read_or_refused(tmp_path: Path) -> None:
    assert fuzz(range(30_000), 3, tmp_path) == {}


def test_the_inputs_that_are_mutated_are_valid(tmp_path: Path) -> None:
    for reader in make_readers(tmp_path):
        assert all(run.run_input(reader, seed) == "read" for seed in reader.seeds), reader.name


def test_an_input_is_the_same_in_every_run(tmp_path: Path) -> None:
    first, second = (run.make_input(17, 1, make_readers(tmp_path)) for _ in range(2))
    assert (first[0].name, first[1]) == (second[0].name, second[1])


def test_what_a_reader_raises_is_a_fault(tmp_path: Path) -> None:
    reader = make_readers(tmp_path)[0]._replace(read=lambda _: [].pop())
    with pytest.raises(run.ReaderError, match="IndexError"):
        run.run_input(reader, b"")
