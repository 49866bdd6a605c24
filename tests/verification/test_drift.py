"""A sentence is carried over only if no words were added beside it; boundaries that curators moved are carried over with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.document_parts import Sentence
from kb.model import Document
from kb.texts import normal_form, sentence_splitter
from kb.texts.normal_form import Text, digest
from kb.verification.drift import Comparison, compare

CLAIM = "Examplol can cause nausea."
LINES = ["Examplol is a medicine.", "It is old.", "", "Do not drive.", CLAIM, "Keep it dry.", "Keep it dry."]


def read(words: str, mediatype: str = "text/plain") -> Text:
    return normal_form.parse(words.encode(), mediatype, "leaflet")


def record(text: Text, spans: list[tuple[int, int]] | None = None) -> Document:
    """Make the record of a text with the sentences of the splitter, or with those that a curator made."""
    spans = spans or [(one.start, one.end) for one in sentence_splitter.split(text)]
    sentences = tuple(Sentence(f"s1.{at}", *span, digest(text.words[slice(*span)])) for at, span in enumerate(spans, 1))
    return Document(
        "leaflet", "Leaflet", "en", "CC0-1.0", "shipped", text.sha256, text.bytes, len(text.words), sentences=sentences
    )


def find(text: Text, *parts: str) -> list[tuple[int, int]]:
    """Return where parts of a text stand, one after the other."""
    spans: list[tuple[int, int]] = []
    for part in parts:
        start = text.words.index(part, spans[-1][1] if spans else 0)
        spans.append((start, start + len(part)))
    return spans


def what(document: Document, compared: Comparison, words: str, part: str) -> str:
    """Return what became of the sentence of a record that has some words."""
    at = next(at for at, one in enumerate(document.sentences) if words[one.start : one.end] == part)
    return compared.drifts[at].what


ADDED = [
    "In adults, {}",
    "It is not true that {}",
    "Nobody has ever shown that: {}",
    "{}5 times less than placebo.",
    "{}*",
    "“{}” is wrong.",
    "(Withdrawn: {})",
    "✗ {}",
    "~~{}~~",
    "It is not true:\n{}",
    "{} [not shown]",
]


@pytest.mark.parametrize("knows_earlier", [False, True])
@pytest.mark.parametrize("form", ADDED)
def test_a_sentence_to_which_words_were_added_is_changed(form: str, knows_earlier: bool) -> None:
    old = read("\n".join(LINES))
    new = read("\n".join(line.replace(CLAIM, form.format(CLAIM)) for line in LINES))
    document = record(old)
    compared = compare(document, new, old if knows_earlier else None)
    drift = compared.drifts[3]
    assert drift.what == "changed"
    assert CLAIM in new.words[slice(*drift.spans[0])]
    assert all(one.is_exact for one in compared.drifts[:3])


PAGES = {
    "in the paragraph": "<p>It is wrong that <b>{}</b></p>",
    "before a break": "<p>Not so:<br>{}</p>",
    "in a cell": "<table><tr><td>{}</td></tr></table>",
    "in another cell": "<table><tr><td>{}</td><td>never seen</td></tr></table>",
    "struck": "<p><s>{}</s></p>",
    "deleted": "<p><del>Examplol can cause nausea</del>.</p>",
    "inserted": "<p><ins>{}</ins></p>",
    "in a note": "<p>{}<sup>not shown</sup></p>",
    "in a heading": "<h2>Withdrawn: {}</h2>",
    "in an item": "<ul><li>No longer: {}</li></ul>",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_markup_adds_no_words_unnoticed(page: str) -> None:
    html = "<html><body><p>It is old.</p>{}<p>Keep it dry.</p></body></html>"
    old = read(html.format(f"<p>{CLAIM}</p>"), "text/html")
    new = read(html.format(page.format(CLAIM)), "text/html")
    document = record(old)
    compared = compare(document, new)
    if what(document, compared, old.words, CLAIM) in {"same", "moved"}:  # alone in its block
        covered = sorted([*(drift.spans[0] for drift in compared.drifts), *compared.new])
        assert all(span in covered for span in [(one.start, one.end) for one in sentence_splitter.split(new)])


@given(
    before=st.text("ab. \n:", max_size=12),
    after=st.text("ab. \n:", max_size=12),
    cut=st.sampled_from([None, 8, 18]),
)
def test_every_word_belongs_to_a_sentence_that_is_the_same_or_to_one_that_is_told(
    before: str, after: str, cut: int | None
) -> None:
    old = read("\n".join(LINES))
    new = read("\n".join(line.replace(CLAIM, f"{before}{CLAIM}{after}") for line in LINES))
    spans = [(one.start, one.end) for one in sentence_splitter.split(old)]
    if cut:
        start, end = spans[3]
        spans[3:4] = [(start, start + cut), (start + cut + 1, end)]
    for earlier in (None, old):
        compared = compare(record(old, spans), new, earlier)
        told = [drift.spans[0] for drift in compared.drifts if drift.is_exact] + list(compared.new)
        told += [span for drift in compared.drifts if not drift.is_exact for span in drift.spans]
        bare = "".join(word for at, word in enumerate(new.words) if not any(start <= at < end for start, end in told))
        assert not any(map(str.isalnum, bare))


@pytest.mark.parametrize("knows_earlier", [False, True])
@pytest.mark.parametrize(
    "parts",
    [
        ["Examplol is a medicine. It is old.", "Do not drive.", CLAIM, "Keep it dry. Keep it dry."],
        [
            "Examplol is a medicine.",
            "It is old.",
            "Do not drive.",
            "Examplol can",
            "cause nausea.",
            "Keep it dry.",
            "Keep it dry.",
        ],
        ["Examplol is a medicine.", "It is old. Do not", "drive.", CLAIM, "Keep it", "dry. Keep it", "dry."],
    ],
)
def test_boundaries_that_were_moved_by_hand_are_carried_over(parts: list[str], knows_earlier: bool) -> None:
    old = read(" ".join(line for line in LINES if line))
    new = read(f"Boxed warning\n\nAsk first. {old.words} It is new.")
    document = record(old, find(old, *parts))
    compared = compare(document, new, old if knows_earlier else None)
    assert {drift.what for drift in compared.drifts} == {"moved"}
    assert [new.words[slice(*span)] for span in compared.new] == ["Boxed warning", "Ask first.", "It is new."]


def test_words_that_a_curator_left_out_are_no_news_where_the_earlier_text_is_known() -> None:
    old = read("It is old. Examplol can cause nausea [see 5.2]. Keep it dry.")
    parts = ["It is old.", "Examplol can cause nausea", "Keep it dry."]
    document = record(old, find(old, *parts))
    new = read(f"Ask first. {old.words}")
    assert [drift.what for drift in compare(document, new, old).drifts] == ["moved"] * 3
    assert [drift.what for drift in compare(document, new).drifts] == ["moved", "changed", "moved"]
    other = read(new.words.replace("[see 5.2]", "[not shown]"))
    assert [drift.what for drift in compare(document, other, old).drifts] == ["moved", "changed", "moved"]


def test_parts_of_a_sentence_are_not_carried_over_without_each_other_or_in_another_order() -> None:
    old = read("It is old. Examplol can cause nausea but only in rats. Keep it dry.")
    parts = ["It is old.", "Examplol can cause nausea", "but only in rats.", "Keep it dry."]
    document = record(old, find(old, *parts))
    for changed in ("Examplol can cause nausea.", "Examplol can cause nausea but not in rats.", "But only in rats."):
        compared = compare(document, read(f"It is old. {changed} Keep it dry."))
        assert [drift.is_exact for drift in compared.drifts] == [True, False, False, True]


def test_sentences_that_are_the_same_keep_their_order() -> None:
    old = read("\n".join(LINES))
    new = read("\n".join(line for line in LINES if line != CLAIM))
    spans = [drift.spans[0] for drift in compare(record(old), new).drifts if drift.spans]
    assert spans == sorted(spans)


def test_each_changed_sentence_of_a_long_text_is_told() -> None:
    lines = [f"This is sentence number {number} of many." for number in range(3000)]
    old = read("\n".join(lines))
    new = read("\n".join(f"Not so: {line}" if at % 100 == 50 else line for at, line in enumerate(lines)))
    compared = compare(record(old), new)
    assert sum(drift.what == "changed" for drift in compared.drifts) == 30
