"""No quote is accepted that the text does not have word for word, and every genuine one is found in its place."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.problems import RULES, KbError
from kb.texts import sources
from kb.texts.indexed_text import IndexedText, QuoteLocation
from kb.texts.normalisation import content_words, cuts, normalise, words
from kb.texts.quotes import REASONS, QuoteFinder
from kb.verification import cite
from kb.verification.cite import QuoteRequest
from tools import checkers, integrity

Run = Callable[..., subprocess.CompletedProcess[str]]
CASES = list(enumerate(integrity.cases(), 1))
NAMES = [f"{number}: {case['kind']}" for number, case in CASES]
EXAMPLE = str(resources.example())


@pytest.fixture(scope="session")
def base() -> KnowledgeBase:
    return integrity.base()


@pytest.fixture(scope="session")
def finder(base: KnowledgeBase) -> QuoteFinder:
    return integrity.finder(base)


@pytest.mark.parametrize(("number", "case"), CASES, ids=NAMES)
def test_every_adversarial_quote_is_refused_for_its_reason_and_every_genuine_one_found(
    number: int, case: integrity.Case, base: KnowledgeBase, finder: QuoteFinder
) -> None:
    asked = integrity.ask(case, number, integrity.held())
    if asked is None:
        pytest.skip("the text is held elsewhere: set KB_DOCUMENTS to the folder that holds clonazepam-overview.txt")
    (answered,) = cite.check_quotes(base, finder, [asked])
    assert not integrity.wrong(case, answered)


def test_there_are_enough_cases_of_every_kind_over_enough_texts() -> None:
    bad = [case for _, case in CASES if case["expect"] != "found"]
    assert len(bad) >= 60
    assert len(CASES) - len(bad) >= 40
    assert {case["expect"] for case in bad} == set(REASONS) - {"outside-sentences"}
    assert {case["spot"][0] for _, case in CASES if "spot" in case} >= {"study", "brochure", "zelorin-leaflet", integrity.HELD}
    held = [case for _, case in CASES if "pieces" in case]
    assert not [piece for case in held for piece in case["pieces"] if isinstance(piece, str) and len(piece.split()) > 3]


def test_every_reason_has_a_code_of_its_own() -> None:
    assert set(REASONS.values()) <= set(RULES)


# Properties.

_TEXTS = sources.read_texts(integrity.base().documents.values(), resources.example(), {
    path.stem: path for path in sorted(integrity.HERE.iterdir()) if path.suffix in {".txt", ".html"}
})  # fmt: skip
_BASE = integrity.base()
_SENTENCES = [
    (name, sentence, text.words[sentence.start : sentence.end])
    for name, text in _TEXTS.items()
    for sentence in _BASE.documents[name].sentences
    if not sentence.is_heading
]


def is_long_enough(quote: str, language: str) -> bool:
    normal = normalise(quote).text
    return len(words(normal)) >= 3 and content_words(normal, language) >= 2


@st.composite
def stretches(draw: st.DrawFn) -> tuple[str, str, int, int, str]:
    """Draw a stretch of a sentence between blanks: its document, sentence, start, end and words."""
    name, sentence, text = draw(st.sampled_from(_SENTENCES))
    spans = [(found.start(), found.end()) for found in re.finditer(r"\S+", text)]
    first = draw(st.integers(0, len(spans) - 1))
    last = draw(st.integers(first, len(spans) - 1))
    start, end = spans[first][0], spans[last][1]
    return name, sentence.id, sentence.start + start, sentence.start + end, text[start:end]


@given(stretch=stretches())
def test_any_long_enough_stretch_between_spaces_is_found_in_its_place(
    stretch: tuple[str, str, int, int, str], finder: QuoteFinder
) -> None:
    name, sentence, start, end, quote = stretch
    source = finder.texts[name]
    assume(is_long_enough(quote, source.document.language))
    verdict = finder.find(quote, name, sentence)
    if verdict.verdict == "ambiguous":
        assert len([near for near in verdict.near if (near.document, near.sentence) == (name, sentence)]) > 1
    else:
        assert verdict.location == QuoteLocation(name, sentence, start, end), verdict


@given(stretch=stretches(), data=st.data())
def test_no_quote_is_accepted_after_one_of_its_characters_was_changed(
    stretch: tuple[str, str, int, int, str], data: st.DataObject, finder: QuoteFinder
) -> None:
    name, sentence, _, _, quote = stretch
    at = data.draw(st.integers(0, len(quote) - 1))
    other = data.draw(st.one_of(st.just(""), st.characters(), st.sampled_from("\u00ad\u200b\u0430\u0435\u043e01lO.,-'")))
    changed = quote[:at] + other + quote[at + data.draw(st.sampled_from([0, 1])) :]
    normal = normalise(changed).text
    assume(normal != normalise(quote).text or changed == quote)
    verdict = finder.find(changed, name, sentence)
    if verdict.is_accepted and changed != quote:
        # Then the change left another stretch of the sentence, between words: a letter less at an end, say.
        assert verdict.location
        whole = normalise(finder.texts[name].text.words[verdict.location.start : verdict.location.end]).text
        assert whole == normal
        text = normalise(next(text for doc, each, text in _SENTENCES if (doc, each.id) == (name, sentence))).text
        places = [found.start() for found in re.finditer(re.escape(normal), text)]
        assert any(not cuts(text, place) and not cuts(text, place + len(normal)) for place in places) or "—" in quote


@given(text=st.text(max_size=60))
def test_the_normalisation_is_idempotent_and_keeps_where_characters_came_from(text: str) -> None:
    normal = normalise(text)
    assert normalise(normal.text).text == normal.text
    assert len(normal.starts) == len(normal.ends) == len(normal.text)
    for at in range(len(normal.text)):
        start, end = normal.span(at, at + 1)
        assert normal.text[at] in normalise(text[start:end]).text or normal.text[at] == " "


PIECES = st.one_of(
    st.text(max_size=20),
    st.sampled_from([words for *_, text in _SENTENCES for words in (text, text[5:40], text.upper(), text[::-1])]),
    st.sampled_from(["[", "]", "...", "…", " not ", "\u00ad", "\u0430", " 5 mg ", "\n", "(", ")", "<b>", "-", "—"]),
)


@settings(max_examples=settings().max_examples * 2)
@given(pieces=st.lists(PIECES, max_size=5))
def test_every_quote_has_a_verdict_and_an_accepted_one_is_in_the_text(pieces: list[str], finder: QuoteFinder) -> None:
    quote = "".join(pieces)
    verdict = finder.find(quote)
    assert verdict.verdict == "found" or verdict.verdict in REASONS
    assert bool(verdict.location) == verdict.is_accepted != bool(verdict.message)
    if verdict.location:
        words = finder.texts[verdict.location.document].text.words[verdict.location.start : verdict.location.end]
        assert normalise(words).text == normalise(quote).text


def test_a_very_long_quote_has_a_verdict(finder: QuoteFinder) -> None:
    assert finder.find("Zelorin does cause drowsiness and " * 20_000).verdict == "nowhere"
    assert finder.find("zelorin does cause " * 250).verdict in REASONS


# As a user types.


def test_cite_prints_the_evidence_to_paste(run_kb: Run) -> None:
    done = run_kb("cite", "can interact with moon tea", "--content", EXAMPLE)
    assert (done.returncode, done.stdout) == (0, "# zelorin-leaflet\n- sentence: s6.1\n  start: 770\n  end: 796\n")
    told = json.loads(run_kb("cite", "can interact with moon tea", "--content", EXAMPLE, "-f", "json").stdout)
    assert (told["accepted"], told["document"], told["sentence"], told["start"], told["end"]) == (
        True,
        "zelorin-leaflet",
        "s6.1",
        770,
        796,
    )


def test_cite_reports_the_reason_and_similar_sentences(run_kb: Run) -> None:
    done = run_kb("cite", "Zelorin does cause drowsiness.", "--content", EXAMPLE)
    assert (done.returncode, done.stdout) == (1, "")
    assert "KB431" in done.stderr
    assert "near: zelorin-leaflet s4.4 573-607: Zelorin does not cause drowsiness.\n" in done.stderr


def test_cite_warns_of_a_negation_outside_of_the_quote(run_kb: Run) -> None:
    done = run_kb("cite", "interaction with pain medicines", "--content", EXAMPLE)
    assert done.returncode == 0
    assert "note: The sentence says 'no' outside of the quote." in done.stderr


def test_without_a_text_nothing_is_cited(run_kb: Run) -> None:
    done = run_kb("cite", "some words of it")
    assert (done.returncode, done.stdout) == (1, "")
    assert "KB445" in done.stderr


def test_a_text_other_than_that_of_the_record_cannot_be_cited(run_kb: Run, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Zelorin can interact with moon tea.\n", encoding="utf-8")
    other = ["--text", f"zelorin-leaflet={tmp_path / 'other.txt'}"]
    done = run_kb("cite", "can interact with moon tea", "--content", EXAMPLE, *other)
    assert (done.returncode, done.stdout) == (1, "")
    assert "KB414" in done.stderr


TABLE = (
    "quote\tsubject\tobject\nZelorin does not cause drowsiness.\t\t\nzelorin may cause a serious skin rash\tzelorin\titching\n"
)
LINES = (
    '{"quote": "Zelorin can interact with moon tea.", "fact": "zelorin-leaflet/zelorin/interacts-with/moon-tea"}\n'
    '{"quote": "a"}\n'
)


@pytest.mark.parametrize(("text", "verdicts"), [(TABLE, ["found", "other-claim"]), (LINES, ["found", "too-short"])])
def test_many_quotes_are_checked_from_files_and_pipes(run_kb: Run, tmp_path: Path, text: str, verdicts: list[str]) -> None:
    (tmp_path / "quotes").write_text(text, encoding="utf-8")
    done = run_kb("quote-check", str(tmp_path / "quotes"), "--content", EXAMPLE)
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.splitlines()[1:3]] == verdicts
    assert done.stdout.endswith("2 quotes: 1 found, 1 refused.\n")
    piped = json.loads(run_kb("quote-check", "-", "--content", EXAMPLE, "-f", "json", input=text).stdout)
    assert [each["verdict"] for each in piped["verdicts"]] == verdicts
    assert piped["refused"] == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "KB445"),
        ("quote\tcolour\nx\ty\n", "KB438"),
        ('{"quote": 1}\n', "KB438"),
        ('{"quote": "x"\n', "KB438"),
        ('{"document": "x"}\n', "KB438"),
        ("one\ttwo\n", "KB438"),
    ],
)
def test_a_malformed_file_of_quotes_is_a_problem(text: str, code: str) -> None:
    with pytest.raises(KbError) as raised:
        cite.parse_requests(text, "quotes.tsv")
    assert [each.code for each in raised.value.problems] == [code]


def test_a_text_that_is_held_elsewhere_can_be_cited_from_its_file(run_kb: Run) -> None:
    folder = os.environ.get("KB_DOCUMENTS")
    if not folder:
        pytest.skip("the text is held elsewhere: set KB_DOCUMENTS to the folder that holds clonazepam-overview.txt")
    text = integrity.held()
    assert text
    start, end = 90, 110
    for named in (f"clonazepam-overview={folder}/clonazepam-overview.txt", folder):
        done = run_kb("cite", text.words[start:end], "--text", named)
        assert done.stdout == f"# clonazepam-overview\n- sentence: s1.1\n  start: {start}\n  end: {end}\n"


def test_many_quotes_are_found_in_one_text() -> None:
    base = pipeline.load(resources.example())
    text = next(iter(sources.read_texts(base.documents.values(), base.folder, {}).values()))
    finder = QuoteFinder({"zelorin-leaflet": IndexedText(base.documents["zelorin-leaflet"], text)})
    asked = [QuoteRequest(number, "zelorin may cause a serious skin rash") for number in range(2000)]
    assert all(each.verdict.is_accepted for each in cite.check_quotes(base, finder, asked))


def test_other_checkers_were_asked_every_quote_and_fact_that_kb_is() -> None:
    ours = checkers.measure_ours()
    assert {counts[0] for key, counts in ours.items() if key.startswith("adversarial")} == {0}
    for name, theirs in json.loads(checkers.RESULTS.read_text(encoding="utf-8")).items():
        for key, (_, count) in ours.items():
            assert theirs[key][1] == count, f"{name}: run 'python -m tools.checkers' again"
