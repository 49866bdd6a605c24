"""Pictures say as text what they draw, and a claim in a picture keeps its denial, its hedges and its restrictions."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kb import pipeline, queries, resources
from kb.pages.chains import FindFacts, find_chains
from kb.pages.links import Link
from kb.pages.page_graph import EvidenceView, FactView
from kb.pages.pictures import Edge, draw_bars, draw_graph, evidence_edges, find_bars, write_dot, write_mermaid
from kb.reports import show
from kb.site.site_pages import Site

ROOT = Path(__file__).parents[2]

HOSTILE = ["</script><script>alert(1)</script>", 'a"b\\c', "\u202eabc", "x" * 10_000, "𒀀𒀁", "]] --> end", "a|b`c", "&quot;"]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
nodes = st.builds(lambda text, name: Link(text, f"/term/{name}", f"https://x/{name}"), texts, st.sampled_from("abcdef"))
edges = st.lists(st.builds(Edge, nodes, nodes, texts, texts, st.booleans()), min_size=1, max_size=12)
PLAIN = Edge(Link("a", "/a", "a"), Link("b", "/b", "b"), "causes")


@given(edges)
def test_every_picture_is_well_formed_and_has_no_script(drawn: list[Edge]) -> None:
    svg = str(draw_graph(drawn))
    root = ET.fromstring(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", svg))
    assert not [node for node in root.iter() if node.tag.endswith("script")]
    titles = [node.text or "" for node in root.iter() if node.tag.endswith("title")]
    assert sum(title.startswith("Claims") for title in titles) >= 1


def test_denial_hedge_and_restriction_are_in_line_and_words_and_not_in_colour() -> None:
    plain, hedged, denied = PLAIN, PLAIN._replace(note="may; population: dogs"), PLAIN._replace(is_denied=True)
    lines = {name: str(draw_graph([edge])) for name, edge in {"plain": plain, "hedged": hedged, "denied": denied}.items()}
    assert ["stroke-dasharray" in line for line in lines.values()] == [False, True, False]
    assert ["l12 12m0 -12" in line for line in lines.values()] == [False, False, True]
    assert "may; population: dogs" in lines["hedged"]
    assert "denied: causes" in lines["denied"]
    assert all(set(re.findall('(?:stroke|fill)="([^"]+)"', line)) == {"currentColor", "none"} for line in lines.values())
    assert "-.->" in write_mermaid([hedged])
    assert "--x" in write_mermaid([denied])
    assert "denied: causes" in write_mermaid([denied])
    assert "denied: causes" in write_dot([denied])
    assert "style=dashed" in write_dot([hedged])


@given(edges)
def test_words_of_others_stay_inside_their_quotes(drawn: list[Edge]) -> None:
    dot = write_dot(drawn)
    outside = re.sub(r'"(?:\\.|[^"\\])*"', "", dot)
    words = set("digraph rankdir LR node shape box label style dashed arrowhead".split())  # noqa: SIM905 - easier to read
    assert set(re.sub(r"[\s;\[\]{}=>-]", " ", outside).split()) <= words
    for line in write_mermaid(drawn).splitlines()[1:]:
        assert line.count('"') == 2


def test_the_picture_of_the_readme_is_what_the_command_draws() -> None:
    drawn = show.draw(queries.open_base(resources.content()), "seizures", "svg")
    assert (ROOT / "docs/pictures/seizures.svg").read_text(encoding="utf-8") == drawn, "kb show seizures --picture writes it"


def test_a_notebook_shows_the_words_and_the_picture_of_a_thing() -> None:
    shown = show.show("drowsiness", content=resources.content())
    assert repr(shown).startswith("drowsiness")
    assert "usually mild" in shown._repr_html_()
    assert "<svg" in shown._repr_html_()
    assert shown._repr_svg_().startswith("<svg")
    assert "no facts" in show.show("kb:rare", content=resources.content())._repr_svg_()


def test_bars_are_as_long_as_their_numbers() -> None:
    names = ["effect", "drugs"]
    assert find_bars(names, [["a", "3"], ["b", "6"]]) == [("drugs", [("a", 3), ("b", 6)])]
    assert find_bars(names, [["a", "3"]]) == []
    assert find_bars(names, [["a", "x"], ["b", "6"]]) == []
    drawn = str(draw_bars([("a", 3), ("b", 6)], "drugs"))
    widths = [float(width) for width in re.findall('width="([0-9.]+)%" height="14"', drawn)]
    assert widths[1] == 2 * widths[0]
    assert "Bars of drugs: a 3; b 6" in drawn


def test_each_column_of_numbers_has_bars_under_its_own_name() -> None:
    found = find_bars(["effect", "drugs", "denied"], [["a", "2", "1"], ["b", "0", "3"]])
    assert found == [("drugs", [("a", 2), ("b", 0)]), ("denied", [("a", 1), ("b", 3)])]


def test_no_word_that_restricts_a_claim_is_cut_off() -> None:
    note = "can; frequency: commonly reported; severity: usually mild; population: older people; since: starting the medicine"
    chain = Edge(PLAIN.target, Link("c", "/c", "c"), "leads to", note)
    for drawn in (
        draw_graph([PLAIN._replace(note=note)]),
        draw_graph([PLAIN, chain, Edge(chain.target, PLAIN.source, "is", note)]),
    ):
        lines = re.findall('<text [^>]*font-size="11">([^<]*)', str(drawn))
        assert note in " ".join(lines)
    two = [PLAIN._replace(note=note), Edge(PLAIN.source, Link("c", "/c", "c"), "is", "may")]
    levels = [int(y) for y in re.findall('<text x="[0-9]+" y="([0-9]+)" font-size', str(draw_graph(two)))]
    assert levels == sorted(levels)


FACTS = [("1", "drug", "target"), ("2", "target", "process"), ("3", "process", "effect"), ("4", "drug", "name")]


def find_among(facts: list[tuple[str, str, str]]) -> FindFacts:
    return lambda end, terms: [fact for fact in facts if fact[1 if end == "subject" else 2] in terms]


def test_a_chain_leads_from_a_subject_by_a_mechanism_to_an_effect() -> None:
    assert find_chains("drug", find_among(FACTS)) == ["1", "2", "3"]
    assert set(find_chains("process", find_among(FACTS))) == {"1", "2", "3"}
    assert set(find_chains("effect", find_among(FACTS))) == {"3", "2", "1"}
    assert find_chains("name", find_among([("4", "drug", "name")])) == []
    assert set(find_chains("a", find_among([("1", "a", "b"), ("2", "b", "a")]))) == {"1", "2"}
    many = [*FACTS, *((f"n{number}", "target", f"x{number}") for number in range(300))]
    assert find_chains("drug", find_among(many)) == []


def test_the_chain_of_a_mechanism_is_drawn_by_the_command_and_on_the_page() -> None:
    base = queries.open_base(resources.content())
    for drawn in (show.draw(base, "activity in the brain", "mermaid"), show.draw(base, "activity in the brain", "svg")):
        assert "enhances the effects of" in drawn
        assert "reduces" in drawn
        assert "helps to" in drawn
    page = dict(Site(pipeline.load(resources.content())).files())["term/brain-activity.html"].decode()
    (picture,) = re.findall('aria-label="Chains of facts through [^"]*"', page)
    assert "clonazepam enhances the effects of gamma-aminobutyric acid (GABA)" in picture
    assert "gamma-aminobutyric acid (GABA) reduces (helps to) activity in the brain" in picture


def test_words_of_several_lines_from_one_thing_do_not_stand_on_each_other() -> None:
    many = [PLAIN._replace(target=Link(f"m{n}", f"/m{n}", f"m{n}")) for n in range(5)]
    on = [Edge(many[0].target, Link(f"e{n}", f"/e{n}", f"e{n}"), "leads to") for n in range(2)]
    places = re.findall('<text (x="[0-9]+" y="[0-9]+")', str(draw_graph([*many, *on])))
    assert len(set(places)) == len(places) == 7 + 8


def test_a_disputing_sentence_is_not_drawn_as_support() -> None:
    sentence = Link("s1.5", "/s1.5", "s1.5")
    piece = EvidenceView(sentence, [], "", "", "", "", "", ["claim"])
    ends: dict[str, Any] = {name: Link(name, f"/{name}", name) for name in ("fact", "subject", "predicate", "object")}
    rest: dict[str, Any] = {"hedges": [], "document": [], "notes": [], "is_denied": False, "verification": "", "curation": []}
    fact = FactView(**ends, evidence=[piece], **rest)
    (edge,) = evidence_edges(fact)
    assert (edge.label, edge.note, edge.detail) == ("is disputed by", "disputed", "claim")
