"""The hard cases of ``tests/acceptance/hard_cases``, as every consumer must read them back: value by value, not counted.

A check prints what its client read, in one of five forms, and :func:`count_right` compares it with what the records say:
``statements`` are lists of subject, predicate and object; ``rows`` are facts with their qualifiers, beside the node of the drug;
``edges`` are edges of KGX with their nodes; ``mapping_cells`` are rows of SSSOM; ``about`` is what a description says. All are by
the name of the file that was read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.formats import registry
from kb.formats.tables import table_registry
from kb.formats.tables.row_values import split_list
from kb.rdf.facts import Model
from kb.rdf.iris import KB, RDF, SKOS, names_of
from kb.release import making

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "acceptance" / "hard_cases"
ID, BASE = "hard-cases", "https://example.org/hard-cases/"
MODELS: dict[Model, tuple[str, ...]] = {
    "full": ("turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"),
    "nanopubs": ("trig",),
}
LABEL, ALIASES = 'the "odd" drug | x', ("=1+1", "a|b", "back\\slash", "c;d", "tab\there")

#: What the records say of each object; ``plain`` are the objects of the claims that hold without more.
FACTS = {
    "cough": "can, rare, usually mild",
    "cough (notice)": "denied, is",
    "rash": "denied, is",
    "tremor": "can, population children",
    "chill": "can, trigger stopping",
    "hives": "can, condition stopping",
    "sweat": "is, manner slowly",
    "thirst": "is, agent nurse",
    "numbness": "may, location hand",
    "ache": "can, usually or sometimes severe",
    "vertigo": "denied, may",
    "itch": "potential",
    "nausea": "denied, is, severe",
    "fever": "can",
    "fever (notice)": "may, rare",
    "-5": "is, number -5.0",
    "-INF": "is, number -inf",
    "false": "is",
    'no "more" | than; 5': "is",
    "plain": '-5, -INF, ache, cough, false, fever, no "more" | than; 5',
    "drug": f"{LABEL}, {', '.join(ALIASES)}",
}
#: What KGX may say: what is restricted, hedged beyond the predicate, denied by degree or contested, or of a literal is no edge.
EDGES = {
    "HP:0012531": "modality: can, severity: usually or sometimes severe, knowledge_assertion",
    "hard-cases:rash": "denied, polarity: negated, modality: is, knowledge_assertion",
    "hard-cases:fever": "modality: can, not_provided",
    "hard-cases:fever (notice)": "modality: may, frequency: rare, knowledge_assertion",
    "MESH:D000001": f"The odd drug, {', '.join(ALIASES)}, {LABEL}",
}
#: The same of the TSV, which has no escape: a bar becomes a slash and a tab a blank, which the losses count.
EDGES_TSV = {name: words.replace("|", "/").replace("\t", " ") for name, words in EDGES.items()}
#: The same of KGX, by format: it merges edges with the same ends and predicate, and reads a tab as a blank everywhere.
EDGES_MERGED = {
    f"kgx {form}": {name: words.replace("\t", " ") for name, words in edges.items() if name != "hard-cases:fever"}
    for form, edges in (("tsv", EDGES_TSV), ("jsonl", EDGES))
}
MAPPINGS = {
    "term:odd-drug skos:exactMatch mesh:D000001": "The odd drug",
    "term:cough skos:exactMatch HP:0012735": "Cough",
    "term:ache skos:exactMatch HP:0012531": "Pain",
    "term:rash skos:closeMatch HP:0000988": 'Skin "rash" | x',
}
ABOUT = {"title": 'A "made-up" medicine | every hard case: denied, <b>hedged</b> & restricted'}


def write(folder: Path) -> Path:
    """Write every export of the hard cases, each format in a folder of its name, and a release."""
    kb = pipeline.load(FOLDER)
    names = names_of(kb)
    (folder / "rdf").mkdir(parents=True)
    for model, formats in MODELS.items():
        for fmt in map(registry.find, formats):
            path = folder / "rdf" / f"{ID}.{model}.{fmt.extension}"
            path.write_text("".join(fmt.lines(pipeline.compile_all(kb, model), names)), encoding="utf-8")
    for table in table_registry.TABLES:
        for name, content in table.write(kb).files.items():
            (folder / table.name).mkdir(exist_ok=True)
            (folder / table.name / Path(name).name).write_bytes(content)
    making.make(kb, folder / "release")
    return folder


def read_statements(statements: Iterable[Iterable[str]]) -> dict[str, str]:
    """Read facts out of statements, each value with its hedge, as a question would find them."""
    about: dict[str, dict[str, list[str]]] = {}
    plain = []
    for subject, predicate, obj in statements:
        about.setdefault(subject, {}).setdefault(predicate, []).append(obj)
        if predicate.startswith(f"{BASE}predicate/"):
            plain.append(obj)

    def label(node: str) -> str:
        found = about.get(node, {}).get(f"{SKOS}prefLabel", [node.removeprefix(KB)])[0]
        return "-INF" if found == "-inf" else found  # as rdflib spells it

    facts = {}
    for fact, values in about.items():
        if f"{KB}Fact" in values.get(f"{RDF}type", ()):
            (obj,) = values[f"{RDF}object"]
            row = {name: label(values[KB + name][0]) for name in _QUALIFIERS if KB + name in values}
            facts[_key(label(obj), fact)] = _say({**row, "polarity": f"{KB}polarity" in values, "number": _read_number(obj)})
    drug = about[f"{BASE}term/odd-drug"]
    names = (*drug[f"{SKOS}prefLabel"][:1], *sorted(drug.get(f"{SKOS}altLabel", ALIASES)))  # nanopublications have no others
    return {**facts, "plain": ", ".join(sorted(set(map(label, plain)))), "drug": ", ".join(names)}


_TERMS = ("population", "trigger", "condition", "manner", "agent", "location")
_QUALIFIERS = ("modality", "frequency", "severity", *_TERMS)


def _read_number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return ""


def _key(name: str, fact: str) -> str:
    """Name a fact by its object, and by its document if that is not the leaflet."""
    document = fact.removeprefix(f"{BASE}fact/").partition("/")[0]
    return name if document == "leaflet" else f"{name} ({document})"


def read_rows(rows: Iterable[Mapping[str, Any]], drug: Mapping[str, Any]) -> dict[str, str]:
    """Read facts out of rows with ``object``, ``plain`` and qualifiers, and the label and the aliases out of the drug."""
    rows = list(rows)
    plain = sorted({row["object"] for row in rows if row["plain"] in {True, "yes"}})
    aliases = drug["aliases"] if isinstance(drug["aliases"], list) else split_list(drug["aliases"])
    facts = {_key(row["object"], row["fact"]): _say({**row, "polarity": row.get("polarity") == "negated"}) for row in rows}
    return {**facts, "plain": ", ".join(plain), "drug": ", ".join((drug["label"], *aliases))}


def _say(row: Mapping[str, Any]) -> str:
    """Say what a row holds; an empty cell is empty however a tool spells that."""
    cells = {name: str(value) for name, value in row.items() if value is not None and str(value) not in {"", "nan", "False"}}
    said = ("denied" if "polarity" in cells else "", *(cells.get(name, "") for name in _QUALIFIERS if name not in _TERMS))
    terms = (f"{name} {cells[name].rpartition('/')[2]}" for name in _TERMS if name in cells)
    number = f"number {float(cells['number'])}" if "number" in cells else ""
    return ", ".join(filter(None, (*said, *terms, number)))


def read_edges(edges: Iterable[Mapping[str, Any]], nodes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read edges of KGX by their object, and the names of the drug."""
    found = {}
    for edge in edges:
        words = edge["description"]  # which KGX may read as a list
        is_worded = (words if isinstance(words, str) else words[0]).startswith("denied: ")
        denied = ["denied"] if edge.get("negated") and is_worded else []
        found[_key(edge["object"], edge["id"])] = ", ".join(
            (*denied, *sorted(edge["qualifiers"], key=_order), edge["knowledge_level"])
        )
    (drug,) = (node for node in nodes if node["id"] == "MESH:D000001")
    return {**found, drug["id"]: ", ".join((drug["name"], *sorted(drug["synonym"])))}


def read_mappings(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read the labels of mappings, by what they match and how."""
    return {f"{row['subject_id']} {row['predicate_id']} {row['object_id']}": str(row["object_label"]) for row in rows}


def _order(words: str) -> int:
    return ("polarity", *_QUALIFIERS).index(words.partition(":")[0])


def count_right(read: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Replace what a check printed of the hard cases by the number of values that are right; return how many there are, too."""
    right = number = 0
    for form, (expected, reader) in _FORMS.items():
        for name, values in read.pop(form, {}).items():
            wanted = EDGES_MERGED.get(name, expected) if form == "edges" else expected
            found: dict[str, str] = reader(*values)
            wrong = {key: (found.get(key), wanted.get(key)) for key in {*found, *wanted} if found.get(key) != wanted.get(key)}
            right += len(wanted) - len(wrong)
            number += len(wanted)
            if wrong:
                print(f"{name}: read and expected: {wrong}", file=sys.stderr)
    return ({**read, "hard_cases": right} if number else read), number


_FORMS: dict[str, tuple[dict[str, str], Callable[..., dict[str, str]]]] = {
    "statements": (FACTS, read_statements),
    "rows": (FACTS, read_rows),
    "edges": (EDGES, read_edges),
    "mapping_cells": (MAPPINGS, read_mappings),
    "about": (ABOUT, dict),
}
