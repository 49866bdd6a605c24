"""Files of any size: the same bytes and the same problems, however input is cut and whatever memory there is."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import cli, pipeline, resources
from kb.build import chunks, sorted_runs
from kb.files import sorting
from kb.formats import registry
from kb.rdf.facts import Model

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "content"
Make = Callable[..., Path]


@pytest.fixture
def many(make_kb: Make) -> Path:
    """A knowledge base in JSON Lines whose names continue each other, with several documents in no order."""
    names = ["a", "a0", "a1", "a10", "a-2", "ab", "b"]
    base = small_documents(names)
    terms = [{"id": name, "kind": "symptom", "label": name, "definition": "A."} for name in names]
    terms += [{"id": f"d-{name}", "kind": "drug", "label": f"d-{name}", "definition": "A."} for name in names]
    terms.append({"id": "stop", "kind": "event", "label": "stop", "definition": "A."})
    return make_kb(
        **{
            "documents/leaflet.yaml": None,
            "documents/all.jsonl": lines(base),
            "terms/terms.yaml": None,
            "terms/all.jsonl": lines(terms),
            "facts/leaflet.yaml": None,
            "facts/all.jsonl": lines(small_facts(names)),
        }
    )


def lines(values: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


def small_documents(names: list[str]) -> list[dict[str, Any]]:
    digest = "0" * 64
    sentences = [{"id": f"s1.{each + 1}", "start": each * 10, "end": each * 10 + 9, "sha256": digest} for each in range(13)]
    shared = {"title": "t", "language": "en", "rights": "r", "text": "held-elsewhere", "sha256": digest, "bytes": 130}
    return [{"id": name, **shared, "characters": 130, "sentences": sentences} for name in reversed(names)]


def small_facts(names: list[str]) -> list[dict[str, Any]]:
    made = []
    for index in range(len(names) ** 2):
        document, subject = names[index % len(names)], names[index // len(names)]
        for obj in (names[(index * 5 + 2) % len(names)], {"value": f"{index}:1"}):
            fact = {
                "document": document,
                "subject": f"d-{subject}",
                "predicate": "has-side-effect",
                "object": obj,
                "modality": "can",
            }
            evidence = [{"sentence": f"s1.{index % 13 + 1}"}, {"sentence": f"s1.{(index + 5) % 13 + 1}", "supports": ["claim"]}]
            made.append({**fact, "evidence": evidence})
            made.append({**fact, "trigger": "stop", "frequency": "rare", "modality": "may", "evidence": evidence})
    return made


MODELS = [model for model in get_args(Model) if model not in {"lean", "nanopubs"}]


@pytest.mark.parametrize("model", MODELS)
def test_a_build_has_the_bytes_of_an_export(model: Model, many: Path, tmp_path: Path) -> None:
    for content in (many, GOLDEN, *([resources.content()] if model == "full" else [])):
        base = pipeline.load(content)
        for fmt in registry.FORMATS:
            if registry.can_carry(fmt, model):
                output = tmp_path / f"all.{fmt.extension}"
                pipeline.build(content, output, model=model)
                assert output.read_text(encoding="utf-8") == pipeline.export(base, fmt.name, model)


@settings(max_examples=settings().max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    model=st.sampled_from(MODELS), size=st.integers(200, 20_000), values=st.integers(1, 70), memory=st.integers(2_000, 100_000)
)
def test_a_build_has_these_bytes_however_input_is_cut_and_whatever_memory_there_is(
    many: Path, model: Model, size: int, values: int, memory: int
) -> None:
    output = many.parent / "all.nq"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks.cut, "__defaults__", (size,))
        patch.setattr(sorted_runs, "_MOST_VALUES", values)
        patch.setattr(sorting.Sorter.__init__, "__defaults__", ("", memory))
        pipeline.build(many, output, model=model)
    assert output.read_text(encoding="utf-8") == pipeline.export(pipeline.load(many), "nq", model)


def test_compressed_files_hold_the_same_and_are_the_same_each_time(many: Path, tmp_path: Path) -> None:
    pipeline.build(many, tmp_path / "all.nq")
    plain = (tmp_path / "all.nq").read_bytes()
    for name, unpack in (("all.nq.gz", gzip.decompress), ("all.nq.zst", zstd.decompress)):
        pipeline.build(many, tmp_path / name)
        first = (tmp_path / name).read_bytes()
        assert unpack(first) == plain
        pipeline.build(many, tmp_path / name)
        assert (tmp_path / name).read_bytes() == first


def test_problems_are_reported_the_same_however_files_are_cut(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = many / "facts" / "all.jsonl"
    lines = facts.read_text(encoding="utf-8").splitlines()
    lines[20] = lines[20].replace('"can"', '"cna"')
    lines[60] = lines[60].replace('"d-', '"e-')
    lines[90] = lines[90].replace('"s1.', '"s2.')
    lines[100] = lines[100][:-1]
    lines[130] = lines[129]
    facts.write_text("\n".join(lines), encoding="utf-8")
    whole = pipeline.check(many).problems
    monkeypatch.setattr(chunks.cut, "__defaults__", (1000,))
    assert pipeline.check(many).problems == whole
    lines[100] = ""
    facts.write_text("\n".join(lines), encoding="utf-8")
    cut = pipeline.check(many).problems
    monkeypatch.undo()
    assert pipeline.check(many).problems == cut
    assert {(each.code, each.place.line) for each in cut} == {("KB204", 21), ("KB301", 61), ("KB304", 91), ("KB311", 131)}


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_compressed_lines_are_read_like_others(suffix: str, many: Path) -> None:
    before = pipeline.export(pipeline.load(many), "nq")
    facts = many / "facts" / "all.jsonl"
    pack = gzip.compress if suffix == "gz" else zstd.compress
    packed = pack(facts.read_bytes())
    facts.unlink()
    (many / "facts" / f"all.jsonl.{suffix}").write_bytes(packed)
    assert pipeline.export(pipeline.load(many), "nq") == before
    (many / "facts" / f"all.jsonl.{suffix}").write_bytes(pack(b'{"subject": "a", "subject": "b"}\n'))
    (problem,) = (each for each in pipeline.check(many).problems if each.code == "KB105")
    assert str(problem.place).endswith(f"all.jsonl.{suffix}:1:18")
    (many / "facts" / f"all.jsonl.{suffix}").write_bytes(packed[: len(packed) // 2])
    assert {each.code for each in pipeline.check(many).problems} == {"KB114"}


def test_a_build_of_something_bad_writes_nothing(many: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (many / "facts" / "all.jsonl").open("a", encoding="utf-8") as file:
        file.write("{}\n")
    assert cli.run(["build", "--content", str(many), "-o", str(tmp_path / "made" / "all.nq")]) == 1
    assert "KB201" in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_the_summary_says_how_much_was_validated_with_the_shapes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["build", "--content", str(GOLDEN), "-o", str(tmp_path / "all.nq")]
    assert cli.run(args) == 0
    assert "none of the facts (see --shapes) with the SHACL shapes" in capsys.readouterr().err
    assert cli.run([*args, "--shapes", "all"]) == 0
    assert "12 of the facts with the SHACL shapes" in capsys.readouterr().err
