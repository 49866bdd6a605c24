"""Shards, as workers of a cluster make them: cut anywhere, they merge to the bytes and the problems of one machine."""

from __future__ import annotations

import heapq
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.build import parts, reading, refusals, writing
from kb.build.chunks import cut
from kb.build.joining import JoinResult, choose_bounds
from kb.build.step import Step
from kb.build.writing import BuildPlan
from kb.cluster import edges, shards
from kb.cluster.shards import Shard, ShardContext
from kb.model import KnowledgeBase
from kb.records import folder

ROOT = Path(__file__).resolve().parents[2]
Generate = Callable[..., Path]


@pytest.fixture
def generate(tmp_path: Path) -> Generate:
    def run(count: int, *options: str) -> Path:
        command = [sys.executable, "-m", "benchmarks.generate", str(tmp_path / "kb"), str(count), *options]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return tmp_path / "kb"

    return run


def split(content: Path, count: int) -> tuple[reading.BuildInput, KnowledgeBase, list[Shard]]:
    """Do in this process what a cluster does: read small pieces, slice the parts, regroup slices by shard."""
    files = [(path, kind) for path, kind in folder.find_files(content, []) if kind in {"fact", "document"}]
    pieces = list(cut(files, 20_000))
    numbered = [shards.read_piece(piece) for piece in enumerate(pieces)]
    bounds = choose_bounds((part.run for _, part in numbered), count)
    sliced = sorted((piece for part in numbered for piece in shards.slice_part(part, bounds)), key=lambda numbered: numbered[0])
    whole = reading.read(content)
    about = whole.dataset()
    assert about is not None
    kb = whole.vocabulary(about)
    small = list(zip(whole.pieces, whole.parts, strict=True))
    small = [(piece, part) for piece, part in small if piece.kind not in {"fact", "document"}]
    both = [*small, *((pieces[number], part) for number, part in numbered)]
    read = reading.BuildInput(content, tuple(piece for piece, _ in both), tuple(part for _, part in both), ())
    context = ShardContext(bounds, pieces, Step(kb.dataset, kb.terms, kb.predicates), content)
    slices = {number: list(group) for number, group in groupby(sliced, key=lambda numbered: numbered[0])}
    return read, kb, [Shard(number, slices.get(number, []), context) for number in range(len(bounds))]


def check_all(made: list[Shard]) -> JoinResult:
    joined = JoinResult()
    for shard in made:
        joined.add(shard.check())
    return joined


def lines(made: list[Shard]) -> Iterator[Iterator[bytes]]:
    for shard in made:
        yield iter("".join(shard.quads()).encode("utf-8").splitlines(keepends=True))
    claims: dict[int, list[str]] = defaultdict(list)
    for line in (line for shard in made for line in shard.claims()):
        claims[shards.choose_claims_shard(line, 2)].append(line)
    for unsorted in claims.values():
        text = "".join(shards.write_claims((line, None) for line in sorted(unsorted)))
        yield iter(text.encode("utf-8").splitlines(keepends=True))


@pytest.mark.parametrize("count", [1, 3, 7])
def test_shards_merge_to_the_bytes_of_one_machine(generate: Generate, tmp_path: Path, count: int) -> None:
    content = generate(3000, "--files", "3")
    read, kb, made = split(content, count)
    joined = check_all(made)
    assert list(refusals.find_reference_problems(read, kb, joined)) == []
    outside = writing.write_rest(BuildPlan(kb, read.source("fact"), read.source("document"), joined))
    pipeline.build(content, tmp_path / "one.nq")
    assert b"".join(heapq.merge(outside, *lines(made))) == (tmp_path / "one.nq").read_bytes()
    assert len(made) == count


def test_the_problems_of_shards_are_those_of_one_machine(generate: Generate) -> None:
    content = generate(2000, "--bad", "0.03", "--files", "2")
    first, second = sorted((content / "facts").iterdir())
    with second.open("ab") as file:  # the same claim in another file
        file.write(first.read_bytes().splitlines(keepends=True)[0])
    read, kb, made = split(content, 4)
    problems = {*refusals.find_record_problems(read), *refusals.find_reference_problems(read, kb, check_all(made))}
    parts.forget_reread()
    assert sorted(problems) == pipeline.check(content).problems
    assert any(problem.code == "KB311" and "part-00000" in problem.message for problem in problems)


def test_the_edge_table_has_a_row_for_every_fact(generate: Generate) -> None:
    content = generate(1000)
    _, kb, made = split(content, 3)
    rows = [row for shard in made for row in shard.edges()]
    columns = [column.split()[0].strip("`") for column in edges.spark_schema().split(", ")]
    loaded = pipeline.load(content)
    assert [row[0] for row in rows] == [fact.path for fact in loaded.facts]
    assert all(len(row) == len(columns) for row in rows)
    first = dict(zip(columns, rows[0], strict=True))
    assert first["modality"] == loaded.facts[0].qualifiers["modality"]
    assert first["sentences"] == list(loaded.facts[0].sentences)
    assert {("term", term.id, term.kind, term.label) for term in kb.terms.values()} <= set(edges.label_rows(kb))
    assert set(edges.questions()) == {"indications", "side-effects", "withdrawal"}


def test_a_hedged_value_stands_with_its_hedge_in_the_edge_table() -> None:
    kb = pipeline.load(resources.content())
    columns = [column.split()[0].strip("`") for column in edges.spark_schema().split(", ")]
    rows = [dict(zip(columns, edges.edge_row(fact, kb.predicates[fact.predicate]), strict=True)) for fact in kb.facts]
    assert {row["severity"] for row in rows} == {None, "usually mild"}
    assert {row["course"] for row in rows} == {None, "usually self-limiting"}
    assert "rare" in {row["frequency"] for row in rows}


def test_shards_hold_about_as_much_each(generate: Generate) -> None:
    _, _, made = split(generate(6000), 5)
    sizes = [sum(map(len, shard.quads())) for shard in made]
    assert max(sizes) < 2 * min(sizes)
