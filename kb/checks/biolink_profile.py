"""Checks that every name in the Biolink profile of a knowledge base is one of the model or of the records (KB710)."""

from __future__ import annotations

from collections.abc import Iterator

from kb.checks import retired_terms
from kb.metadata import EdgeRule
from kb.model import KnowledgeBase, Record
from kb.problems import Problem, quote
from kb.schema import biolink


def check(kb: KnowledgeBase) -> Iterator[Problem]:
    """Check ``biolink.yaml`` against the Biolink Model and the records."""
    record = kb.biolink.record
    if record is None:
        return
    for name, node_class in kb.biolink.terms.items():
        if name not in kb.terms:
            problem = _problem(record, f"There is no term {quote(name)}.", "terms", name)
            yield retired_terms.report(problem.place, kb.retired[name]) if name in kb.retired else problem
        if node_class not in biolink.model().nodes:
            yield _problem(record, f"The Biolink Model has no class of nodes {quote(node_class)}.", "terms", name)
    if kb.biolink.trade_names not in {"", *kb.predicates}:
        yield _problem(record, f"There is no predicate {quote(kb.biolink.trade_names)}.", "trade_names")
    if unknown := [name for name in kb.biolink.predicates if name not in kb.predicates]:
        message = f"There is no predicate {', '.join(map(quote, unknown))}."
        remedy = "Remove it here too, or declare it in predicates.yaml."
        yield Problem(record.at("predicates", unknown[0]), "KB710", message, remedy)
    for name, rules in kb.biolink.predicates.items():
        for index, rule in enumerate(rules):
            for message in _rule(rule):
                yield _problem(record, message, "predicates", name, index)


def _rule(rule: EdgeRule) -> Iterator[str]:
    if rule.predicate not in biolink.model().predicates:
        yield f"The Biolink Model has no predicate {quote(rule.predicate)}."
    association = biolink.model().associations.get(rule.association)
    if association is None:
        yield f"The Biolink Model has no association {quote(rule.association)}."
        return
    if association.predicates and rule.predicate not in association.predicates:
        yield f"{rule.association} does not take the predicate {quote(rule.predicate)}."
    for slot in sorted(association.required - set(rule.qualifiers)):
        yield f"{rule.association} needs the slot '{slot}'."
    for slot, value in rule.qualifiers.items():
        if slot not in association.slots or not slot.endswith(("_qualifier", "qualified_predicate")):
            yield f"{rule.association} has no qualifier {quote(slot)}."
        elif value not in biolink.model().values.get(slot, {value}):
            yield f"The slot '{slot}' does not take {quote(value)}."
        elif slot == "qualified_predicate" and value.removeprefix(biolink.PREFIX) not in biolink.model().predicates:
            yield f"The Biolink Model has no predicate {quote(value)}."


def _problem(record: Record, message: str, *path: str | int) -> Problem:
    remedy = f"Correct the name; the names of version {biolink.model().version} are in schemas/biolink.json."
    return Problem(record.at(*path), "KB710", message, remedy)
