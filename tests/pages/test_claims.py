"""Pages tell of each claim what denies, restricts, disputes or retracts it, and of each term its names in every language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kb import pipeline
from kb.curation import init
from kb.pages.home import percent
from kb.pages.links import fact_of
from kb.site.site_pages import Site
from tests.site.varied import write_varied


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    files = Site(pipeline.load(write_varied(tmp_path_factory.mktemp("claims") / "kb"))).files()
    return {name: content.decode() for name, content in files if name.endswith(".html")}


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page)).replace(" ,", ",").replace(" )", ")")


def row_of(page: str, fact: str) -> str:
    found = re.search(f'<tbody id="{re.escape(fact)}".*?</tbody>', page, re.DOTALL)
    assert found, fact
    return words_of(found[0])


def test_each_claim_stands_with_all_that_restricts_it(pages: dict[str, str]) -> None:
    start = "leaflet/velaril/has-side-effect/nausea"
    told = {
        "dose/10..35;mg": ["can", "dose: 10 to 35 mg"],
        "polarity/negated": ["denied: velaril has side effect nausea", "may"],
        "condition/any-of,hill-fever,low-mood": ["condition: any of (hill fever, low mood)", "also disputed by its document"],
        "condition/all-of,hill-fever,low-mood": ["sometimes", "status: disputed", "Another text differs.", "all of (hill fever"],
        "comparator/placebo": ["status: deprecated", "against: 6.5 %", "frequency: 8.3 %, 12 of 145", "It is of another drug."],
    }
    for restriction, expected in told.items():
        row = row_of(pages["term/velaril.html"], f"{start}/{restriction}")
        assert [word for word in expected if word not in row] == []
    reviewed = row_of(pages["term/velaril.html"], f"{start}/condition/all-of,hill-fever,low-mood")
    assert "agreed: person:ben, 2026-11-02 (review of an earlier version)" in reviewed


def test_a_sentence_that_disputes_a_claim_is_never_named_as_its_support(pages: dict[str, str]) -> None:
    row = row_of(pages["term/velaril.html"], "leaflet/velaril/has-side-effect/nausea/condition/any-of,hill-fever,low-mood")
    assert re.search(r"The leaflet, s1.2 \(disputed in s1.5\)", row)
    assert "Stated by: The leaflet, s1.2. Disputed by: The leaflet, s1.5." in row
    assert re.search("Sentence s1.5 disputes claim characters 200 to 230", row)


def test_a_retracted_document_and_its_claims_are_told_as_retracted(pages: dict[str, str]) -> None:
    assert re.search("The review retracted", words_of(pages["index.html"]))
    assert "Standing: retracted since 2026-02-01" in words_of(pages["document/review.html"])
    rows = [words_of(row) for page in pages.values() for row in re.findall('<tbody id="review/.*?</tbody>', page, re.DOTALL)]
    assert len(rows) == 10
    assert all("standing: retracted" in row for row in rows)


def test_a_term_has_all_its_names_and_a_retired_one_its_successor(pages: dict[str, str]) -> None:
    nausea = words_of(pages["term/nausea.html"])
    assert [
        name for name in ("Also called: mal de cœur", "nausée (fr)", "בחילה (he)", "Envie de vomir. (fr)") if name not in nausea
    ] == []
    assert "Retired. See itching ." in words_of(pages["term/pruritus.html"])


def test_a_denial_in_an_answer_is_marked_and_its_bars_have_a_name(pages: dict[str, str]) -> None:
    rows = [row for row in re.findall("<tr.*?</tr>", pages["ask/drug-profile.html"], re.DOTALL) if "negated" in row]
    assert len(rows) == 2
    assert all('<strong class="denied">negated</strong>' in row for row in rows)
    linked = re.findall(r'href="\.\./((?:term|predicate)/[^"#]+)"', pages["ask/mechanism.html"])
    assert {"predicate/alleviates.html", "term/restlessness.html"} <= set(linked), "a label of a fact leads to its thing"
    beside = words_of(pages["ask/side-effects.html"])
    assert "Beside these claims is stated: denied: velaril has side effect nausea (may)" in beside
    counted = re.findall('aria-label="Bars of ([^:]+):', pages["ask/effects-by-drugs.html"])
    assert counted == ["drugs", "restricted", "denied"]


def test_kinds_of_a_knowledge_base_are_shown_as_those_of_the_ontology_are(tmp_path: Path) -> None:
    init.create(tmp_path / "own", template="general")
    files = dict(Site(pipeline.load(tmp_path / "own")).files())
    home = files["index.html"].decode()
    assert '<a href="terms.html#Place">place (2)</a>' in home
    assert 'href="term/garden.html"' in home
    assert "place has the state (1) situation" in home
    assert '<h2 id="Place">' in files["terms.html"].decode()
    assert "vocabulary/Place.html" in files["term/garden.html"].decode()
    entries = json.loads(files["static/index.js"].decode().removeprefix("window.kbIndex = ").removesuffix(";\n"))
    assert {entry[0]: entry[2] for entry in entries}["garden"] == "place"


@pytest.mark.parametrize("fact", ["group/has/x", "a/has/group", "a/has/x/population/group", "a/has/x/agent/evidence/dose/5;mg"])
def test_the_parts_of_a_fact_lead_to_it_whatever_its_terms_are_called(fact: str) -> None:
    whole = f"https://example.org/fact/leaflet/{fact}"
    assert fact_of(whole) == whole
    for part in ("evidence/s1.2", "evidence/s1.2/trigger", "figure/object", "group/condition", "hedged/severity", "evaluation/1"):
        assert fact_of(f"{whole}/{part}") == whole


def test_a_share_is_hundred_percent_only_of_all() -> None:
    assert [percent(399, 400), percent(400, 400), percent(0, 0)] == [99, 100, 100]
