"""Knowledge bases for the tables: one with every way in which an export could say too much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline
from kb.model import KnowledgeBase

_MAPPINGS = """#mapping_set_id: https://example.org/small/mappings
subject_id\tpredicate_id\tobject_id\tmapping_justification\tobject_source_version\tmapping_date
term:examplol\tskos:exactMatch\tmesh:D000001\tsemapv:ManualMappingCuration\t2026\t2026-01-31
term:examplol\tskos:exactMatch\trxnorm:1\tsemapv:ManualMappingCuration\t2026\t2026-01-31
term:examplol\tskos:exactMatch\tatc:N03\tsemapv:ManualMappingCuration\t2026\t2026-01-31
term:itch\tskos:exactMatch\tHP:0000989\tsemapv:ManualMappingCuration\t2026\t2026-01-31
term:burn\tskos:exactMatch\tHP:0000990\tsemapv:ManualMappingCuration\t2026\t2026-01-31
term:rash\tskos:closeMatch\tHP:0000988\tsemapv:ManualMappingCuration\t2026\t2026-01-31
pred:causes\tskos:exactMatch\tbiolink:causes\tsemapv:ManualMappingCuration\t2026\t2026-01-31
pred:touches\tskos:broadMatch\tbiolink:affects\tsemapv:ManualMappingCuration\t2026\t2026-01-31
pred:resembles\tskos:closeMatch\tbiolink:similar_to\tsemapv:ManualMappingCuration\t2026\t2026-01-31
"""


@pytest.fixture
def traps(make_kb: Callable[..., Path]) -> KnowledgeBase:
    """A knowledge base of facts that must not become plain edges, beside some that may."""
    terms = [
        {"id": "examplol", "kind": "drug", "label": "examplol", "aliases": ["=cmd()", "a|b;c"], "definition": "-1 is not it."},
        {"id": "itch", "kind": "symptom", "label": "itch", "definition": "A wish\nto scratch."},
        {"id": "burn", "kind": "symptom", "label": "burn", "definition": "A pain of the skin."},
        {"id": "rash", "kind": "symptom", "label": "rash", "definition": "A change of the skin."},
        {"id": "stopping", "kind": "event", "label": "stopping", "definition": "An end of treatment."},
        {"id": "children", "kind": "population", "label": "children", "definition": "Young people."},
    ]
    names = ("causes", "touches", "resembles", "has-side-effect")
    predicates = [
        {
            "id": name,
            "label": name.replace("-", " "),
            "definition": "Made up.",
            "subject": ["drug"],
            "object": ["symptom", "literal"],
            "qualifiers": ["frequency", "severity", "trigger", "population", "condition"],
            "plain": ["is", "can"] if name == "has-side-effect" else ["is"],
        }
        for name in names
    ]

    def fact(predicate: str, obj: object = "itch", modality: str = "is", **qualifiers: str) -> dict[str, Any]:
        about = {"subject": "examplol", "predicate": predicate, "object": obj, "modality": modality, **qualifiers}
        return {**about, "evidence": [{"sentence": "s1.1"}]}

    hedged = fact("has-side-effect", modality="can", frequency="rare")
    hedged["evidence"] = [{"sentence": "s1.1"}, {"sentence": "s1.2", "supports": ["frequency"], "modality": "may"}]
    facts = [
        hedged,
        fact("has-side-effect", "rash"),
        fact("has-side-effect", {"value": "=1+1"}),
        fact("has-side-effect", trigger="stopping"),
        fact("has-side-effect", population="children"),
        fact("has-side-effect", "burn", polarity="negated"),
        fact("causes"),
        fact("causes", "burn", polarity="negated"),
        fact("causes", polarity="negated", trigger="stopping"),
        fact("touches"),
        fact("touches", "burn", polarity="negated"),
        fact("resembles"),
        fact("causes", "rash", "may"),
    ]
    prefixes = {"HP": "hp", "ECO": "eco", "mesh": "mesh", "rxnorm": "rxnorm", "atc": "atc", "biolink": "biolink"}
    about = {
        "id": "small",
        "title": "A small knowledge base",
        "description": "One made-up medicine.",
        "version": "1.0.0",
        "base": "https://example.org/small/",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "language": "en",
        "issued": "2026-01-31",
        "creators": [{"id": "curator", "name": "A curator"}],
        "prefixes": {name: f"https://example.org/{path}/" for name, path in prefixes.items()},
    }
    rules = {"has-side-effect": [{"predicate": "has_side_effect", "association": _SIDE_EFFECT, "negatable": True}]}
    folder = make_kb(
        **{
            "kb.yaml": about,
            "terms/terms.yaml": terms,
            "predicates.yaml": predicates,
            "facts/leaflet.yaml": facts,
            "mappings/all.sssom.tsv": _MAPPINGS,
            "biolink.yaml": {"predicates": rules},
        }
    )
    return pipeline.load(folder)


_SIDE_EFFECT = "ChemicalOrDrugOrTreatmentSideEffectAssociation"
