"""The names that every peer writes: those of a generated knowledge base, in the full statement model."""

from __future__ import annotations

from typing import Any

BASE = "https://example.org/generated/"
KB = "https://w3id.org/linked-kb/ontology#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"
NOTE = "http://www.w3.org/2004/02/skos/core#editorialNote"

#: The qualifiers that generated facts carry: whether their values are words of a list (or terms).
QUALIFIERS = {"modality": True, "frequency": True, "severity": True, "listing": True, "trigger": False}

#: Under which modalities each predicate has a plain triple; facts with a trigger have none.
PLAIN = {
    "has-side-effect": {"is", "can", "may"},
    "used-to-treat": {"is"},
    "interacts-with": {"is", "can"},
    "has-withdrawal-symptom": set[str](),
}


def path(fact: dict[str, str]) -> str:
    """Give the identity of a fact below the base."""
    return f"fact/{fact['document']}/{claim(fact)}"


def proposition(fact: dict[str, str]) -> str:
    """Give the IRI of what a fact claims, whichever document states it."""
    return f"{BASE}proposition/{claim(fact)}"


def claim(fact: dict[str, str]) -> str:
    """Give what a fact claims, as a part of a path."""
    tail = f"/trigger/{fact['trigger']}" if "trigger" in fact else ""
    return f"{fact['subject']}/{fact['predicate']}/{fact['object']}{tail}"


def is_plain(fact: dict[str, str]) -> bool:
    """Tell whether the fact has a plain triple."""
    return "trigger" not in fact and fact["modality"] in PLAIN[fact["predicate"]]


def hedges(fact: dict[str, Any]) -> dict[str, set[str]]:
    """Give the qualifiers whose evidence has a hedge of its own, which is then on a node with the value."""
    own: dict[str, set[str]] = {}
    for piece in fact["evidence"]:
        if piece.get("modality", "is") not in {"is", fact["modality"]}:
            for name in piece["supports"]:
                own.setdefault(name, set()).add(piece["modality"])
    return own
