"""Names in a query that the knowledge base does not have, such as a misspelled term."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from kb import resources
from kb.queries.compiled import Compiled
from kb.sparql import syntax
from kb.sparql.library import Query
from kb.suggestions import near_miss

_KINDS = {"pred": "predicate", "term": "term", "document": "document", "kb": "word"}


def find_unknown_names(kb: Compiled, query: Query) -> Iterator[str]:
    """Report, in a sentence each, the names in the knowledge base's own namespaces that it does not have.

    For a query without a question, which the user wrote, the most similar name is suggested.
    """
    names = dict.fromkeys(_own_names(kb, query))
    known = {prefix: _known_names(kb, prefix) for prefix, _ in names}
    for prefix, name in names:
        if name not in known[prefix]:
            suggestion = "" if query.question else near_miss(name, known[prefix])
            hint = f" Did you mean '{prefix}{'/' if prefix == 'document' else ':'}{suggestion}'?" if suggestion else ""
            yield f"This knowledge base has no {_KINDS[prefix]} '{name}', which the query asks for.{hint}"


def _known_names(kb: Compiled, prefix: str) -> Collection[str]:
    """Return the names of a namespace; for ``kb:``, the words of the ontology."""
    if prefix != "kb":
        return kb.labels[_KINDS[prefix]]
    text = (resources.schemas() / "ontology.ttl").read_text(encoding="utf-8")
    return sorted({*kb.labels["word"], *re.findall(r"\bkb:([A-Za-z][\w-]*)", text)})


def _own_names(kb: Compiled, query: Query) -> Iterator[tuple[str, str]]:
    """Find the names of a query in namespaces of the knowledge base, as prefix and local name."""
    starts = {kb.names.prefixes[prefix]: prefix for prefix in ("pred", "term", "kb")} | {kb.names.document(""): "document"}
    for reference in syntax.find_references(query.text, kb.names.prefixes, kb.names.base):
        iri = "" if reference.is_declaration else reference.iri or ""
        for start, prefix in starts.items():
            if iri.startswith(start) and re.fullmatch(r"[A-Za-z0-9][\w-]*", iri[len(start) :]):
                yield prefix, iri[len(start) :]
