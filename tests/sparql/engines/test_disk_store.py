"""Stores on disk are published completely, stay for their readers, and are never used when they are damaged."""

from __future__ import annotations

import errno
import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kb import queries
from kb.files import durability
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.queries.store_build import build_store, check_store, open_fresh, open_store
from kb.sparql import engines
from kb.sparql.engines import disk_store
from kb.sparql.values import Question

ABOUT = {"content": "/nowhere", "facts": 0}
BASE = b"{}"


def build(folder: Path, nquads: Iterable[str], **options: Any) -> Any:
    return disk_store.build(folder, lambda made: disk_store.fill(made, map(str.encode, nquads), BASE, ABOUT, **options))


def lines(count: int, word: str = "o") -> Iterator[str]:
    return (f'<http://e.org/s{i}> <http://e.org/p> "{word} \u2028 <x> {i}" <http://e.org/g{i % 3}> .\n' for i in range(count))


def made(folder: Path, count: int = 100, word: str = "o") -> Any:
    return build(folder, lines(count, word))


def codes(error: pytest.ExceptionInfo[KbError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def rows(store: Path, text: str) -> Any:
    load, ask = engines.import_engine("oxigraph")
    question = Question(b"", text, {}, "http://e.org/", store=disk_store.open_build(store).disk_store)
    return ask(load(question), question).rows


def test_each_statement_is_stored_once_and_the_default_graph_is_the_union(tmp_path: Path) -> None:
    statements = [*lines(100), '<http://e.org/s1> <http://e.org/p> "again" <http://e.org/g2> .\n']
    manifest = build(tmp_path / "store", statements)
    assert (manifest["quads"], len(manifest["graphs"])) == (101, 3)
    assert len(disk_store.open_read_only(disk_store.open_build(tmp_path / "store").disk_store)) == 101
    counted = rows(tmp_path / "store", "SELECT (COUNT(*) AS ?n) (SUM(STRLEN(STR(?o))) AS ?all) { ?s ?p ?o }")
    assert counted[0][0].startswith('"101"')
    assert rows(tmp_path / "store", 'SELECT ?g { GRAPH ?g { ?s ?p "again" } }') == (("<http://e.org/g2>",),)
    assert list(disk_store.verify(tmp_path / "store")) == []


def test_a_reader_keeps_its_build_while_new_ones_are_made_and_the_old_goes_after_it(tmp_path: Path) -> None:
    store = tmp_path / "store"
    made(store, word="first")
    reading = disk_store.open_build(store)
    made(store, word="second")
    made(store, word="third")
    assert len(list(store.glob("build-*"))) == 2
    load, ask = engines.import_engine("oxigraph")
    question = Question(b"", "SELECT ?o { <http://e.org/s7> ?p ?o }", {}, "http://e.org/", store=reading.disk_store)
    assert "first" in str(ask(load(question), question).rows[0][0])
    assert "third" in str(rows(store, "SELECT ?o { <http://e.org/s7> ?p ?o }")[0][0])
    del reading, question
    gc.collect()
    made(store, word="fourth")
    assert len(list(store.glob("build-*"))) == 1


@pytest.mark.parametrize("cut", [0, 0.5, 0.99])
def test_a_truncated_file_is_reported_at_opening_whichever_it_is(tmp_path: Path, cut: float) -> None:
    store = tmp_path / "store"
    made(store)
    (build,) = store.glob("build-*")
    damaged = 0
    for path in sorted(build.rglob("*")):
        if not path.is_file() or path.name in {"LOG", "LOCK"} or not path.stat().st_size:
            continue
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * cut)])
        with pytest.raises(KbError) as error:
            disk_store.open_build(store)
        assert codes(error) == ["KB653"]
        assert error.value.exit_code == 6
        path.write_bytes(content)
        damaged += 1
    assert damaged > 5
    assert disk_store.open_build(store)


def test_a_flipped_bit_is_found_by_a_check_wherever_it_is(tmp_path: Path) -> None:
    store = tmp_path / "store"
    made(store, 2000)
    (build,) = store.glob("build-*")
    for path in sorted((build / "data").glob("*.sst")):
        content = path.read_bytes()
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 4]) + content[-8:])
        assert [problem.code for problem in disk_store.verify(store)] == ["KB653"]
        path.write_bytes(content)
    assert list(disk_store.verify(store)) == []


def test_a_missing_file_or_pointer_is_reported(tmp_path: Path) -> None:
    store = tmp_path / "store"
    made(store)
    (build,) = store.glob("build-*")
    for damage in (
        (build / "data/CURRENT").unlink,
        lambda: (build / "base.json").write_text("{"),
        lambda: shutil.rmtree(build),
        lambda: (store / "current").write_text("../elsewhere"),
        lambda: (store / "current").write_bytes(b"\xff"),
    ):
        damage()
        with pytest.raises(KbError) as error:
            disk_store.open_build(store)
        assert codes(error) == ["KB653"]


def test_a_folder_that_is_no_store_is_neither_read_nor_written(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for place in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(KbError) as error:
            made(place)
        assert codes(error) == ["KB651"]
    for place in (tmp_path, tmp_path / "none", tmp_path / "mine.txt"):
        with pytest.raises(KbError) as error:
            disk_store.open_build(place)
        assert codes(error) == ["KB651"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_two_cannot_build_at_once(tmp_path: Path) -> None:
    def late() -> Iterator[str]:
        with pytest.raises(KbError) as error:
            made(tmp_path / "store")
        assert codes(error) == ["KB652"]
        assert error.value.exit_code == 6
        yield from lines(10)

    assert build(tmp_path / "store", late())["quads"] == 10


def test_what_goes_wrong_while_building_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    store = tmp_path / "store"
    made(store)
    before = sorted(path.name for path in store.iterdir())

    def broken() -> Iterator[str]:
        yield from lines(10)
        raise KeyboardInterrupt

    def full() -> Iterator[str]:
        yield from lines(10)
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(KeyboardInterrupt):
        build(store, broken())
    with pytest.raises(KbError) as error:
        build(store, full())
    assert codes(error) == ["KB701"]
    with pytest.raises(KbError) as error:
        disk_store.require_space(store, 1 << 62)
    assert codes(error) == ["KB654"]
    assert sorted(path.name for path in store.iterdir()) == before
    assert len(rows(store, "SELECT * { ?s ?p ?o }")) == 100


KILLED = """
import os, sys
from pathlib import Path
from kb.sparql.engines import disk_store
def lines():
    for i in range(10**9):
        if i == 30000:
            print("half", flush=True)
        yield b'<http://e.org/s%d> <http://e.org/p> "%d" <http://e.org/g> .\\n' % (i, i)
disk_store.build(Path(sys.argv[1]), lambda made: disk_store.fill(made, lines(), b"", {}))
"""


def test_a_published_build_stays_if_the_disk_does_not_confirm_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, 100)

    def fail(_: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(durability, "flush_folder", fail)
        with pytest.raises(KbError, match="It is written, but the disk does not confirm") as caught:
            made(tmp_path, 200)
    assert codes(caught) == ["KB701"]
    assert disk_store.open_build(tmp_path).manifest["quads"] == 200
    assert not list(disk_store.verify(tmp_path))
    made(tmp_path, 300)
    assert disk_store.open_build(tmp_path).manifest["quads"] == 300


def test_a_build_can_replace_a_store_whose_pointer_is_damaged(tmp_path: Path) -> None:
    made(tmp_path, 100)
    (tmp_path / "current").write_text("nonsense", encoding="ascii")
    made(tmp_path, 200)
    assert disk_store.open_build(tmp_path).manifest["quads"] == 200
    assert len(list(tmp_path.glob("build-*"))) == 1


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    store = tmp_path / "store"
    made(store)
    with subprocess.Popen([sys.executable, "-c", KILLED, str(store)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL)
    assert len(list(store.glob("build-*"))) == 2
    assert len(rows(store, "SELECT * { ?s ?p ?o }")) == 100
    made(store, 7)
    assert len(list(store.glob("build-*"))) == 1
    assert len(rows(store, "SELECT * { ?s ?p ?o }")) == 7


def test_every_named_query_gives_the_same_from_a_store(shipped: KnowledgeBase, tmp_path: Path) -> None:
    build_store(shipped.folder, tmp_path / "store")
    stored, base = open_store(tmp_path / "store"), queries.compile_base(shipped)
    names = [query.name for query in queries.named_queries(stored)]
    assert names == [query.name for query in queries.named_queries(base)]
    assert (stored.labels, stored.graphs, stored.about) == (base.labels, base.graphs, base.about)
    assert (stored.names.base, stored.names.prefixes) == (base.names.base, base.names.prefixes)
    assert sorted(stored.quads().splitlines()) == sorted(base.quads().splitlines())
    for name in names[::6]:  # each takes a process; the engine is the same for all
        query = queries.find_query(stored, name)
        assert queries.ask(stored, query.text) == queries.ask(base, query.text)


def test_a_store_is_the_same_by_any_number_of_workers_and_with_its_files_merged(
    make_kb: Callable[..., Path], tmp_path: Path, run_kb: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = str(make_kb())
    for number, options in enumerate((["--workers", "1"], ["--workers", "2"], ["--compact"])):
        run_kb("build", "--content", folder, "--store", str(tmp_path / f"{number}"), *options)
    every = "SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"
    one, *others = [rows(tmp_path / f"{number}", every) for number in range(3)]
    assert one
    assert others == [one, one]
    assert all(list(check_store(tmp_path / f"{number}")) == [] for number in range(3))


def test_a_store_says_when_its_content_has_changed(make_kb: Callable[..., Path], tmp_path: Path) -> None:
    folder, store = make_kb(), tmp_path / "store"
    build_store(folder, store)
    assert list(check_store(store)) == []
    os.utime(folder / "terms/terms.yaml", (time.time() + 9, time.time() + 9))
    assert list(check_store(store)) == []
    content = (folder / "terms/terms.yaml").read_text(encoding="utf-8")
    (folder / "terms/terms.yaml").write_text(f"{content} ", encoding="utf-8")
    assert [problem.code for problem in check_store(store)] == ["KB655"]
    reported: list[str] = []
    base = open_fresh(store, lambda problem: reported.append(problem.code))
    assert reported == ["KB655"]
    assert len(queries.ask(base, "SELECT ?d { ?d a kb:Drug }").rows) == 1
    shutil.rmtree(folder)
    assert list(check_store(store)) == []


def test_a_changed_query_file_is_used_instead_of_its_copy_in_the_store(make_kb: Callable[..., Path], tmp_path: Path) -> None:
    query = "# title: D\n# question: Which?\n# columns: [{0}]\nSELECT ?{0} {{ ?{0} a kb:Drug }}\n"
    folder, store = make_kb(**{"queries/mine.rq": query.format("one")}), tmp_path / "store"
    build_store(folder, store)
    assert queries.find_query(open_store(store), "mine").columns == ("one",)
    (folder / "queries/mine.rq").write_text(query.format("other"), encoding="utf-8")
    assert queries.find_query(open_store(store), "mine").columns == ("other",)
    shutil.rmtree(folder)
    assert queries.find_query(open_store(store), "mine").columns == ("one",)


def test_the_command_builds_asks_and_checks(
    make_kb: Callable[..., Path], tmp_path: Path, run_kb: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder, store = str(make_kb()), str(tmp_path / "store")
    assert run_kb("build", "--content", folder, "--store", store).stdout.startswith(f"Built {store}: 1 fact, ")
    process = run_kb("query", "side-effects", "--store", store, "-f", "csv")
    assert process.stdout.splitlines()[1].startswith("examplol,itch,can,,rare")
    assert process.stderr == ""
    assert (
        run_kb("query", "-e", "SELECT ?g { GRAPH ?g { ?d a kb:Drug } }", "--store", store, "--no-header").stdout
        == "graph/vocabulary\n"
    )
    assert run_kb("query", "side-effects", "--store", store, "--engine", "rdflib").returncode == 2
    assert run_kb("build", "--check", "--store", store).stdout == "The store is complete and up to date.\n"
    (manifest,) = Path(store).glob("build-*/data/MANIFEST-*")
    manifest.write_bytes(b"")
    assert run_kb("query", "side-effects", "--store", store).returncode == 6
    assert run_kb("build", "--check", "--store", store).returncode == 6


def test_a_query_over_a_store_runs_with_nothing_open_to_it(shipped: KnowledgeBase, tmp_path: Path) -> None:
    build_store(shipped.folder, tmp_path / "store")
    base = open_store(tmp_path / "store")
    answer = queries.ask(base, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?o ?q ?r }")
    assert len(answer.rows) == 1
    with pytest.raises(KbError, match="KB603"):
        queries.ask(base, "SELECT * { SERVICE <http://e.org/> { ?s ?p ?o } }")
