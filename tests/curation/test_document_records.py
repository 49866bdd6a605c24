"""A document record is made from its text, keeps corrections, and ships only the text that rights allow."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import pipeline, queries, resources
from kb.curation import document_records
from kb.curation.canonical import canonicalize
from kb.curation.document_records import DocumentDetails
from kb.formats import registry
from kb.formats.registry import FORMATS
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Place
from kb.rdf.facts import Model
from kb.records import resolve
from kb.release import export_folder, leaks, making
from kb.reports import coverage, heatmap, show
from kb.texts import normal_form, sentence_splitter, sources

TEXT = (
    "What it is\n\nExamplol is a made-up medicine that nobody has ever taken or will take.\n\n"
    "What it does\n\nIt can cause itching.More is not known, e.g. of sleep. Take 0.5 mg.\n"
)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def empty(make_kb: Callable[..., Path]) -> Path:
    return make_kb(documents__leaflet=None, **{"documents/leaflet.yaml": None, "facts/leaflet.yaml": None})


def write(folder: Path, text: str, name: str = "new.txt") -> Path:
    path = folder.parent / name
    path.write_bytes(text.encode("utf-8"))
    return path


def test_the_topic_of_a_document_is_a_term_and_stays(empty: Path, run_kb: Run) -> None:
    add = ("document", "add", str(write(empty, TEXT)), "--content", str(empty))
    done = run_kb(*add, "--topic", "exampol")
    assert (done.returncode, "KB301" in done.stderr, (empty / "documents/new.yaml").exists()) == (1, True, False)
    assert run_kb(*add, "--topic", "examplol").returncode == 0
    assert run_kb(*add, "--replace", "--title", "Another").returncode == 0
    base = pipeline.load(empty)
    assert (base.documents["new"].topic, base.documents["new"].title) == (("examplol",), "Another")
    record = empty / "documents/new.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("[examplol]", "[other]"), encoding="utf-8")
    assert [problem.code for problem in pipeline.check(empty).problems if problem.code != "KB403"] == ["KB301"]


def test_a_new_record_is_valid_and_contains_no_text(empty: Path, run_kb: Run) -> None:
    file = write(empty, TEXT)
    done = run_kb("document", "add", str(file), "--content", str(empty), "--title", "A made-up one")
    assert done.returncode == 0, done.stderr
    assert "2 headings, 4 sentences, text held-elsewhere" in done.stdout
    record = (empty / "documents/new.yaml").read_text(encoding="utf-8")
    assert record.startswith("# yaml-language-server: $schema=")
    assert "cause itching" not in record
    assert not pipeline.check(empty, shapes="all").problems
    value = yaml.safe_load(record)
    for sentence in value["sentences"]:
        words = TEXT[sentence["start"] : sentence["end"]]
        assert sha256(words.encode()).hexdigest() == sentence["sha256"]
    assert (value["sha256"], value["characters"]) == (sha256(TEXT.encode()).hexdigest(), len(TEXT))


def test_a_record_is_not_overwritten_without_replace(empty: Path, run_kb: Run) -> None:
    file = write(empty, TEXT)
    assert run_kb("document", "add", str(file), "--content", str(empty)).returncode == 0
    before = (empty / "documents/new.yaml").read_bytes()
    again = run_kb("document", "add", str(file), "--content", str(empty), "--title", "Another")
    assert (again.returncode, (empty / "documents/new.yaml").read_bytes()) == (2, before)
    assert "KB416" in again.stderr


def test_corrections_are_kept_and_their_digests_recomputed(empty: Path) -> None:
    file = write(empty, TEXT)
    path = document_records.add_document(empty, file, DocumentDetails(title="Mine")).path
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    first, second = value["sentences"][3:5]
    first["end"] = second["end"]
    second_id = second["id"]
    value["sentences"].remove(second)
    value["sentences"][1]["exempt"] = {"reason": "no-claim"}
    path.write_text("# by hand\n" + canonicalize(json.dumps(value), "document", ""), encoding="utf-8")
    added = document_records.add_document(empty, file, DocumentDetails(), replace=True)
    renewed = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# by hand\n")
    assert canonicalize(text, "document", "") == text
    assert added.corrected == (first["id"],)
    assert second_id not in {each["id"] for each in renewed["sentences"]}
    assert renewed["sentences"][3]["sha256"] == sha256(TEXT[first["start"] : first["end"]].encode()).hexdigest()
    assert renewed["sentences"][1]["exempt"] == {"reason": "no-claim"}
    assert renewed["title"] == "Mine"
    assert not document_records.add_document(empty, file, DocumentDetails(), replace=True).changed
    assert not pipeline.check(empty).problems


def test_a_changed_text_is_not_split_again_if_facts_rest_on_it(make_kb: Callable[..., Path]) -> None:
    folder = make_kb()
    file = write(folder, TEXT, "leaflet.txt")
    before = (folder / "documents/leaflet.yaml").read_bytes()
    with pytest.raises(KbError) as raised:
        document_records.add_document(folder, file, DocumentDetails(), replace=True)
    assert [problem.code for problem in raised.value.problems] == ["KB419"]
    assert (folder / "documents/leaflet.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("about", "code"),
    [
        (DocumentDetails(id="No Id"), "KB832"),
        (DocumentDetails(licence="open"), "KB832"),
        (DocumentDetails(source="example.org"), "KB832"),
        (DocumentDetails(ship=True), "KB418"),
    ],
)
def test_invalid_details_are_rejected_and_nothing_is_written(empty: Path, about: DocumentDetails, code: str) -> None:
    file = write(empty, TEXT)
    with pytest.raises(KbError) as raised:
        document_records.add_document(empty, file, about)
    assert [problem.code for problem in raised.value.problems] == [code]
    assert not list((empty / "documents").iterdir())


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.docx", b"PK", "KB411"),
        ("a.txt", b"", "KB412"),
        ("a.html", b"<p hidden>words</p>", "KB412"),
        ("a.txt", b"caf\xe9", "KB103"),
    ],
)
def test_an_unreadable_text_is_reported_with_the_reason(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(KbError) as raised:
        normal_form.read(tmp_path / name)
    assert [problem.code for problem in raised.value.problems] == [code]


def test_a_text_with_an_open_licence_ships_unchanged(empty: Path) -> None:
    file = write(empty, "# Examplol\n\nIt is *new*.  It helps.\n", "new.md")
    document_records.add_document(empty, file, DocumentDetails(licence="CC-BY-4.0"))
    assert (empty / "documents/new.md").read_bytes() == file.read_bytes()
    base = pipeline.load(empty)
    document = base.documents["new"]
    assert [document.words[sentence.start : sentence.end] for sentence in document.sentences] == [
        "Examplol",
        "It is new.",
        "It helps.",
    ]
    assert document.words_sha256 == sha256(document.words.encode()).hexdigest() != document.sha256


def test_what_was_written_is_shown_and_another_licence_of_the_text_is_warned_of(empty: Path, run_kb: Run) -> None:
    text = "---\ntitle: The text\nlanguage: de\nlicense: {}\n---\nExamplol hilft.\n"
    path = str(write(empty, text.format("CC-BY-NC-4.0"), "new.md"))
    options = ("--content", str(empty), "--replace", "--title", "Mine", "--language", "en")
    done = run_kb("document", "add", path, *options)
    assert [word in done.stdout for word in ("Mine", "The text", "Warning")] == [True, False, False]
    done = run_kb("document", "add", path, *options, "--licence", "CC BY 4.0")
    assert "license: https://creativecommons.org/licenses/by/4.0/" in done.stdout
    assert "Warning: the text states the licence 'https://creativecommons.org/licenses/by-nc/4.0/'" in done.stdout
    report = json.loads(run_kb("document", "add", path, *options, "--format", "json").stdout)
    assert (report["record"]["text"], len(report["warnings"])) == ("shipped", 1)
    other = str(write(empty, text.format("All rights reserved"), "other.md"))
    assert "Warning" not in run_kb("document", "add", other, "--content", str(empty)).stdout
    done = run_kb("document", "add", other, *options, "--licence", "CC0-1.0")
    assert "Warning: the text states its rights as 'Licence: All rights reserved.'" in done.stdout


def test_a_shipped_text_is_quoted_in_exports_with_its_context() -> None:
    base = pipeline.load(resources.example())
    graph = pipeline.export(base, "nt")
    selector = f"<{base.dataset.base}document/zelorin-leaflet/s4.4/quote> <http://www.w3.org/ns/oa#"
    assert f'{selector}exact> "Zelorin does not cause drowsiness." .\n' in graph
    assert f'{selector}prefix> " may cause a serious skin rash. " .\n' in graph
    assert f'{selector}suffix> "\\n\\nStopping zelorin\\n\\nIf you stop " .\n' in graph


def test_the_example_is_valid_decided_and_matches_its_text() -> None:
    folder = resources.example()
    checked = pipeline.check(folder, shapes="all")
    assert checked.kb is not None
    assert not checked.problems
    assert {each.status for each in coverage.list_decisions(checked.kb)} == {"covered", "exempted"}
    text = sources.read_texts(checked.kb.documents.values(), folder, {})["zelorin-leaflet"]
    positions = [(passage.id, passage.start, passage.end) for passage in sentence_splitter.split(text)]
    assert positions == [
        (sentence.id, sentence.start, sentence.end) for sentence in checked.kb.documents["zelorin-leaflet"].sentences
    ]


def test_a_changed_shipped_text_is_rejected(tmp_path: Path, run_kb: Run) -> None:
    import shutil

    folder = tmp_path / "copy"
    shutil.copytree(resources.example(), folder)
    text = folder / "documents/zelorin-leaflet.txt"
    text.write_text(text.read_text(encoding="utf-8").replace("does not cause", "does often cause"), encoding="utf-8")
    done = run_kb("validate", "--content", str(folder), "--shapes", "none")
    assert done.returncode == 1
    assert set(re.findall("KB[0-9]+", done.stdout)) == {"KB414", "KB415"}
    assert "'s4.4'" in done.stdout


# No export holds text that is held elsewhere.


def runs(text: str) -> set[str]:
    """Give every run of eight words."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + 8]) for at in range(len(words) - 7)}


def everything(base: KnowledgeBase, place: Path) -> Iterator[tuple[str, str]]:
    """Write a knowledge base in every way there is: formats, statement models, answers, pages, coverage, releases."""
    making.make(base, place, options=making.ReleaseOptions(full=True))
    for path in place.rglob("*"):
        for decoded in leaks.decoded_texts(path) if path.is_file() else ():
            yield f"release/{path.name}", decoded
    models: tuple[Model, ...] = ("full", "plain", "named-graphs", "rdf12", "nanopubs")
    for model in models:
        for fmt in FORMATS:
            if registry.can_carry(fmt, model):
                yield f"{model} {fmt.name}", pipeline.export(base, fmt.name, model)
    for query, answer in queries.answer_named_queries(queries.compile_base(base)):
        yield f"query {query.name}", json.dumps([list(map(str, row)) for row in answer.rows])
    for name, text in export_folder.export_files(base, FORMATS, "full", complete=True).items():
        yield f"exports/{name}", text.decode("utf-8", "replace")
    measured = coverage.measure(base)
    at_hand = {name: document.words for name, document in base.documents.items() if document.words}
    yield "coverage", json.dumps(coverage.to_json(measured))
    yield "coverage.html", heatmap.html(measured, base, at_hand)
    yield "statistics", json.dumps(coverage.count_contents(base))
    compiled = queries.compile_base(base)
    for name in (*list(base.terms)[:2], *list(base.predicates)[:2], *base.documents, *(fact.path for fact in base.facts[:2])):
        yield f"show {name}", "\n".join(show.describe(compiled, name))
    yield "sentences", "\n".join(str(each) for name in base.documents for each in document_records.read_sentences(base, name))


def test_no_export_contains_eight_words_of_a_withheld_text(tmp_path: Path) -> None:
    folder = resources.example()
    words = (folder / "documents/zelorin-leaflet.txt").read_text(encoding="utf-8")
    shipping = pipeline.load(folder)
    held = shipping._replace(
        documents={name: value._replace(text="held-elsewhere", words="") for name, value in shipping.documents.items()}
    )
    secret = runs(words)
    assert len(secret) > 100
    assert secret & runs(pipeline.export(shipping, "ntriples"))  # the search finds what is there
    for name, text in everything(held, tmp_path / "held"):
        assert not secret & runs(text), name


WORDS = st.lists(st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=8), min_size=24, max_size=60)


@settings(max_examples=settings().max_examples // 3)
@given(words=WORDS, marks=st.lists(st.sampled_from([" ", ". ", ", ", "\n\n", ".", " • "]), min_size=60, max_size=60))
def test_no_random_text_leaks_its_words(words: list[str], marks: list[str]) -> None:
    text = "".join(word + mark for word, mark in zip(words, marks, strict=False))
    read = normal_form.parse(text.encode(), "text/plain", "text")
    value = {
        **document_records._measures(read),
        **document_records._passages(read),
        "id": "new",
        "title": "T",
        "language": "en",
        "rights": "R",
        "text": "held-elsewhere",
    }
    document = resolve.parse_document(Record("document", value, Place("text")))
    base = pipeline.load(resources.example())._replace(documents={"new": document}, facts=(), mappings=())
    secret = runs(text)
    for fmt in FORMATS:
        assert not secret & runs(pipeline.export(base, fmt.name))
    assert not secret & runs(canonicalize(json.dumps(value), "document", ""))
