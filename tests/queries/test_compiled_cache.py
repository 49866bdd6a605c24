"""The cache of compiled knowledge bases is used only for the same content, and never when it is damaged."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from kb import pipeline, queries
from kb.files import fingerprint
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.queries import compiled_cache
from kb.records.folder import SUFFIXES
from kb.records.folder import find_files as record_files

ASK = "SELECT ?label { ?term a kb:Drug ; skos:prefLabel ?label }"


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, in a temporary folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "linked-kb" / "compiled"


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were compiled because the cache could not be used."""
    made: list[Path] = []
    load = pipeline.load

    def counting(folder: Path) -> KnowledgeBase:
        made.append(folder)
        return load(folder)

    monkeypatch.setattr(pipeline, "load", counting)
    return made


def test_the_key_covers_every_file_that_is_read(tmp_path: Path) -> None:
    rooms = ("documents", "terms", "predicates", "facts", "cues")
    names = [f"{room}{end}" for room in rooms for suffix in SUFFIXES for end in (suffix, f"/deep/a{suffix}")]
    for name in ("kb.yaml", "biolink.yaml", "mappings/a.sssom.tsv", *names):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    read = {str(path) for path, _ in record_files(tmp_path, [])}
    assert len(read) == len(names) + 3
    assert read <= {entry.path for entry in fingerprint.content_files(str(tmp_path))}


def test_the_key_covers_compressed_files(make_kb: Callable[..., Path], cache_folder: Path) -> None:
    def packed(label: str) -> bytes:
        about = {"kind": "drug", "definition": "A made-up medicine."}
        terms = [
            {"id": "examplol", "label": label, **about},
            {"id": "itch", "kind": "symptom", "label": "itch", "definition": "A wish to scratch."},
        ]
        return gzip.compress("".join(f"{json.dumps(term)}\n" for term in terms).encode())

    folder = make_kb(**{"terms/terms.yaml": None, "terms.jsonl.gz": packed("one")})
    assert queries.ask(queries.open_base(folder), ASK).rows == (('"one"@en',),)
    (folder / "terms.jsonl.gz").write_bytes(packed("two"))
    assert queries.ask(queries.open_base(folder), ASK).rows == (('"two"@en',),)
    assert cache_folder.is_dir()


def test_a_cached_knowledge_base_is_not_compiled_again_and_gives_the_same(
    make_kb: Callable[..., Path], cache_folder: Path, compilations: list[Path]
) -> None:
    folder = make_kb(queries__mine="", **{"queries/drugs.rq": f"# title: D\n# question: Which?\n# columns: [label]\n{ASK}\n"})
    first, second = queries.open_base(folder), queries.open_base(folder)
    assert compilations == [folder]
    assert len(list(cache_folder.iterdir())) == 1
    assert (first.quads(), first.labels, first.graphs) == (
        second.quads(),
        second.labels,
        second.graphs,
    )
    assert (first.names.base, first.names.prefixes) == (second.names.base, second.names.prefixes)
    assert [query.name for query in queries.named_queries(first)] == [query.name for query in queries.named_queries(second)]
    assert queries.find_query(second, "drugs").question == "Which?"
    assert queries.ask(first, ASK) == queries.ask(second, ASK)
    assert len(queries.ask(second, "SELECT ?g { GRAPH ?g { ?s a kb:Drug } }").rows) == 1
    assert compilations == [folder]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "terms/terms.yaml").write_bytes((folder / "terms/terms.yaml").read_bytes() + b" "),
        lambda folder: (folder / "facts/leaflet.yaml").rename(folder / "facts/other.yaml"),
        lambda folder: (folder / "terms/more.yaml").write_text("[{id: more, kind: drug, label: more, definition: A drug.}]"),
        lambda folder: (folder / "queries").mkdir() or (folder / "queries/x.rq").write_text("ASK {}"),
    ],
)
def test_any_change_of_the_content_is_noticed(
    change: Callable[[Path], object], make_kb: Callable[..., Path], cache_folder: Path, compilations: list[Path]
) -> None:
    folder = make_kb()
    queries.open_base(folder)
    times = [(path, path.stat()) for path in folder.rglob("*")]
    change(folder)
    for path, about in times:
        if path.exists():
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    with suppress(KbError):
        queries.open_base(folder)
    assert compilations == [folder, folder]
    assert cache_folder.is_dir()


def test_another_version_of_kb_does_not_use_the_cache(
    make_kb: Callable[..., Path], cache_folder: Path, compilations: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_kb()
    queries.open_base(folder)
    code = cache_folder.parent.parent.parent / "code"
    code.mkdir()
    (code / "module.py").write_text("pass", encoding="utf-8")
    monkeypatch.setattr(fingerprint, "code_files", lambda: os.scandir(code))
    for count, text in enumerate(("pass", "fail", "fail"), start=2):
        (code / "module.py").write_text(text, encoding="utf-8")
        queries.open_base(folder)
        assert compilations == [folder] * count
    queries.open_base(folder)
    assert compilations == [folder] * 4
    assert cache_folder.is_dir()


def test_a_damaged_file_is_replaced_whichever_byte_is_wrong(
    make_kb: Callable[..., Path], cache_folder: Path, compilations: list[Path]
) -> None:
    folder = make_kb()
    good = queries.ask(queries.open_base(folder), ASK)
    (file,) = cache_folder.iterdir()
    content = file.read_bytes()
    header = content.index(b"\n")
    damages = [content[:cut] for cut in (0, 1, 100, header, header + 1, len(content) // 2, len(content) - 1)]
    places = (3, 80, 140, header - 1, header, header + 1, 2000, len(content) - 9)
    damages += [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in places]
    for damaged in damages:
        file.write_bytes(damaged)
        assert compiled_cache.read(folder) is None
        before = len(compilations)
        again = queries.open_base(folder)
        assert queries.ask(again, ASK) == good
        assert again.quads() == content[-len(again.quads()) :]
        assert len(compilations) > before


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "another's"])
def test_only_a_regular_file_of_the_user_is_read(
    kind: str, make_kb: Callable[..., Path], cache_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_kb()
    queries.open_base(folder)
    (file,) = cache_folder.iterdir()
    assert compiled_cache.read(folder)
    if kind == "another's":
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    else:
        file.rename(tmp_path / "moved")
        if kind == "link":
            file.symlink_to(tmp_path / "moved")
        elif kind == "folder":
            file.mkdir()
        else:
            os.mkfifo(file)
    assert compiled_cache.read(folder) is None


@pytest.fixture
def digests(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read to compute their digest."""
    read: list[Path] = []
    file_sha256 = fingerprint.file_sha256

    def counting(path: str) -> str:
        read.append(Path(path))
        return file_sha256(path)

    monkeypatch.setattr(fingerprint, "file_sha256", counting)
    return read


def test_unchanged_files_are_not_read_again(
    make_kb: Callable[..., Path],
    cache_folder: Path,
    digests: list[Path],
    compilations: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = make_kb()
    queries.open_base(folder)
    files = len(set(digests))
    digests.clear()
    queries.open_base(folder)
    assert len(digests) == files  # written a moment ago, so their stat says nothing yet
    monkeypatch.setattr(fingerprint, "SETTLING_TIME", 0)
    queries.open_base(folder)
    queries.open_base(folder)
    assert len(digests) == 2 * files  # the first time their stat was noted
    os.utime(folder / "terms/terms.yaml")
    queries.open_base(folder)
    queries.open_base(folder)
    assert len(digests) == 2 * files + 1
    assert compilations == [folder]
    (folder / "terms/terms.yaml").write_bytes((folder / "terms/terms.yaml").read_bytes() + b" ")
    queries.open_base(folder)
    assert compilations == [folder, folder]
    assert cache_folder.is_dir()


def test_files_written_twice_within_a_clock_tick_are_distinguished_by_content(
    make_kb: Callable[..., Path], cache_folder: Path
) -> None:
    folder = make_kb()
    before = queries.ask(queries.open_base(folder), ASK).rows
    path = folder / "terms/terms.yaml"
    text, stat = path.read_text(encoding="utf-8"), path.stat()
    name = str(before[0][0]).split('"')[1]
    path.write_text(text.replace(f'"label": "{name}"', f'"label": "{name[::-1]}"'), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert queries.ask(queries.open_base(folder), ASK).rows != before
    assert cache_folder.is_dir()


def test_links_to_files_are_followed(make_kb: Callable[..., Path], cache_folder: Path, compilations: list[Path]) -> None:
    folder = make_kb()
    (folder / "terms/terms.yaml").rename(folder / "terms.original")
    (folder / "terms/terms.yaml").symlink_to(folder / "terms.original")
    queries.open_base(folder)
    queries.open_base(folder)
    assert compilations == [folder]
    (folder / "terms.original").write_bytes((folder / "terms.original").read_bytes() + b" ")
    queries.open_base(folder)
    assert compilations == [folder, folder]
    assert cache_folder.exists()


def test_content_that_changes_while_it_is_read_is_not_cached(
    make_kb: Callable[..., Path], cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = pipeline.load

    def load_while_somebody_writes(folder: Path) -> KnowledgeBase:
        kb = load(folder)
        (folder / "terms/terms.yaml").write_bytes((folder / "terms/terms.yaml").read_bytes() + b" ")
        return kb

    monkeypatch.setattr(pipeline, "load", load_while_somebody_writes)
    queries.open_base(make_kb())
    assert not cache_folder.exists()


def test_queries_work_where_nothing_can_be_cached(make_kb: Callable[..., Path], cache_folder: Path) -> None:
    cache_folder.parent.mkdir(parents=True)
    cache_folder.write_text("a file where the folder should be", encoding="utf-8")
    assert len(queries.ask(queries.open_base(make_kb()), ASK).rows) == 1


def test_only_the_newest_files_stay_in_the_cache(
    make_kb: Callable[..., Path], cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_cache, "MAX_FILES", 2)
    folders = [make_kb(name) for name in ("a", "b", "c")]
    for folder in folders:
        queries.open_base(folder)
    assert len(list(cache_folder.iterdir())) == 2
    assert [bool(compiled_cache.read(folder)) for folder in folders] == [False, True, True]


def test_a_large_knowledge_base_is_not_cached(
    make_kb: Callable[..., Path], cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_cache, "MAX_BYTES", 1000)
    queries.open_base(make_kb())
    assert not cache_folder.exists()


def test_a_warm_answer_imports_none_of_the_readers(tmp_path: Path) -> None:
    heavy = ["yaml", "jsonschema", "jsonschema_rs", "rdflib", "rich", "pyoxigraph", "kb.pipeline", "kb.records"]
    text = f"""
import sys
from kb.cli import run
sys.stdout = open({str(tmp_path / "out")!r}, "w")
assert run(["query", "side-effects"]) == 0
first = [name for name in {heavy} if name in sys.modules]
print(first, file=sys.stderr)
"""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    outputs = [
        subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=True).stderr
        for _ in range(2)
    ]
    assert "kb.pipeline" in outputs[0]
    assert outputs[1].splitlines()[-1] == "[]"
