"""Texts are split into sentences as people split them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import sentence_boundaries
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.texts import normal_form, sentence_splitter
from kb.texts.normal_form import digest

CASES = json.loads((Path(__file__).parent / "sentences.json").read_text(encoding="utf-8"))


def passages(text: str, mediatype: str = "text/plain") -> list[tuple[str, str]]:
    read = normal_form.parse(text.encode(), mediatype, "text")
    return [(each.id, read.words[each.start : each.end]) for each in sentence_splitter.split(read)]


@pytest.mark.parametrize("sentences", CASES["sentences"], ids=lambda each: each[0][:40])
def test_sentences_are_split_as_people_split_them(sentences: list[str]) -> None:
    text = "".join(sentences)
    found = [text[start:end] for start, end in sentence_splitter.sentences(text, 0, len(text))]
    assert found == [each.strip() for each in sentences]


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda each: each["name"])
def test_headings_items_and_rows_are_recognised_by_their_layout(case: dict[str, str]) -> None:
    assert passages(case["text"], case.get("mediatype", "text/plain")) == [tuple(each) for each in case["passages"]]


BOUNDARIES = sorted((Path(__file__).parent / "boundaries").glob("*.txt"))


def test_the_page_states_the_boundaries_that_are_measured() -> None:
    page = (sentence_boundaries.ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
    table = page.partition("<!-- boundaries -->")[2].partition("<!-- end -->")[0]
    rows = (line.strip("|").split("|") for line in table.splitlines() if line)
    stated = {name.strip(): (count.strip(), share.strip()) for name, count, share, *_ in rows}
    cases = list(sentence_boundaries.read_cases())
    for group, (right, *wrong) in sentence_boundaries.measure(cases, sentence_boundaries.split_ours).items():
        count = sum(len(case.ends) for case in cases if case.group == group)
        assert stated[group] == (str(count), f"{100 * right / (right + sum(wrong)):.1f} %")


@pytest.mark.parametrize("path", BOUNDARIES, ids=lambda path: path.stem)
def test_nearly_all_boundaries_are_found_in_twelve_languages(path: Path) -> None:
    separator = "" if path.stem in {"ja", "zh"} else " "
    right = wrong = 0
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = block.split("\n")
        text = separator.join(lines)
        found = [text[start:end] for start, end in sentence_splitter.sentences(text, 0, len(text))]
        right += len(set(found) & set(lines))
        wrong += len(set(found) ^ set(lines))
    assert right >= 7
    assert right / (right + wrong) >= (0.98 if path.stem == "en" else 0.95)


@pytest.mark.parametrize(
    "text", ["مارفول دواء للأرق ولا يوصف للأطفال. قد يسبب النعاس.", "마르볼은 약입니다 아이에게 주지 마십시오.", "ማርቮል መድኃኒት ነው።"]
)
def test_no_words_of_scripts_without_capitals_become_a_heading(text: str) -> None:
    assert all(not name.endswith(".0") for name, _ in passages(text))


@pytest.mark.parametrize(("paragraphs", "is_wrapped"), [(3, False), (0, True)])
def test_lines_of_a_text_that_is_not_wrapped_are_apart(paragraphs: int, *, is_wrapped: bool) -> None:
    paragraph = "Zolam is a medicine, which " + "is taken by mouth with water, and " * 5 + "works at once.\n\n"
    lines = ["Bexol or cadol - used to stop nausea and vomiting", "Dalin - for lowering fever"]
    found = [words for _, words in passages(paragraph * paragraphs + "\n".join(lines))]
    assert (found[-2:] == lines) != is_wrapped


@pytest.mark.parametrize("mediatype", ["text/plain", "text/html"])
def test_a_line_that_begins_as_sentences_do_is_apart(mediatype: str) -> None:
    lines = ["burning and itching", "These symptoms are usually mild"]
    page = f"<ul><li>{'<br>'.join(lines)}</li></ul>" if mediatype == "text/html" else f"- {chr(10).join(lines)}"
    assert [words for _, words in passages(page, mediatype)] == lines
    assert len(passages("<p>Tablets of zolam, as in<br>The Lancet</p>", "text/html")) == 1


def test_a_long_line_without_spaces_and_lines_with_labels_are_no_headings() -> None:
    assert passages("ยานี้ใช้รักษาอาการนอนไม่หลับและไม่ควรให้เด็กรับประทานโดยเด็ดขาด")[0][0] == "s1.1"
    labelled = "Very common (may affect more than 1 in 10): headache\nCommon: nausea,\nvomiting\n"
    assert [words for _, words in passages(labelled)] == [
        "Very common (may affect more than 1 in 10): headache",
        "Common: nausea,\nvomiting",
    ]
    assert [name for name, _ in passages("What is Marvol?\nMarvol is a medicine\n")] == ["s1.1", "s1.2"]


def test_the_record_of_the_shipped_document_is_made_from_its_text(shipped: KnowledgeBase) -> None:
    folder = os.environ.get("KB_DOCUMENTS")
    if not folder:
        pytest.skip("the text is held elsewhere: set KB_DOCUMENTS to the folder that holds clonazepam-overview.txt")
    text = normal_form.read(Path(folder) / "clonazepam-overview.txt")
    found = [(each.id, each.start, each.end, digest(text.words[each.start : each.end])) for each in sentence_splitter.split(text)]
    document = shipped.documents["clonazepam-overview"]
    assert found == [(each.id, each.start, each.end, each.sha256) for each in document.sentences]
    assert (text.sha256, text.bytes, len(text.words)) == (document.sha256, document.bytes, document.characters)


TEXTS = st.text(st.sampled_from("ab AB.!?…“”\"'()[]\n\t•-1.2|#=<>&;\u00ad\u200b\u0301日。"), min_size=1, max_size=200)


@given(text=TEXTS, mediatype=st.sampled_from(["text/plain", "text/markdown", "text/html"]))
def test_any_text_is_split_in_order_without_overlap_and_without_losing_a_letter(text: str, mediatype: str) -> None:
    if not any(map(str.isalnum, text)):
        return
    try:
        read = normal_form.parse(text.encode(), mediatype, "text")
    except KbError as error:  # of markup that holds no words
        assert {each.code for each in error.problems} == {"KB412"}
        return
    end, seen = 0, ""
    ids = []
    for each in sentence_splitter.split(read):
        assert end <= each.start < each.end <= len(read.words)
        words = read.words[each.start : each.end]
        assert words == words.strip()
        seen += words
        end = each.end
        ids.append((each.section, each.number))
    assert ids == sorted(set(ids))
    if mediatype != "text/plain":  # in plain text, numbers of items and marks of tables stand outside sentences
        assert [each for each in seen if each.isalnum()] == [each for each in read.words if each.isalnum()]


@pytest.mark.parametrize(
    ("item", "parts"),
    [
        ("Fever Uncommon (may affect up to 1 in 100 people)", ["Fever", "Uncommon (may affect up to 1 in 100 people)"]),
        (
            "Fever Rare side effects (may affect 1 in 1,000 people):",
            ["Fever", "Rare side effects (may affect 1 in 1,000 people):"],
        ),
        ("Fever (high) Not known (frequency cannot be told)", ["Fever (high)", "Not known (frequency cannot be told)"]),
        ("Fieber Gelegentlich (bis zu 1 von 100)", ["Fieber", "Gelegentlich (bis zu 1 von 100)"]),
        ("Fever, which is uncommon (1 in 100 people)", ["Fever, which is uncommon (1 in 100 people)"]),
        ("Uncommon (may affect up to 1 in 100 people)", ["Uncommon (may affect up to 1 in 100 people)"]),
        ("Rare (1 in 1,000 people): fever", ["Rare (1 in 1,000 people): fever"]),
    ],
)
def test_an_item_that_ends_with_the_title_of_the_next_list_is_divided(item: str, parts: list[str]) -> None:
    text = normal_form.parse(f"<ul><li>{item}</li><li>cough</li></ul>".encode(), "text/html", "page")
    assert [text.words[one.start : one.end] for one in sentence_splitter.split(text)] == [*parts, "cough"]
