"""Texts come in as they are: each format is known by its content, nothing that means something is lost, and attacks fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.problems import KbError
from kb.texts import normal_form
from kb.texts.normal_form import Text
from kb.texts.normalisation import normalise, words
from kb.verification.cues import tokens

CASES = {
    case["shows"]: case for case in json.loads((Path(__file__).parent / "normal_forms.json").read_text(encoding="utf-8"))["cases"]
}


def parse(text: str, mediatype: str = "text/html") -> Text:
    return normal_form.parse(text.encode(), mediatype, "text")


def list_cells(text: Text) -> list[tuple[str, list[str]]]:
    return [
        (text.words[cell.start : cell.end], [text.words[start:end] for start, end in cell.headers])
        for block in text.blocks
        for cell in block.cells
    ]


def codes(error: KbError) -> set[str]:
    return {problem.code for problem in error.problems}


@pytest.mark.parametrize("suffix", [".txt", ".html", ".xml", ".md", ".json"])
@pytest.mark.parametrize("shows", ["JATS", "SPL", "FHIR", "FHIR in JSON", "XHTML"])
def test_a_file_is_read_by_its_content_whatever_its_name(shows: str, suffix: str, tmp_path: Path) -> None:
    case = CASES[shows]
    (tmp_path / f"text{suffix}").write_text(case["text"], encoding="utf-8")
    text = normal_form.read(tmp_path / f"text{suffix}")
    assert (text.mediatype, text.words) == (case["mediatype"], case["words"])


@pytest.mark.parametrize("start", [b"%PDF-1.7 words", b"PK\x03\x04 words", b"{\\rtf1 words}"])
def test_a_binary_document_is_refused_whatever_its_name(start: bytes, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_bytes(start)
    with pytest.raises(KbError) as raised:
        normal_form.read(tmp_path / "text.txt")
    assert codes(raised.value) == {"KB411"}


@pytest.mark.parametrize(
    ("shows", "stated"),
    [
        ("JATS", {"title": "Marvol and sleep", "language": "en", "identifiers": ("doi:10.1/marvol",)}),
        ("SPL", {"title": "Marvol tablets", "version": "3", "identifiers": ("setid:2", "id:1")}),
        ("FHIR", {"title": "Marvol leaflet", "language": "en"}),
    ],
)
def test_details_are_taken_from_the_text(shows: str, stated: dict[str, object]) -> None:
    details = parse(CASES[shows]["text"], CASES[shows]["mediatype"]).details._asdict()
    assert {key: value for key, value in details.items() if value} == stated


def test_dates_and_licences_are_read_in_their_forms_and_others_are_left_out() -> None:
    page = (
        "<html lang='fr'><head><title> A\n page </title><meta name='DCTERMS.issued' content='2026-03'>"
        "<link rel=license href='http://creativecommons.org/licenses/by/4.0'><p>Words."
    )
    details = parse(page).details
    assert (details.title, details.language, details.issued) == ("A page", "fr", "2026-03")
    assert details.license == "https://creativecommons.org/licenses/by/4.0/"
    other = parse("---\ntitle: T\ndate: 2026-13-40\nlicense: ask us\nlanguage: no such\n---\nWords.\n", "text/markdown").details
    assert other._replace(title="") == (type(other)())


def test_each_cell_knows_its_headers_and_a_cell_that_spans_rows_stands_in_each() -> None:
    case = CASES["cells that span rows and columns, and blocks inside a cell"]
    cells = list_cells(parse(case["text"]))
    assert cells[-3:] == [
        ("rash", ["Effect", "Skin"]),
        ("3 %", ["Patients", "Marvol", "Skin", "rash"]),
        ("none\nmild", ["Patients", "placebo", "Skin", "rash"]),
    ]


def test_a_first_row_of_numbers_is_no_header() -> None:
    cells = list_cells(parse("<table><tr><td>rash<td>1 %<tr><td>itching<td>2 %</table>"))
    assert cells == [("rash", []), ("1 %", ["rash"]), ("itching", []), ("2 %", ["itching"])]


def test_a_first_row_of_words_over_words_is_no_header() -> None:
    cells = list_cells(parse("<table><tr><td>Common<td>itching<tr><td>Rare<td>pain</table>"))
    assert cells == [("Common", []), ("itching", ["Common"]), ("Rare", []), ("pain", ["Rare"])]


def test_cells_of_plain_text_have_headers_too() -> None:
    cells = list_cells(parse("Effect   Marvol   placebo\nrash   2 %   1 %\n", "text/plain"))
    assert cells[-2:] == [("2 %", ["Marvol", "rash"]), ("1 %", ["placebo", "rash"])]


def test_no_word_matches_struck_text() -> None:
    text = parse("<p>Give 5 mg. <del>Give 75 mg to cats.</del> <s>80</s></p>")
    assert [word.text for word in words(normalise(text.words).text)] == ["give", "5", "mg"]
    assert [token.text for token in tokens(text.words, "en")] == ["Give", "5", "mg"]


def test_blocks_that_were_inserted_stand_in_the_brackets_too() -> None:
    assert parse("<ins><p>One.</p><p>Two.</p></ins><p>Three.</p>").words == "⸢One.\nTwo.⸣\nThree.\n"


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p><span style='display:inline-block'>rash</span><span style='display: table-cell'>5 %</span>", "rash\n5 %\n"),
        ("<p>Words <b style='display:inline'>go</b> on.", "Words go on.\n"),
        ("<table><tr><td>1<td style='display:block;vertical-align:text-top'>2<td style='vertical-align:sub'>3", "1\t2\t3\n"),
        ("<table><tr><td>1<td style='text-decoration: line-through'>2<td>3", "1\t2\u0336\t3\n"),
        ("<ul><li>a<li style='text-decoration: line-through'>b<li>c</ul>", "a\nb\u0336\nc\n"),
        ("<pre>rash   5 %\n\n  nausea 3 %\n</pre>", "rash 5 %\nnausea 3 %\n"),
        ("<p>One\ntwo.<pre><b>a\nb</b></pre>c\nd", "One two.\na\nb\nc d\n"),
        ("<p>He said <q>no</q>.<q>Yes.</q>", "He said “no”.“Yes.”\n"),
    ],
)
def test_what_styles_and_elements_keep_apart_or_quote_stays_so(page: str, words: str) -> None:
    assert parse(page).words == words


@pytest.mark.parametrize(
    ("text", "mediatype", "code"),
    [
        ('<!DOCTYPE a [<!ENTITY e "x">]><article><body><p>&e;</p></body></article>', "application/xml", "KB411"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "/etc/passwd">]><article><body><p>&e;</p></body></article>', "application/xml", "KB411"),
        ("<article><body><p>open</body></article>", "application/xml", "KB411"),
        ("<other>words</other>", "application/xml", "KB411"),
        (f"<article><body>{'<p>' * 300}x{'</p>' * 300}</body></article>", "application/xml", "KB411"),
        ('{"resourceType": "Patient", "name": "words"}', "application/fhir+json", "KB411"),
        ("no JSON", "application/fhir+json", "KB411"),
        ("words \x01", "text/plain", "KB108"),
        ("<p>words &#xFFFE;</p>", "text/html", "KB108"),
        ("<table><td rowspan=60000>" + "x" * 1000 + "<tr><td>y" * 30_000 + "</table>", "text/html", "KB111"),
    ],
)
def test_what_no_reader_can_hold_is_refused(text: str, mediatype: str, code: str) -> None:
    with pytest.raises(KbError) as raised:
        parse(text, mediatype)
    assert codes(raised.value) == {code}


def test_a_control_character_is_refused_with_its_place() -> None:
    with pytest.raises(KbError) as raised:
        parse("One.\nTwo \x07 three.\n", "text/plain")
    (problem,) = raised.value.problems
    assert (problem.place.line, problem.place.column) == (2, 5)
