"""Named questions at their addresses, the home page as a way to their answers, and the numbers of pages."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pytest

from tests.server.client import Server, serving
from tests.server.test_things import BASE, Page
from tests.site.varied import write_varied

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def hrefs(server: Server, path: str) -> list[str]:
    return [str(values["href"]) for tag, values in Page(server.browse(path).text).tags if tag == "a" and values.get("href")]


def test_every_question_has_a_page_with_its_form_and_answers_in_other_formats(server: Server) -> None:
    links = [href for href in hrefs(server, "/ask") if href.startswith("/ask/")]
    assert len(links) > 60
    assert {href: status for href in links if (status := server.browse(href).status) != 200} == {}
    assert server.get("/ask/side-effects?drug=clonazepam&format=csv").text.startswith("drug,effect,modality,restrictions")
    found = server.get("/ask/side-effects?drug=clonazepam", Accept="application/json").json
    assert len(found["results"]["bindings"]) == len(server.rows("SELECT ?f { ?f rdf:predicate pred:has-side-effect }"))


def test_pick_lists_hold_the_values_that_give_rows_by_label(server: Server) -> None:
    text = server.browse("/ask/side-effects?effect=drowsiness").text
    effects = re.findall('<option value="([^"]+)"( selected)?>([^<]+)', text.split('name="effect"')[1].split("</select>")[0])
    assert ("drowsiness", " selected", "drowsiness") in effects
    stated = server.rows("SELECT DISTINCT ?l { ?f rdf:predicate pred:has-side-effect ; rdf:object/skos:prefLabel ?l }")
    assert {label for _, _, label in effects} == {row["l"] for row in stated}
    assert "<h1>Side effects: drowsiness</h1>" in text


def test_the_evidence_of_each_row_is_one_link_or_one_parameter_away(server: Server) -> None:
    rows = re.findall("<tr data-.*?</tr>", server.browse("/ask/withdrawal").text, re.DOTALL)
    assert rows
    assert all(re.search('href="/fact/[^"]+/has-withdrawal-symptom/', row) for row in rows)
    explained = Page(server.browse("/ask/withdrawal?explain=1").text).words
    assert "trigger: sudden stopping of clonazepam" in explained
    assert server.get("/ask/withdrawal?explain=1", Accept="application/json").json["rows"][0]["facts"]


def test_denials_beside_an_answer_are_told_with_its_evidence_too(tmp_path: Path) -> None:
    with serving("--content", str(write_varied(tmp_path / "kb")), "--no-access-log") as server:
        for explain in ("", "&explain=1"):
            text = server.browse(f"/ask/side-effects?drug=velaril{explain}").text
            assert "Beside these claims is stated: denied: velaril has side effect nausea (may)" in text, explain
            assert '<a href="/ask/negated-facts">negated facts</a> has them' in text


def test_a_value_without_rows_stays_in_its_form_and_the_one_to_try_is_a_link(server: Server) -> None:
    text = server.browse("/ask/serious-effects?drug=alcohol").text
    assert '<option value="alcohol" selected>alcohol</option>' in text
    assert re.search(r"Nothing matches.*Try <a href=\"\?drug=clonazepam\">clonazepam</a>", text, re.DOTALL)


def test_facts_and_their_parts_are_named_by_their_words(server: Server) -> None:
    query = "CONSTRUCT { ?e kb:supports ?p . ?f kb:evidence ?e } WHERE { ?f kb:evidence ?e . ?e kb:supports ?p } LIMIT 9"
    text = server.browse(f"/sparql?{urlencode({'query': query})}").text.partition("<tbody>")[2].partition("</tbody>")[0]
    names = re.findall('<a href="/fact/[^"]+">([^<]+)</a>', text)
    assert names
    assert [name for name in names if name.startswith("fact/")] == []
    assert any(re.match(r"evidence s\d\.\d.* of: \w+", name) for name in names)


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/ask/side-effects?drug=clonazepm", 400, "Did you mean"),
        ("/ask/side-effects?colour=red", 400, "has no parameter"),
        ("/ask/side-efects", 404, "side-effects"),
        ("/ask/side-effects?drug=klonopin", 200, "clonazepam"),
        ("/ask/side-effects?format=jpeg", 406, "not available"),
    ],
)
def test_what_is_wrong_is_said_where_it_was_asked(server: Server, address: str, status: int, words: str) -> None:
    found = server.browse(address)
    text = Page(found.text).words
    assert (found.status, words in text) == (status, True), text
    assert (status == 404) or "How" not in text or "Which side effects can a drug have" in text


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/ask/side-efects", "/ask/side-effects"),
        ("/term/drowsines", "/term/drowsiness"),
        ("/ask/side-effects?drug=clonazepm&effect=drowsiness", "/ask/side-effects?effect=drowsiness&drug=clonazepam"),
    ],
)
def test_a_name_that_was_probably_meant_is_a_link_to_it(server: Server, address: str, leads_to: str) -> None:
    found = re.search('Did you mean <a href="([^"]+)">', server.browse(address).text)
    assert found
    target = urljoin(address, html.unescape(found[1]))
    assert (target, server.browse(target).status) == (leads_to, 200)


def test_a_query_is_never_lost(server: Server) -> None:
    for query in ("SELECT * {", "SELECT * { ?s a kb:Drgu }", "SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }"):
        text = server.browse(f"/sparql?{urlencode({'query': query})}").text
        assert html.escape(query, quote=False) in html.unescape(text).replace("<http", "&lt;http").replace("/> {", "/&gt; {"), (
            query
        )
    error = server.browse(f"/sparql?{urlencode({'query': 'SELECT * {'})}")
    assert (error.status, 'data-line="1"' in error.text) == (400, True)
    assert "Did you mean" in server.browse(f"/sparql?{urlencode({'query': 'SELECT * { ?s a kb:Drgu }'})}").text


def test_all_questions_are_described_in_openapi(server: Server) -> None:
    described = server.get("/openapi.json").json
    assert described["openapi"] == "3.1.0"
    assert {f"/ask/{name}" for name in ("side-effects", "withdrawal", "mechanism")} <= described["paths"].keys()
    operation = described["paths"]["/ask/side-effects"]["get"]
    assert {parameter["name"] for parameter in operation["parameters"]} == {"drug", "effect", "format", "explain"}
    assert set(described["paths"]) == {href for href in hrefs(server, "/ask") if href.startswith("/ask/")}


def test_a_search_is_narrowed_and_answers_in_json(server: Server) -> None:
    found = server.get("/search?q=drows", Accept="application/json").json
    first = found["results"][0]
    assert (first["label"], first["kind"], first["curie"]) == ("drowsiness", "symptom", "term:drowsiness")
    assert first["definition"] == "Being inclined to sleep."
    symptoms = {row["curie"] for row in server.get("/search?kind=kb:Symptom&format=json").json["results"]}
    assert symptoms == {f"term:{row['s'].removeprefix(BASE + 'term/')}" for row in server.rows("SELECT ?s { ?s a kb:Symptom }")}
    path = "/search?kind=kb:Symptom&predicate=pred:has-withdrawal-symptom&hedge=kb:may&format=json"
    narrowed = {row["curie"] for row in server.get(path).json["results"]}
    assert narrowed == {"term:anxiety-symptom", "term:insomnia", "term:panic-attacks", "term:seizures"}
    assert server.get("/search?kind=not+an+iri").status == 400
    named = server.get("/search?q=symptoms+of+anx&format=json").json["results"][0]
    assert (named["label"], named["names"]) == ("anxiety", [{"label": "symptoms of anxiety", "language": "en"}])
    results = server.get("/search?kind=kb:Symptom&hedge=kb:may&format=json").json["results"]
    assert len({row["iri"] for row in results}) == len(results), "a thing with several names is found once"


def test_numbers_on_pages_are_those_of_sparql(server: Server) -> None:
    home = Page(server.browse("/").text).words
    (facts,) = server.rows("SELECT (COUNT(*) AS ?n) { ?f a kb:Fact }")
    (terms,) = server.rows("SELECT (COUNT(*) AS ?n) { ?t a kb:Term }")
    assert f"{facts['n']} facts about {terms['n']} terms" in home
    for row in server.rows("SELECT ?l (COUNT(?f) AS ?n) { ?f a kb:Fact ; rdf:predicate ?p . ?p rdfs:label ?l } GROUP BY ?l"):
        assert f"{row['l']} ({row['n']})" in home
    counted = server.rows("SELECT ?t (COUNT(?f) AS ?n) { ?f a kb:Fact ; rdf:subject ?t } GROUP BY ?t ORDER BY ?t")
    for row in counted:
        assert int(row["n"]) <= 50
        about = server.browse("/" + row["t"].removeprefix(BASE)).text.partition("Facts that refer to it")[0]
        links = set(re.findall('<tbody id="([^"]+)"', about))
        assert len(links) >= int(row["n"]) - (row["t"] == f"{BASE}term/clonazepam"), row
    for document in server.rows("SELECT ?d { ?d a kb:Document }"):
        text = Page(server.browse("/" + document["d"].removeprefix(BASE)).text).words
        for status in ("covered", "exempted", "undecided"):
            query = f"SELECT (COUNT(?s) AS ?n) {{ ?s oa:hasSource <{document['d']}> ; kb:status kb:{status} }}"
            (number,) = server.rows(query)
            assert re.search(rf"\b{number['n']} (?:are )?{status}", text), status


#: Questions of a first-time reader, the words of the link that leads on from the home page, and words of the answer.
READER = [
    ("What does it treat?", "Uses", "seizure disorders"),
    ("What are its side effects?", "Side effects", "drowsiness"),
    ("Which are serious?", "Serious side effects", "suicidal thoughts"),
    ("What happens on stopping?", "Withdrawal", "panic attacks"),
    ("How should it be stopped?", "Tapering and other precautions", "taper"),
    ("What does it interact with?", "Interactions", "alcohol"),
    ("How does it work?", "Mechanism", "GABA"),
    ("What is it called?", "Other names", "Klonopin"),
    ("Which risks does it have?", "Risks", "dependence"),
    ("What is advised?", "Advice", "doctor"),
]


@pytest.mark.parametrize(("question", "link", "words"), READER)
def test_the_home_page_leads_a_first_time_reader_to_an_answer_a_sentence_and_a_citation(
    server: Server, question: str, link: str, words: str
) -> None:
    home = server.browse("/").text
    found = re.search(rf'<a href="(/ask/[^"]+)"[^>]*>{re.escape(link)}</a>', home)
    assert found, question
    page = server.browse(found[1]).text
    assert words in Page(page).words, question
    fact = re.search('href="(/fact/[^"]+)"', page) or re.search(
        'href="(/fact/[^"]+)"', server.browse(f"{found[1]}?explain=1").text
    )
    assert fact, question
    about = server.browse(html.unescape(fact[1])).text
    assert re.search('href="/document/[^"]+/s[0-9]+[.][0-9]+"', about)
    assert "@misc{" in about
