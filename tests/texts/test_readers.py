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
ARTICLE = "<article><front><article-meta>{}</article-meta></front><body><p>Words.</p></body></article>"


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
    other = parse("---\ntitle: T\ndate: 2026-13-40\nlanguage: no such\n---\nWords.\n", "text/markdown").details
    assert other._replace(title="") == (type(other)())


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("CC-BY-NC-4.0", "licenses/by-nc/4.0/"),
        ("CC BY 4.0", "licenses/by/4.0/"),
        ("cc-by-sa-3.0", "licenses/by-sa/3.0/"),
        (
            "Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International (CC BY-NC-ND 4.0)",
            "licenses/by-nc-nd/4.0/",
        ),
        ("Creative Commons Attribution-ShareAlike 2.5 Generic License", "licenses/by-sa/2.5/"),
        ("CC0", "publicdomain/zero/1.0/"),
        ("http://www.creativecommons.org/licenses/by-nc/4.0/deed.de", "licenses/by-nc/4.0/"),
    ],
)
def test_a_licence_is_known_by_its_usual_names(name: str, path: str) -> None:
    stated = parse(f"---\nlicense: {name}\n---\nWords.\n", "text/markdown").details
    assert (stated.license, stated.rights) == (f"https://creativecommons.org/{path}", "")
    head = f"<html><head><meta name='DC.rights' content='{name}'/></head><body><p>Words.</p></body></html>"
    assert parse(head).details.license == parse(head, "application/xhtml+xml").details.license == stated.license


@pytest.mark.parametrize(
    "words", ["MIT", "All rights reserved.", "CC BY", "CC BY 9.0", "CC BY 4.0 but for the figures", "ask us"]
)
def test_a_licence_that_is_not_known_is_kept_in_words(words: str) -> None:
    for text, mediatype in (
        (f"---\nlicence: {words}\n---\nWords.\n", "text/markdown"),
        (f"<meta name=license content='{words}'><p>Words.", "text/html"),
        (ARTICLE.format(f"<permissions><license><license-p>{words}</license-p></license></permissions>"), "application/xml"),
    ):
        stated = parse(text, mediatype).details
        assert (stated.license, stated.rights) == ("", f"Licence: {words.rstrip('.')}.")


def test_metadata_of_dublin_core_is_taken_from_html_and_xhtml() -> None:
    page = (
        "<html lang='fr'><head><meta name='dc.date' content='2021-02-03'/><meta name='DC.Identifier' content='doi:10.1/x'/>"
        "<meta name='dc.rights' content='Of the maker.'/></head><body><p>Words.</p></body></html>"
    ).replace("'/>", "'></meta>")
    for mediatype in ("text/html", "application/xhtml+xml"):
        stated = parse(page, mediatype).details
        assert (stated.language, stated.issued, stated.identifiers, stated.rights) == (
            "fr",
            "2021-02-03",
            ("doi:10.1/x",),
            "Of the maker.",
        )


@pytest.mark.parametrize(
    ("page", "mediatype"),
    [
        ("<h1>{}</h1><p>Words.</p>", "text/html"),
        ("<html><body><h1>{}</h1><p>Words.</p></body></html>", "application/xhtml+xml"),
        (ARTICLE.format("<title-group><article-title>{}</article-title></title-group>"), "application/xml"),
        ('<document xmlns="urn:hl7-org:v3"><title>{}</title></document>', "application/xml"),
    ],
)
def test_a_title_has_the_marks_of_its_text(page: str, mediatype: str) -> None:
    text = parse(page.format("10<sup>5</sup> CO<sub>2</sub>\n  2<sup>1</sup>/<sub>2</sub>"), mediatype)
    assert text.details.title == "10⁵ CO₂ 2½" == text.words.splitlines()[0]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("iso-8859-1", "Où ça ?"),
        ("windows-1251", "Да."),
        ("shift_jis", "はい。"),
        ("euc-kr", "예."),
        ("gb18030", "好。"),
        ("utf-16", "Où ça ?"),
    ],
)
def test_html_and_xml_are_read_in_the_encoding_that_they_declare(encoding: str, words: str) -> None:
    page = f"<html><head><meta http-equiv=Content-Type content='text/html; charset={encoding}'></head><p>{words}"
    assert normal_form.parse(page.encode(encoding), "text/html", "page").words == f"{words}\n"
    if encoding not in {"shift_jis", "euc-kr"}:  # of which libxml2 may know none
        xml = f"<?xml version='1.0' encoding='{encoding}'?><html><body><p>{words}&nbsp;&hellip;</p></body></html>"
        assert normal_form.parse(xml.encode(encoding), "application/xhtml+xml", "page").words == f"{words}\u00a0…\n"


def test_what_is_utf_8_is_read_so_whatever_it_declares_and_what_is_in_no_encoding_is_refused() -> None:
    page = "<meta charset=windows-1252><p>Où"
    assert parse(page).words == "Où\n"
    for data in (b"<meta charset=windows-1252><p>\x81", b"<meta charset=rot13><p>\xff", b"<p>\xff", b"\xff\xfe<p>"):
        with pytest.raises(KbError) as raised:
            normal_form.parse(data, "text/html", "page")
        assert codes(raised.value) == {"KB103"}


def test_entities_of_html_are_characters_without_a_document_type_too() -> None:
    text = "{}<Composition><section><text><div>5&nbsp;&eacute; &lt; <![CDATA[&nbsp;]]></div></text></section>"
    for start in ("", "<!DOCTYPE Composition>", "<!-- &no; -->"):
        assert parse(f"{text.format(start)}</Composition>", "application/fhir+xml").words == "5\u00a0é < &nbsp;\n"


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
