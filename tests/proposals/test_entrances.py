"""The quotes of the integrity tests go through every entrance: no adversarial one comes in, every genuine one in its place."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import resources
from kb.model import Cue, KnowledgeBase, Predicate, Term
from kb.problems import Place, Problem
from kb.proposals import foreign_records, store
from kb.proposals.foreign import ExcerptGate
from kb.proposals.foreign_records import Excerpt
from kb.proposals.gate import Gate, Verdict
from kb.proposals.readers import ProposalReader
from kb.texts.quotes import REASONS
from tools import integrity

CASES = dict(enumerate(integrity.cases(), 1))
CLAIMS = {
    claim.pop("case"): claim
    for line in (Path(__file__).parent / "genuine.jsonl").read_text(encoding="utf-8").splitlines()
    for claim in [json.loads(line)]
}
#: What PubTator can say: it has no conditions, and its relations are between things that a sentence names.
IN_PUBTATOR = {
    number
    for number, claim in CLAIMS.items()
    if "condition" not in claim and all(claim[end].lower() in CASES[number]["quote"].lower() for end in ("subject", "object"))
}
BAD = {number: case for number, case in CASES.items() if case["expect"] != "found" and "pieces" not in case}
PREDICATE = Predicate("speaks-of", "speaks of", "It names both.", ("concept",), ("concept",), ("condition",))
Case = dict[str, Any]
Files = dict[str, str]  # the first is the one that is read
Entrance = Callable[[Case, Case], Files]


def as_file(case: Case, parts: Case) -> Files:
    quote = {"words": case["quote"], **({"sentence": case["sentence"]} if "sentence" in case else {})}
    made: Case = {**parts, "quote": [quote] if "sentence" in case else case["quote"]}
    return {"answers.json": json.dumps(made)}


def as_langextract(case: Case, parts: Case) -> Files:
    start = case["spot"][2] if "sentence" in case and "spot" in case else None
    interval = {"start_pos": start, "end_pos": (start or 0) + len(case["quote"])}
    extraction = {"extraction_class": parts["predicate"], "extraction_text": case["quote"], "char_interval": interval}
    made = {"document_id": parts.get("document"), "extractions": [{**extraction, "attributes": parts}]}
    return {"answers.jsonl": json.dumps(made)}


def as_annotation(case: Case, parts: Case) -> Files:
    selectors: list[Case] = [{"type": "TextQuoteSelector", "exact": case["quote"]}]
    if "sentence" in case and "spot" in case:
        selectors.append({"type": "TextPositionSelector", "start": case["spot"][2]})
    return {"answers.json": json.dumps({"type": "Annotation", "body": [parts], "target": {"selector": selectors}})}


def list_mentions(case: Case, parts: Case) -> list[tuple[str, str, int]]:
    """Return the words of the relation, and of its ends and conditions, with a hint at where the latter could stand."""
    ends = [(role, parts[role], 10**9) for role in ("subject", "object", "condition") if role in parts]
    return [("trigger", case["quote"], pad(case)), *ends]


def pad(case: Case) -> int:
    """Return where the words of a case stand in the text of a tool, which has the position of the document, if it is needed."""
    return int(case["spot"][2]) if "sentence" in case and "spot" in case else 0


def as_brat(case: Case, parts: Case) -> Files:
    mentions = list_mentions(case, parts)
    lines = [
        f"T{at}\tThing {start} {start + len(words)}\t{' '.join(words.split())}" for at, (_, words, start) in enumerate(mentions)
    ]
    lines.append(" ".join([f"E1\t{parts['predicate']}:T0", *(f"{role}:T{at}" for at, (role, _, _) in enumerate(mentions) if at)]))
    lines += [f"A1\tmodality E1 {parts['modality']}"] if "modality" in parts else []
    lines += ["A2\tNegation E1"] if "polarity" in parts else []
    name = parts.get("document", "a")
    return {f"{name}.ann": "\n".join(lines), f"{name}.txt": " " * pad(case) + case["quote"]}


def as_bioc_json(case: Case, parts: Case) -> Files:
    mentions = list_mentions(case, parts)
    annotations: list[Case] = [
        {"id": str(at), "infons": {}, "text": words, "locations": [{"offset": start, "length": len(words)}]}
        for at, (_, words, start) in enumerate(mentions)
    ]
    nodes = [{"refid": str(at), "role": role} for at, (role, _, _) in enumerate(mentions)]
    infons: Case = {"type": parts["predicate"], **{key: parts[key] for key in ("modality", "polarity") if key in parts}}
    passage = {"offset": pad(case), "text": case["quote"], "annotations": annotations}
    relations = [{"id": "R1", "infons": infons, "nodes": nodes}]
    document: Case = {"id": parts.get("document", ""), "passages": [passage], "relations": relations}
    return {"answers.json": json.dumps({"documents": [document]})}


def as_bioc_xml(case: Case, parts: Case) -> Files:
    document = json.loads(as_bioc_json(case, parts)["answers.json"])["documents"][0]
    top = ET.Element("collection")
    made = ET.SubElement(top, "document")
    ET.SubElement(made, "id").text = document["id"]
    (passage,) = document["passages"]
    holder = ET.SubElement(made, "passage")
    ET.SubElement(holder, "offset").text = str(passage["offset"])
    ET.SubElement(holder, "text").text = passage["text"]
    for annotation in passage["annotations"]:
        one = ET.SubElement(holder, "annotation", id=annotation["id"])
        ET.SubElement(one, "location", {key: str(value) for key, value in annotation["locations"][0].items()})
        ET.SubElement(one, "text").text = annotation["text"]
    (relation,) = document["relations"]
    one = ET.SubElement(made, "relation", id="R1")
    for key, value in relation["infons"].items():
        ET.SubElement(one, "infon", key=key).text = value
    for node in relation["nodes"]:
        ET.SubElement(one, "node", node)
    return {"answers.xml": ET.tostring(top, "unicode")}


def as_pubtator(case: Case, parts: Case) -> Files:
    """Write a title with the words: a relation of PubTator rests on a sentence that mentions both ends, and has no qualifiers."""
    name, words = parts.get("document", "1"), case["quote"].replace("\n", " ")
    lines = [f"{name}|t|{' ' * pad(case)}{words}"]
    for end in ("subject", "object"):
        start = max(words.lower().find(parts[end].lower()), 0)
        mention = words[start : start + len(parts[end])]
        lines.append(f"{name}\t{pad(case) + start}\t{pad(case) + start + len(mention)}\t{mention}\tThing\tID:{end}")
    return {"answers.txt": "\n".join([*lines, f"{name}\t{parts['predicate']}\tID:subject\tobject"])}


def as_xmi(case: Case, parts: Case) -> Files:
    cassis = pytest.importorskip("cassis", reason="XMI needs the extra 'uima'")
    types = cassis.TypeSystem()
    link = types.create_type("webanno.custom.ClaimPartLink", "uima.cas.TOP")
    types.create_feature(link, "role", "uima.cas.String")
    types.create_feature(link, "target", "uima.tcas.Annotation")
    thing, claim = types.create_type("webanno.custom.Thing"), types.create_type("webanno.custom.Claim")
    types.create_feature(thing, "value", "uima.cas.String")
    for name in ("label", "modality", "polarity"):
        types.create_feature(claim, name, "uima.cas.String")
    types.create_feature(claim, "part", "uima.cas.FSArray", elementType=link)
    cas = cassis.Cas(types)
    start, links = pad(case), []
    cas.sofa_string = " " * start + case["quote"]
    for role in ("subject", "object", "condition"):
        if role in parts:
            cas.sofa_string, at = f"{cas.sofa_string}\n\n{parts[role]}", len(cas.sofa_string) + 2
            target = thing(begin=at, end=at + len(parts[role]))
            cas.add(target)
            links.append(link(role=role, target=target))
    array = types.get_type("uima.cas.FSArray")(elements=links)
    told = {key: parts[key] for key in ("modality", "polarity") if key in parts}
    cas.add(claim(begin=start, end=start + len(case["quote"]), label=parts["predicate"], part=array, **told))
    try:
        return {f"{parts.get('document', 'a')}.xmi": cas.to_xmi(), "TypeSystem.xml": types.to_xml()}
    except ValueError:  # a character that XML cannot have
        return {"empty.xmi": "<xmi:XMI xmlns:xmi='http://www.omg.org/XMI'/>", "TypeSystem.xml": types.to_xml()}


def as_records(case: Case, parts: Case) -> Files:
    names = ("subject", "predicate", "object")
    evidence = {"reference": parts.get("document", "zelorin-leaflet"), "snippet": case["quote"]}
    evidence |= {"sentence": case["sentence"]} if "sentence" in case else {}
    keys: Case = {"excerpt": "snippet", **{name: name for name in names}}
    keys["qualifiers"] = {name: name for name in ("modality", "polarity", "condition")}
    claim = {key: parts[key] for key in (*names, *keys["qualifiers"]) if key in parts}
    return {"records.json": json.dumps({**claim, "evidence": [evidence]}), "map.json": json.dumps(keys)}


ENTRANCES: list[Entrance] = [
    as_records,
    as_file,
    as_langextract,
    as_annotation,
    as_brat,
    as_bioc_json,
    as_bioc_xml,
    as_pubtator,
    as_xmi,
]


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return make_open_base()


def make_open_base() -> KnowledgeBase:
    """Return the knowledge base of the integrity tests without facts and exemptions."""
    made = integrity.base()
    documents = {
        name: document._replace(sentences=tuple(one._replace(exempt=None) for one in document.sentences))
        for name, document in made.documents.items()
    }
    return made._replace(documents=documents, facts=())


def check(base: KnowledgeBase, tmp_path: Path, files: Files) -> list[Verdict]:
    problems: list[Problem] = []
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    gate, path, defaults = Gate(base, integrity.finder(base)), tmp_path / next(iter(files)), {"proposer": "model:example"}
    records = store.read_file(path, "proposal", problems, ProposalReader(gate.finder.texts, defaults))
    if "map.json" in files:
        excerpts = foreign_records.read_excerpts([path], foreign_records.read_map(tmp_path / "map.json"), problems)
        records = foreign_records.make_proposals(excerpts, base.documents, defaults, problems)
    return [gate.check(record) for record in records]


def make_base(base: KnowledgeBase, claim: Case) -> KnowledgeBase:
    terms = {part: Term(part, "concept", claim[part], part) for part in ("subject", "object")}
    terms["c"] = Term("c", "situation", "stop taking zelorin suddenly", "c")
    cues = tuple(Cue("predicate", PREDICATE.id, language, (claim["cue"],)) for language in ("en", "de"))
    return base._replace(terms=terms, predicates={PREDICATE.id: PREDICATE}, cues=cues)


@pytest.mark.parametrize("number", CLAIMS)
def test_every_genuine_quote_comes_in_as_the_same_fact_through_every_entrance(
    number: int, base: KnowledgeBase, tmp_path: Path
) -> None:
    case, claim = CASES[number], CLAIMS[number]
    kb, more = make_base(base, claim), {key: claim[key] for key in ("polarity", "condition") if key in claim}
    parts = {"document": case["spot"][0], "subject": "subject", "predicate": "speaks-of", "object": "object", **more}
    expressible = [entrance for entrance in ENTRANCES if entrance is not as_pubtator]
    verdicts = [verdict for entrance in expressible for verdict in check(kb, tmp_path, entrance(case, parts))]
    if number in IN_PUBTATOR:  # its relations rest on words of both ends
        words = {"subject": claim["subject"], "object": claim["object"]}
        verdicts += check(kb, tmp_path, as_pubtator(case, {**parts, **words}))
    assert [verdict.verdict for verdict in verdicts] == ["ready"] * (len(expressible) + (number in IN_PUBTATOR))
    assert {(at.document, at.sentence, at.start, at.end) for one in verdicts for at in one.locations} == {tuple(case["spot"])}
    assert len({json.dumps(verdict.fact) for verdict in verdicts}) == 1


@pytest.mark.parametrize("number", BAD)
def test_no_adversarial_quote_comes_in_through_any_entrance(number: int, base: KnowledgeBase, tmp_path: Path) -> None:
    case = BAD[number]
    claim = {"subject": "zelorin", "predicate": "has-side-effect", "object": "itching"} | {
        key: case[key] for key in ("document", "subject", "object", "modality") if key in case
    }
    for entrance in ENTRANCES:
        verdicts = check(base, tmp_path, entrance(case, claim))
        assert not [verdict for verdict in verdicts if verdict.is_acceptable]
        if entrance is as_file and verdicts and "document" not in case and case["expect"] != "other-claim":
            assert verdicts[0].problems[0].code == REASONS[case["expect"]]


def test_the_gate_for_files_lets_in_the_genuine_quotes_only(tmp_path: Path) -> None:
    for path in (*integrity.HERE.iterdir(), resources.example() / "documents/zelorin-leaflet.txt"):
        if path.suffix in {".txt", ".html"}:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    place = Place("records.yaml", 1)
    good = [
        Excerpt(CASES[number]["quote"], CASES[number]["spot"][0], place, CASES[number].get("sentence", "")) for number in CLAIMS
    ]
    bad = [
        Excerpt(case["quote"], case.get("document", name), place, case.get("sentence", ""))
        for case in BAD.values()
        if case["expect"] != "other-claim"
        for name in ("zelorin-leaflet", "study", "brochure")
    ]
    gate = ExcerptGate(tmp_path)
    run = gate.check(good)
    spots = {(receipt["reference"], receipt["sentence"], receipt["start"], receipt["end"]) for receipt in run.receipts}
    assert (len(good), spots) == (48, {tuple(CASES[number]["spot"]) for number in CLAIMS})
    assert gate.check(bad).receipts == []
