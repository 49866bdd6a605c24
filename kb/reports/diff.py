"""Compare two versions of a knowledge base: what was added, removed and changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kb.problems import Place, Problem
from kb.rdf.facts import BASIS, NODES, OBJECT
from kb.rdf.iris import DCAT, DCTERMS, KB, OA, PROV, RDF, RDFS, SKOS, SSSOM, word_iri
from kb.rdf.quads import Quad, iri
from kb.rdf.reviews import EVALUATION, REVIEW
from kb.reports.versions import Version

#: The kinds of resources that are compared, by class, in the order of the report.
KINDS = {
    f"{KB}Fact": "fact",
    f"{KB}Evidence": "evidence",
    f"{KB}Term": "term",
    f"{KB}Predicate": "predicate",
    f"{SSSOM}Mapping": "mapping",
    f"{KB}Document": "document",
    f"{KB}Sentence": "sentence",
}

# Properties that follow from other resources, which report the change.
_DERIVED = {
    f"{RDF}type",
    f"{KB}evidence",
    f"{KB}status",
    f"{PROV}wasDerivedFrom",
    f"{DCTERMS}hasPart",
    f"{OA}hasSelector",
    f"{KB}verification",
}
# What puts a fact into words.
_WORDS = {f"{RDFS}label", f"{KB}restrictions"}
_PREFERRED = f"<{SKOS}prefLabel>"

#: What can happen to a resource.
CHANGES = ("added", "removed", "changed")
_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title")

Properties = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ComparedResource:
    """A resource of one version: its kind, label and properties."""

    kind: str
    label: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a resource, one of :data:`CHANGES`, with the properties that differ.

    The id is the IRI without the base of the knowledge base.
    """

    kind: str
    id: str
    label: str
    change: str
    before: Properties
    after: Properties


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes from one version to another, sorted by kind and id; the versions as the user named them, and by number.

    ``sizes`` are the numbers of resources of each kind, before and after; empty if the versions were not read as a whole.
    """

    names: tuple[str, str]
    versions: tuple[str, str]
    sizes: Mapping[str, tuple[int, int]]
    changes: tuple[Change, ...]


def compare(old: Version, new: Version) -> Difference:
    """Compare two versions."""
    before, after = _resources(old.quads), _resources(new.quads)
    order = list(KINDS.values())
    is_whole = old.is_whole and new.is_whole
    changes = [change for name in {*before, *after} if (change := _change(name, before.get(name), after.get(name)))]
    counts = [Counter(resource.kind for resource in resources.values()) for resources in (before, after)]
    return Difference(
        (old.name, new.name),
        (old.number, new.number),
        {kind: (counts[0][kind], counts[1][kind]) for kind in order} if is_whole else {},
        tuple(sorted(changes, key=lambda change: (order.index(change.kind), change.id))),
    )


def _resources(quads: Iterable[Quad]) -> dict[str, ComparedResource]:
    """Collect the resources, each with the properties in the graph that states its type."""
    base = ""
    kinds: dict[tuple[str, str], str] = {}
    properties: dict[tuple[str, str], dict[str, list[str]]] = {}
    for subject, predicate, obj, graph in filter(None, map(_join_value, quads)):
        if predicate == f"<{RDF}type>" and obj[1:-1] in KINDS:
            kinds[subject, graph] = KINDS[obj[1:-1]]
        if predicate == f"<{RDF}type>" and obj == f"<{DCAT}Dataset>":
            base = subject[1:-1]
        owner = f"{subject.removesuffix('/position>')}>" if subject.endswith("/position>") else subject
        if predicate == BASIS:  # what a document says of all its evidence
            owner = graph.replace("/graph/document/", "/document/", 1)
        properties.setdefault((owner, graph), {}).setdefault(predicate[1:-1], []).append(obj)
    labels = {
        key[0]: values[name][0] for key, values in properties.items() for name in _LABELS if name in values and key in kinds
    }
    resources: dict[str, ComparedResource] = {}
    for key, kind in kinds.items():
        compared = {
            _short(name, base): tuple(sorted({_short(value, base) for value in values}))
            for name, values in sorted(properties[key].items())
            if name not in (_DERIVED | _WORDS if kind == "fact" else _DERIVED)
        }
        resources[_short(key[0], base)] = ComparedResource(kind, _short(labels.get(key[0], key[0]), base), compared)
    return resources


def _join_value(quad: Quad) -> Quad | None:
    """Return a statement with a hedged value, quantity or review as words of the fact: of its node, only the label remains."""
    kind = next((kind for kind in NODES if kind in quad.subject), "")
    if not kind:
        return None if any(kind in quad.object for kind in NODES) else quad
    fact, _, name = quad.subject.partition(kind)
    key = OBJECT if name == "object>" else REVIEW if kind == EVALUATION else iri(word_iri(name[:-1]))
    return Quad(f"{fact}>", key, quad.object, quad.graph) if quad.predicate == _PREFERRED else None


def _short(term: str, base: str) -> str:
    """Return an IRI without its namespace, and a literal as its text."""
    if term.startswith('"'):
        return re.sub(r'\\(["\\])', r"\1", term[1 : term.rindex('"')])
    iri = term.strip("<>")
    for start in (f"{base}vocabulary/", base, KB, RDF, RDFS, SKOS, DCTERMS, OA, PROV, SSSOM):
        if start and iri.startswith(start):
            return iri.removeprefix(start) or iri
    return iri


def _change(name: str, before: ComparedResource | None, after: ComparedResource | None) -> Change | None:
    if before and after:
        keys = sorted({*before.properties, *after.properties})
        keys = [key for key in keys if before.properties.get(key) != after.properties.get(key)]
        old, new = ({key: resource.properties.get(key, ()) for key in keys} for resource in (before, after))
        return Change(after.kind, name, after.label, "changed", old, new) if keys else None
    if before:
        return Change(before.kind, name, before.label, "removed", before.properties, {})
    return Change(after.kind, name, after.label, "added", {}, after.properties) if after else None


def count_changes(difference: Difference, kind: str, name: str) -> int:
    """Count the changes of a kind of resource that are ``added``, ``removed`` or ``changed``."""
    return sum(change.kind == kind and change.change == name for change in difference.changes)


def changes_to_list(difference: Difference) -> Iterator[Change]:
    """Yield the changes to list: evidence is not listed if its fact was added or removed as well."""
    facts = {change.id for change in difference.changes if change.kind == "fact" and change.change != "changed"}
    yield from (
        change for change in difference.changes if change.kind != "evidence" or change.id.partition("/evidence/")[0] not in facts
    )


def describe_lines(difference: Difference) -> Iterator[str]:
    """Describe a difference in lines of text."""
    (old_name, new_name), (old, new) = difference.names, difference.versions
    yield f"From {old_name} (version {old}) to {new_name} (version {new}):"
    for kind in KINDS.values():
        counts = ", ".join(f"{count_changes(difference, kind, change)} {change}" for change in CHANGES)
        sizes = "{} before, {} now: ".format(*difference.sizes[kind]) if difference.sizes else ""
        yield f"  {_plural(kind)}: {sizes}{counts}"
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for change in changes_to_list(difference):
        identifier = "" if change.label == change.id else f" ({change.id})"
        yield f"{signs[change.change]} {change.kind} {change.label}{identifier}"
        if change.change == "changed":
            for key in change.before:
                yield f"    {key}: {_join(change.before[key])} → {_join(change.after[key])}"


def _plural(kind: str) -> str:
    return "pieces of evidence" if kind == "evidence" else f"{kind}s"


def _join(values: Iterable[str]) -> str:
    return ", ".join(values) or "none"


def to_json(difference: Difference) -> dict[str, Any]:
    """Return a difference as an object for JSON."""
    return {
        "from": {"name": difference.names[0], "version": difference.versions[0]},
        "to": {"name": difference.names[1], "version": difference.versions[1]},
        "counts": {
            kind: {
                **dict(zip(("before", "after"), difference.sizes.get(kind, ()), strict=False)),
                **{name: count_changes(difference, kind, name) for name in CHANGES},
            }
            for kind in KINDS.values()
        },
        "changes": [asdict(change) for change in difference.changes],
    }


def check_removals(difference: Difference, limit: str) -> Iterator[Problem]:
    """Yield a problem for each kind of which more resources were removed than allowed (KB822).

    Args:
        difference: The difference.
        limit: A number of resources, or a share of the old version such as ``10%``, for which both must be read as a whole.
    """
    for kind in KINDS.values():
        before, _ = difference.sizes.get(kind, (0, 0))
        removed = count_changes(difference, kind, "removed")
        allowed = before * float(limit[:-1]) / 100 if limit.endswith("%") else float(limit)
        if removed > allowed:
            whole = f" of {before}" if before else ""
            message = f"Of the {_plural(kind)}, {removed}{whole} are removed; the limit is {limit}."
            remedy = "Review what was removed; if it is intended, raise --max-removed."
            yield Problem(Place(difference.names[1]), "KB822", message, remedy)
