"""What is remembered from run to run: it saves reading, and never changes an answer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import pipeline
from kb.build import joining, part_cache, parts, reading, sorted_runs
from kb.build.chunks import Piece
from kb.build.workers import share
from kb.files import sorting
from kb.problems import KbError, Problem

Make = Callable[..., Path]


def _fact(number: int, **more: Any) -> dict[str, Any]:
    claim = {"subject": "examplol", "predicate": "has-side-effect", "object": {"value": f"{number}"}, "modality": "can"}
    return {**claim, "evidence": [{"sentence": "s1.1"}], **more}


FILES: dict[str, Any] = {
    "facts/leaflet.yaml": [_fact(1), _fact(2, frequency="rare")],
    "facts/more.yaml": [_fact(3, document="leaflet"), _fact(4, document="leaflet", trigger="stopping")],
    "facts/all.jsonl": "".join(f"{json.dumps(_fact(each, document='leaflet'))}\n" for each in range(5, 9)),
}
# What an editor does to a file: each of it changes what is right in it or in others, or nothing.
EDITS = [
    *(("s1.1", "s1.2"), ("s1.1", "s9.9"), ('"can"', '"may"'), ('"can"', '"cna"'), ("examplol", "examplor"), ("rare", "rar")),
    *(('"7"', '"8"'), ('"3"', '"2"'), ("leaflet", "leaflets"), ('"drug"', '"symptom"'), ('"literal"', '"drug"'), ("}", "")),
    *(("stopping", "stop"), ('"trigger"', '"severity"'), ("A ", "\u202eA "), ("s1.2", "s1.0"), (",", ", "), ("itch", "itches")),
]


def _problems(folder: Path) -> Sequence[Problem]:
    return pipeline.check(folder, keep=False).problems


def _built(folder: Path) -> bytes | Sequence[Problem]:
    checked = pipeline.check(folder)
    return checked.problems or "".join(pipeline.export(checked.kb, "nq")).encode() if checked.kb else checked.problems


@settings(max_examples=settings().max_examples // 5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_after_any_edits_the_answer_is_that_of_a_run_from_scratch(
    data: st.DataObject, make_kb: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as top:
        folder = make_kb(f"kb-{Path(top).name}", **FILES)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        monkeypatch.setenv("XDG_CACHE_HOME", f"{top}/warm")
        _problems(folder)
        for step in range(data.draw(st.integers(1, 4))):
            path = data.draw(st.sampled_from(files))
            before, after = data.draw(st.sampled_from(EDITS + [each[::-1] for each in EDITS if each[1]]))
            path.write_text(
                path.read_text(encoding="utf-8").replace(before, after, data.draw(st.integers(1, 3))), encoding="utf-8"
            )
            warm = _problems(folder), _built(folder)
            with monkeypatch.context() as cold:
                cold.setenv("XDG_CACHE_HOME", f"{top}/cold{step}")
                assert warm == (_problems(folder), _built(folder))
        shutil.rmtree(folder)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The names of the files that are read, in order."""
    names: list[str] = []
    before = parts.read_parts

    def noted(piece: Piece) -> Iterator[parts.Part]:
        names.append(Path(piece.path).name)
        return before(piece)

    monkeypatch.setattr(parts, "read_parts", noted)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return names


def test_a_file_that_has_not_changed_is_not_read_again(read: list[str], make_kb: Make) -> None:
    folder = make_kb(**FILES)
    _problems(folder)
    assert len(read) == 7
    read.clear()
    _problems(folder)
    assert read == []
    path = folder / "facts" / "more.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("can", "may"), encoding="utf-8")
    _problems(folder)
    assert read == ["more.yaml"]


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data[:0], lambda data: data[:60] + b"\xff" + data[61:]])
def test_what_is_damaged_is_read_anew(spoil: Callable[[bytes], bytes], read: list[str], make_kb: Make, tmp_path: Path) -> None:
    folder = make_kb(**FILES, **{"facts/bad.yaml": [_fact(1, modality="cna")]})
    problems = _problems(folder)
    assert problems
    read.clear()
    kept = [path for path in (tmp_path / "cache" / "linked-kb" / "parts").rglob("*") if path.is_file()]
    assert len(kept) == 8
    for path in kept:
        path.write_bytes(spoil(path.read_bytes()))
    assert _problems(folder) == problems
    assert len(read) == 8


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    make_kb: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert _problems(make_kb(**FILES)) == []


def test_what_was_not_used_for_longest_makes_room(make_kb: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(part_cache, "MAX_SIZE", 10)
    _problems(make_kb(**FILES))
    assert [path for path in (tmp_path / "cache" / "linked-kb" / "parts").rglob("*") if path.is_file()] == []


def test_workers_give_the_same_bytes_and_problems(make_kb: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = [f"{letter}{number}" for letter in "ab" for number in ("", *range(12))]
    document = json.loads((make_kb() / "documents" / "leaflet.yaml").read_text(encoding="utf-8"))
    facts = [_fact(each, document=names[each % len(names)], modality="is") for each in range(400)]
    folder = make_kb(
        "many",
        **{
            "documents/leaflet.yaml": None,
            "documents/all.jsonl": "".join(f"{json.dumps(document | {'id': name})}\n" for name in names),
            "facts/leaflet.yaml": None,
            "facts/all.jsonl": "".join(f"{json.dumps(each)}\n" for each in facts),
        },
    )
    monkeypatch.setattr(reading, "LEAST_SHARED", 0)
    monkeypatch.setattr(joining.choose_bounds, "__defaults__", (1000,))
    monkeypatch.setattr(sorted_runs, "_MOST_VALUES", 3)
    monkeypatch.setattr(sorted_runs, "_MARKED", 2)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pipeline.build(folder, tmp_path / "one.nq")
    pipeline.build(folder, tmp_path / "three.nq", workers=3)
    assert (tmp_path / "three.nq").read_bytes() == (tmp_path / "one.nq").read_bytes()
    whole = pipeline.load(folder)
    assert (tmp_path / "one.nq").read_text(encoding="utf-8") == pipeline.export(whole, "nq")
    monkeypatch.setattr(sorting, "_BLOCK", 100)  # ends of blocks are no ends of lines
    for suffix in ("nt", "ttl"):
        pipeline.build(folder, tmp_path / f"three.{suffix}", workers=3)
        assert (tmp_path / f"three.{suffix}").read_text(encoding="utf-8") == pipeline.export(whole, suffix)
    with (folder / "facts" / "all.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(each)}\n" for each in [*facts[:2], _fact(9, subject="examplor", document="a")])
    problems = pipeline.check(folder, keep=False, workers=3).problems
    assert problems == pipeline.check(folder, keep=False).problems == pipeline.check(folder).problems
    assert {each.code for each in problems} == {"KB311", "KB301"}


def test_a_worker_that_is_killed_is_reported() -> None:
    with pytest.raises(KbError, match="KB784"):
        list(share(lambda _: os.kill(os.getpid(), signal.SIGKILL), [1, 2], 2))
