"""A first-time reader finds answers, their sentences and a citation from the home page, by links, search and forms alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kb import pipeline, resources
from tests.server.client import serving
from tests.site.test_faces import look, site_of

pytestmark = [pytest.mark.long("a browser"), pytest.mark.allow_hosts(["127.0.0.1"])]


class Asked(NamedTuple):
    """A question in a reader's words: the steps to its answer, words of the answer, and the sentences that state it."""

    question: str
    route: list[list[str]]
    answer: list[str]
    sentences: list[str]


ASKED = [
    Asked("What is clonazepam for?", [["follow", "Uses"], ["row", "panic disorder"]], ["open list"], ["s1.2"]),
    Asked(
        "Can it make me sleepy?",
        [["search", "drows"], ["follow", "drowsiness"], ["row", "drowsiness"]],
        ["clonazepam has side effect drowsiness", "can", "usually mild"],
        ["s3.1", "s3.2", "s3.3"],
    ),
    Asked("May I drink alcohol with it?", [["follow", "alcohol"], ["row", "can interact with"]], ["alcohol", "can"], ["s5.1"]),
    Asked(
        "What may happen if I stop it from one day to the next?",
        [["follow", "Withdrawal"], ["row", "seizures"]],
        ["may", "trigger: sudden stopping of clonazepam"],
        ["s4.2"],
    ),
    Asked(
        "How is it stopped with less risk?",
        [["follow", "Tapering and other precautions"], ["row", "gradual tapering"]],
        ["gradual tapering of clonazepam"],
        ["s4.4"],
    ),
    Asked("Is it addictive?", [["search", "addict"], ["follow", "addiction"], ["row", "leads to"]], ["can"], ["s5.3"]),
    Asked(
        "How does it work?",
        [["follow", "Mechanism"], ["row", "enhances the effects of"]],
        ["gamma-aminobutyric acid (GABA)", "is"],
        ["s2.1", "s2.3"],
    ),
    Asked("Under which name is it sold?", [["follow", "Other names"], ["row", "Klonopin"]], ["clonazepam"], ["s1.1"]),
    Asked(
        "Which serious side effects can it have?",
        [["follow", "Side effects"], ["choose", "Only this drug.", "clonazepam"], ["row", "suicidal thoughts"]],
        ["can", "rare", "serious"],
        ["s3.4", "s3.5"],
    ),
    Asked(
        "For whom is stopping dangerous above all?",
        [["follow", "An overview of clonazepam in six sections"], ["sentence", "s4.3", "people prone to seizures"]],
        ["can sometimes", "degree: especially", "population: people prone to seizures"],
        ["s4.2", "s4.3"],
    ),
]


@contextmanager
def homes(kind: str, out: Path) -> Iterator[str]:
    """Serve the shipped knowledge base, or its site, and give the address of its home page."""
    if kind == "server":
        with serving("--no-access-log") as server:
            yield f"{server.url}/"
    else:
        with site_of(resources.content(), out) as origin:
            yield f"{origin}/index.html"


@pytest.mark.parametrize("kind", ["server", "site"])
def test_the_home_page_leads_a_first_time_reader_to_ten_answers_their_sentences_and_citations(kind: str, tmp_path: Path) -> None:
    kb = pipeline.load(resources.content())
    document = kb.documents["clonazepam-overview"]
    sentences = {sentence.id: sentence for sentence in document.sentences}
    with homes(kind, tmp_path / "out") as home:
        found: Any = look(home, json.dumps([asked.route for asked in ASKED]), script="reader.mjs")
    for asked, read in zip(ASKED, found, strict=True):
        assert [words for words in asked.answer if words not in read["answer"]] == [], asked.question
        # The text may not be shown: each sentence is given by its position and the beginning of its digest.
        told = " ".join(read["evidence"])
        assert set(re.findall(r"s\d+\.\d+", told)) == set(asked.sentences), asked.question
        for number in asked.sentences:
            own = sentences[number]
            place = rf"Sentence {re.escape(number)} \w[^S]*characters {own.start} to {own.end}, SHA-256 {own.sha256[:16]}"
            assert re.search(place, told), (asked.question, told)
        assert asked.sentences[0] in read["place"], asked.question
        assert document.title in read["heading"], asked.question
        assert f"Stated by: {document.title}, {', '.join(asked.sentences)}." in read["cite"], asked.question
        assert f"version {kb.dataset.version}" in read["cite"], asked.question
        assert read["bibtex"].startswith("@misc{"), asked.question
        assert "/fact/clonazepam-overview/" in read["bibtex"], asked.question
