"""A release is atomic and reproducible, and contains no withheld text."""

from __future__ import annotations

import errno
import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.release import checking, content, export_folder, leaks, making, manifest
from kb.release.draft import Draft

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "content"
Run = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Path]


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_release_has_all_exports_metadata_and_checksums(release: Path) -> None:
    released = names(release)
    assert {
        ".zenodo.json", "CHANGELOG.md", "CITATION.cff", "LICENSE", "README.md", "SHA256SUMS", "croissant.json", "datacite.json",
        "datapackage.json", "dcat.ttl", "losses.json", "ro-crate-metadata.json", "schemaorg.jsonld", "csv/facts.csv",
        "kgx/clonazepam_edges.jsonl", "neo4j/nodes.csv", "parquet/nodes.parquet", "graphml/clonazepam.graphml",
        "hrt/clonazepam.hrt.tsv", "mappings/clonazepam.sssom.tsv", "queries/side-effects.rq", "schemas/fact.schema.json",
        "schemas/prefixes.jsonld", "schemas/prefixes.ttl", "rdf/clonazepam.nq.gz", "rdf/clonazepam.rdf12.ttl",
    } <= released  # fmt: skip
    assert {f"rdf/clonazepam.{suffix}" for suffix in ("ttl", "jsonld", "nt", "nq", "trig", "rdf")} <= released
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert dict(line.split("  ")[::-1] for line in lines) == {
        name: sha256((release / name).read_bytes()).hexdigest() for name in released - {"SHA256SUMS"}
    }


def test_only_large_files_have_a_compressed_copy(release: Path) -> None:
    packed = {name.removesuffix(".gz") for name in names(release) if name.endswith(".gz")}
    data = {name for name in names(release) if not name.endswith(".gz") and name.partition("/")[0] in {"rdf", "csv", "kgx"}}
    assert packed == {name for name in data if (release / name).stat().st_size >= content.LARGE}
    for name in packed:
        assert gzip.decompress((release / f"{name}.gz").read_bytes()) == (release / name).read_bytes()


def test_the_same_content_gives_the_same_bytes_at_any_time_and_path(rich: Path, rich_content: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kb", "release", "--content", str(rich_content), str(tmp_path / "deep" / "again")]
    environment = {**os.environ, "PYTHONHASHSEED": "5", "TZ": "Pacific/Auckland", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert names(tmp_path / "deep" / "again") == names(rich)
    for name in names(rich):
        assert (tmp_path / "deep" / "again" / name).read_bytes() == (rich / name).read_bytes(), name


def test_an_existing_folder_is_not_changed(tmp_path: Path, run_kb: Run) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine", encoding="utf-8")
    result = run_kb("release", str(tmp_path / "mine"))
    assert (result.returncode, "KB711" in result.stderr) == (2, True)
    assert names(tmp_path / "mine") == {"file"}


def test_the_remains_of_a_killed_run_are_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kb = pipeline.load(GOLDEN)
    monkeypatch.setattr(making, "PARTS", (manifest.PARTS[0], manifest.ReleasePart("end", "", "kill:me")))
    child = os.fork()
    if not child:
        making.make(
            kb, tmp_path / "release", None, lambda part: os.kill(os.getpid(), signal.SIGKILL) if part.name == "end" else None
        )
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".release.")
    monkeypatch.setattr(making, "PARTS", manifest.PARTS[:1])
    making.make(kb, tmp_path / "release")
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KbError, match=r"KB701.*No space left"):
        making.make(pipeline.load(GOLDEN), tmp_path / "release")
    assert not list(tmp_path.iterdir())


_TEXT = "Examplol was found to itch, which nobody liked."


@pytest.fixture
def leaking(make_kb: Make) -> KnowledgeBase:
    """A knowledge base in which a curator noted the very words of a text that is held elsewhere."""
    folder = make_kb()
    document = folder / "documents" / "leaflet.yaml"
    digest = sha256(_TEXT.encode()).hexdigest()
    text = document.read_text(encoding="utf-8")
    start = text.index('"id": "s1.1"')
    changed = text[start:].replace('"end": 40', f'"end": {11 + len(_TEXT)}', 1).replace('"start": 41', '"start": 60', 1)
    changed = changed.replace("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", digest, 1)
    document.write_text(text[:start] + changed, encoding="utf-8")
    terms = folder / "terms" / "terms.yaml"
    noted = terms.read_text(encoding="utf-8").replace("A wish to scratch.", f"It says: {_TEXT}")
    terms.write_text(noted, encoding="utf-8")
    return pipeline.load(folder)


def test_a_withheld_text_stops_the_release(leaking: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(KbError) as caught:
        making.make(leaking, tmp_path / "out" / "release")
    assert {problem.code for problem in caught.value.problems} == {"KB714"}
    leaking_files = {problem.place.file for problem in caught.value.problems}
    formats = {"csv/terms.csv", "kgx/small_nodes.tsv", "neo4j/nodes.csv", "parquet/nodes.parquet", "graphml/small.graphml"}
    expected = {f"rdf/small.{suffix}" for suffix in ("ttl", "jsonld", "nt", "nq", "trig", "rdf")} | formats
    assert expected - leaking_files <= {"kgx/small_nodes.tsv"}  # where the term is no node
    assert "leaflet/s1.1" in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("x.json", lambda text: f'{{"a": "\\u0041 {text.replace("E", chr(92) + "u0045", 1)}"}}'.encode()),
        ("x.nt.gz", lambda text: gzip.compress(f'<a> <b> "{text}" .'.encode())),
        ("x.xml", lambda text: f"<a>{text.replace(' ', '&#32;')}</a>".encode()),
        ("x.csv", lambda text: f'"{text}","b"'.encode()),
        ("x.txt", lambda text: f"Before. {text} After.".encode()),
    ],
)
def test_a_withheld_sentence_is_found_in_every_encoding(name: str, pack: Callable[[str], bytes], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pack(_TEXT))
    held = {len(_TEXT): {sha256(_TEXT.encode()).hexdigest(): "leaflet/s1.1"}}
    assert [problem.place.file for problem in leaks.find_leaks(tmp_path, held)] == [name]


def test_other_sentences_are_not_found(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("Examplol was found to itch, which somebody did.", encoding="utf-8")
    held = {len(_TEXT): {sha256(_TEXT.encode()).hexdigest(): "leaflet/s1.1"}}
    assert not list(leaks.find_leaks(tmp_path, held))
    assert not list(leaks.find_leaks(tmp_path, {}))


def test_the_sentences_of_the_shipped_knowledge_base_are_searched_for(shipped: KnowledgeBase) -> None:
    held = leaks.find_withheld_sentences(shipped)
    assert sum(map(len, held.values())) == 23


def test_no_text_of_the_document_is_in_any_file_of_the_release(release: Path) -> None:
    folder = os.environ.get("KB_DOCUMENTS")
    if not folder:
        pytest.skip("the text is held elsewhere: set KB_DOCUMENTS to the folder that holds clonazepam-overview.txt")
    words = (Path(folder) / "clonazepam-overview.txt").read_text(encoding="utf-8").split()
    runs = {" ".join(words[index : index + 8]).lower() for index in range(len(words) - 7)}
    for path in release.rglob("*"):
        for text in leaks.decoded_texts(path) if path.is_file() else ():
            words_of_file = " ".join(text.split()).lower()
            assert not [run for run in runs if run in words_of_file], path


def test_the_changelog_lists_changed_facts(rich: Path, rich_content: Path, tmp_path: Path) -> None:
    kb = pipeline.load(rich_content)
    fact, other = kb.facts[0], kb.facts[1]
    changed = kb._replace(facts=(other._replace(note="A new note."), *kb.facts[2:]), dataset=kb.dataset._replace(version="0.2.0"))
    making.make(changed, tmp_path / "next", rich)
    text = (tmp_path / "next" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## 0.2.0 (2026-01-31)" in text
    assert f"| fact | {len(kb.facts)} | {len(kb.facts) - 1} | 0 | 1 | 1 |" in text
    assert f"### Removed\n\n- fact `{fact.path}`" in text
    assert f"- fact `{other.path}`: editorialNote" in text
    assert "| term | 7 | 7 | 0 | 0 | 0 |" in text
    assert "### Added" not in text


@pytest.mark.parametrize("before", ["nothing", "not-a-release"])
def test_an_invalid_previous_release_is_reported(before: str, tmp_path: Path) -> None:
    place = tmp_path / before
    if before == "not-a-release":
        (place / "csv").mkdir(parents=True)
        (place / "csv" / "facts.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(KbError, match="KB821"):
        making.make(pipeline.load(GOLDEN), tmp_path / "next", place)
    assert not (tmp_path / "next").exists()


def test_every_part_has_a_function() -> None:
    for part in manifest.PARTS:
        assert part.what
        assert callable(getattr(__import__(part.home.partition(":")[0], fromlist=["x"]), part.home.partition(":")[2]))


def test_a_draft_records_size_and_digest(shipped: KnowledgeBase, tmp_path: Path) -> None:
    draft = Draft(shipped, tmp_path)
    draft.add("a/b.txt", iter(["one ", "two"]), "Words.", "text/plain")
    file = draft.files["a/b.txt"]
    assert (file.size, file.sha256) == (7, sha256(b"one two").hexdigest())


def test_nanopublications_and_redirects_are_parts(release: Path, rich: Path) -> None:
    facts = (release / "rdf" / "clonazepam.nanopubs.trig").read_text(encoding="utf-8").count(" a np:Nanopublication")
    assert facts == len(pipeline.load(resources.content()).facts)
    assert not (release / "w3id").exists()  # its kb.yaml does not say where it is answered
    rules = [path.read_text(encoding="utf-8") for path in (rich / "w3id").rglob(".htaccess")]
    assert rules
    assert all("https://example.org/" in rule for rule in rules)


FORMS = {
    "SELECT ?l { ?s skos:prefLabel ?l }": ({"csv", "srj"}, b'"vars"'),
    "ASK { ?s skos:prefLabel ?l }": ({"srj"}, b'"boolean": true'),
    "CONSTRUCT { ?s skos:prefLabel ?l } { ?s skos:prefLabel ?l }": ({"ttl"}, b"prefLabel"),
    "DESCRIBE ?s { ?s skos:prefLabel ?l }": ({"ttl"}, b"prefLabel"),
}


@pytest.mark.parametrize("sparql", FORMS)
def test_queries_of_every_form_have_the_same_answers_in_a_valid_release_and_in_exports(
    sparql: str, make_kb: Make, tmp_path: Path
) -> None:
    suffixes, words = FORMS[sparql]
    heading = "# title: Labels\n# question: Which labels are there?\n# columns: []\n"
    kb = pipeline.load(make_kb(**{"queries/labels.rq": f"{heading}{sparql}\n"}))
    making.make(kb, tmp_path / "release")
    exported = export_folder.export_files(kb, [], "full", complete=True)
    released = {name: (tmp_path / "release" / name).read_bytes() for name in names(tmp_path / "release")}
    answers = {f"queries/labels.{suffix}" for suffix in suffixes}
    assert {name for name in released if name.startswith("queries/")} == {*answers, "queries/labels.rq"}
    assert {name: released[name] for name in answers} == {name: exported[name] for name in exported if name in answers}
    assert words in released[max(answers)]
    assert not checking.check_release(tmp_path / "release")
