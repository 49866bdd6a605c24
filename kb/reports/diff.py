"""What differs between two versions of a knowledge base: things added, removed and changed, in words and as plain values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kb.problems import Place, Problem
from kb.rdf.iris import DCAT, DCTERMS, KB, OA, PROV, RDF, RDFS, SKOS, SSSOM
from kb.rdf.quads import Quad
from kb.rdf.wording import REPORT, word_claim
from kb.reports.versions import Version

#: The kinds of thing that are compared, by their classes, in the order in which they are told.
KINDS = {
    f"{KB}Fact": "fact",
    f"{KB}Evidence": "evidence",
    f"{KB}Term": "term",
    f"{KB}Predicate": "predicate",
    f"{SSSOM}Mapping": "mapping",
    f"{KB}Document": "document",
    f"{KB}Sentence": "sentence",
}

# What follows from other things: told there, or not at all.
_DERIVED = {
    f"{RDF}type",
    f"{KB}evidence",
    f"{KB}status",
    f"{PROV}wasDerivedFrom",
    f"{DCTERMS}hasPart",
    f"{OA}hasSelector",
    f"{KB}verification",
}
_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title")

Properties = Mapping[str, tuple[str, ...]]


class Thing(NamedTuple):
    """A thing of one version: its kind, what people call it, and its properties."""

    kind: str
    label: str
    properties: Properties


class Change(NamedTuple):
    """What became of a thing.

    Args:
        kind: Its kind.
        id: Its IRI without the base of the knowledge base.
        label: What people call it.
        change: ``added``, ``removed`` or ``changed``.
        before: The properties that differ, as they were.
        after: The same properties, as they are.
    """

    kind: str
    id: str
    label: str
    change: str
    before: Properties
    after: Properties


class Difference(NamedTuple):
    """All changes from one version to another.

    Args:
        names: How the user named the two.
        versions: What they say of themselves.
        sizes: How many things of each kind there were and are.
        changes: Each change, by kind and id.
    """

    names: tuple[str, str]
    versions: tuple[str, str]
    sizes: Mapping[str, tuple[int, int]]
    changes: tuple[Change, ...]


def compare(one: Version, other: Version) -> Difference:
    """Compare two versions."""
    before, after = _things(one.quads), _things(other.quads)
    order = list(KINDS.values())
    changes = [change for name in {*before, *after} if (change := _change(name, before.get(name), after.get(name)))]
    counts = [Counter(thing.kind for thing in things.values()) for things in (before, after)]
    return Difference(
        (one.name, other.name),
        (_version(one.quads), _version(other.quads)),
        {kind: (counts[0][kind], counts[1][kind]) for kind in order},
        tuple(sorted(changes, key=lambda each: (order.index(each.kind), each.id))),
    )


def _things(quads: Iterable[Quad]) -> dict[str, Thing]:
    """Collect what there is, each thing with the properties that stand in the graph that declares it."""
    base = ""
    kinds: dict[tuple[str, str], str] = {}
    properties: dict[tuple[str, str], dict[str, list[str]]] = {}
    for subject, predicate, obj, graph in quads:
        if predicate == f"<{RDF}type>" and obj[1:-1] in KINDS:
            kinds[subject, graph] = KINDS[obj[1:-1]]
        if predicate == f"<{RDF}type>" and obj == f"<{DCAT}Dataset>":
            base = subject[1:-1]
        subject = subject.removesuffix("/position>") + ">" if subject.endswith("/position>") else subject  # noqa: PLW2901 - its span
        properties.setdefault((subject, graph), {}).setdefault(predicate[1:-1], []).append(obj)
    labels = {key[0]: found[name][0] for key, found in properties.items() for name in _LABELS if name in found and key in kinds}
    made: dict[str, Thing] = {}
    for key, kind in kinds.items():
        shown = {
            _short(name, base): tuple(sorted(_short(each, base) for each in values))
            for name, values in sorted(properties[key].items())
            if name not in _DERIVED
        }
        made[_short(key[0], base)] = Thing(kind, _name(key[0], kind, properties[key], labels, base), shown)
    return made


def _short(term: str, base: str) -> str:
    """Write an IRI without what all share, and a literal as its words."""
    if term.startswith('"'):
        words = term[1 : term.rindex('"')]
        return re.sub(r'\\(["\\])', r"\1", words)
    iri = term.strip("<>")
    for start in (base, KB, RDF, RDFS, SKOS, DCTERMS, OA, PROV, SSSOM):
        if start and iri.startswith(start):
            return iri.removeprefix(start) or iri
    return iri


def _name(subject: str, kind: str, found: Mapping[str, list[str]], labels: Mapping[str, str], base: str) -> str:
    """Say what people call a thing: a fact by the labels of its parts, evidence by its fact's path and sentence."""
    if kind == "fact":
        parts = (found.get(f"{RDF}{part}", [""])[0] for part in ("subject", "predicate", "object"))
        subject, predicate, obj = (_short(labels.get(part, part), base).removeprefix("term/") for part in parts)
        return word_claim(subject, predicate, obj, REPORT)
    return _short(labels.get(subject, subject), base)


def _change(name: str, before: Thing | None, after: Thing | None) -> Change | None:
    if before is None or after is None:
        thing = before or after
        assert thing is not None  # noqa: S101 - the name comes from one of the two
        was, now = (thing.properties, {}) if before else ({}, thing.properties)
        return Change(thing.kind, name, thing.label, "removed" if before else "added", was, now)
    keys = [
        key for key in sorted({*before.properties, *after.properties}) if before.properties.get(key) != after.properties.get(key)
    ]
    if not keys:
        return None
    was, now = ({key: each.properties.get(key, ()) for key in keys} for each in (before, after))
    return Change(after.kind, name, after.label, "changed", was, now)


def _version(quads: Iterable[Quad]) -> str:
    return next((_short(each.object, "") for each in quads if each.predicate == f"<{DCAT}version>"), "")


def count(difference: Difference, kind: str, change: str) -> int:
    """Count the changes of one sort."""
    return sum(each.kind == kind and each.change == change for each in difference.changes)


def words(difference: Difference) -> Iterator[str]:
    """Tell a difference, line by line."""
    (one, other), (old, new) = difference.names, difference.versions
    yield f"From {one} (version {old}) to {other} (version {new}):"
    for kind, (was, now) in difference.sizes.items():
        counts = ", ".join(f"{count(difference, kind, change)} {change}" for change in ("added", "removed", "changed"))
        yield f"  {_PLURAL.get(kind, f'{kind}s')}: {was} before, {now} now: {counts}"
    signs = {"added": "+", "removed": "-", "changed": "~"}
    whole = {each.id for each in difference.changes if each.kind == "fact" and each.change != "changed"}
    for each in difference.changes:
        if each.kind == "evidence" and each.id.partition("/evidence/")[0] in whole:
            continue  # it came or went with its fact
        shown = "" if each.label == each.id else f" ({each.id})"
        yield f"{signs[each.change]} {each.kind} {each.label}{shown}"
        if each.change == "changed":
            for key in each.before:
                yield f"    {key}: {_values(each.before[key])} → {_values(each.after[key])}"


_PLURAL = {"evidence": "pieces of evidence"}


def _values(values: Iterable[str]) -> str:
    return ", ".join(values) or "none"


def plain(difference: Difference) -> dict[str, Any]:
    """Give a difference as plain values, for JSON."""
    return {
        "from": {"name": difference.names[0], "version": difference.versions[0]},
        "to": {"name": difference.names[1], "version": difference.versions[1]},
        "counts": {
            kind: {
                "before": was,
                "after": now,
                **{each: count(difference, kind, each) for each in ("added", "removed", "changed")},
            }
            for kind, (was, now) in difference.sizes.items()
        },
        "changes": [each._asdict() for each in difference.changes],
    }


def guard(difference: Difference, most: str) -> Iterator[Problem]:
    """Find kinds of which more was removed than may be (KB822).

    Args:
        difference: The difference.
        most: A number of things, or a share of what there was such as ``10%``.
    """
    for kind, (was, _) in difference.sizes.items():
        removed = count(difference, kind, "removed")
        allowed = was * float(most[:-1]) / 100 if most.endswith("%") else float(most)
        if removed > allowed:
            message = f"{removed} of {was} {_PLURAL.get(kind, f'{kind}s')} were removed; at most {most} may be."
            remedy = "Look at what was removed; if all is well, allow more."
            yield Problem(Place(difference.names[1]), "KB822", message, remedy)
