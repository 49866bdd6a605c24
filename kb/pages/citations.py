"""How to cite a knowledge base, and one of its facts: as text and in BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from kb.pages.page_graph import FactView
from kb.rdf.iris import Names
from kb.sparql.result_formats import plain_text
from kb.sparql.values import Row

_SPECIAL = re.compile(r"[\\{}$&#%_~^]")


class Citation(NamedTuple):
    """A citation as text and in BibTeX, and the query that asks for what is cited."""

    text: str
    bibtex: str
    sparql: str = ""


def query_dataset(names: Names) -> str:
    """Return the query whose rows :func:`cite_dataset` takes."""
    return f"""SELECT ?title ?version ?issued ?name WHERE {{ <{names.base}> dcterms:title ?title
      OPTIONAL {{ <{names.base}> dcat:version ?version }} OPTIONAL {{ <{names.base}> dcterms:issued ?issued }}
      OPTIONAL {{ <{names.base}> dcterms:creator/foaf:name ?name }} }} ORDER BY ?title ?version ?issued ?name"""


def cite_dataset(base: str, rows: Iterable[Row]) -> Citation:
    """Cite a knowledge base by title, version, date and creators."""
    known = [[plain_text(term) for term in row] for row in rows] or [["", "", "", ""]]
    title, version, issued, _ = known[0]
    creators = list(dict.fromkeys(row[3] for row in known if row[3]))
    by = f"{', '.join(creators)}. " if creators else ""
    text = f"{by}{title}{f', version {version}' if version else ''}{f' ({issued})' if issued else ''}. {base}"
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in creators),
        "title": f"{{{_tex(title)}}}" if title else "",
        "version": _tex(version),
        "year": issued[:4],
        "url": base,
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return Citation(text, f"@misc{{{_key(base)},\n{lines}\n}}")


def cite_fact(fact: FactView, dataset: Citation) -> Citation:
    """Cite a fact with the sentences that state it and those that dispute it, beside the citation of its knowledge base."""
    document = ", ".join(link.text for link in fact.document)
    iri, told = fact.fact.title, []
    for word, pieces in (
        ("Stated", [p for p in fact.evidence if not p.disputes]),
        ("Disputed", [p for p in fact.evidence if p.disputes]),
    ):
        sentences = ", ".join(dict.fromkeys(piece.sentence.text for piece in pieces))
        told += [f"{word} by: {document}, {sentences}."] if pieces else []
    text = f"“{fact.fact.text}”. {' '.join(told)} {iri}. In: {dataset.text}"
    note = f"{_tex(' '.join(told))} In: {_tex(dataset.text)}"
    bibtex = f"@misc{{{_key(iri)},\n  title = {{{{{_tex(fact.fact.text)}}}}},\n  note = {{{note}}},\n  url = {{{iri}}}\n}}"
    return Citation(text, bibtex, f"SELECT ?property ?value WHERE {{\n  <{iri}> ?property ?value\n}}")


def _key(iri: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", iri.partition("://")[2]).strip("-")


def _tex(text: str) -> str:
    """Write a text so that it means itself in BibTeX."""
    words = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return _SPECIAL.sub(lambda match: words.get(match[0], f"\\{match[0]}"), " ".join(text.split()))
