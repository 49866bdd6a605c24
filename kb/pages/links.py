"""Links of pages: the address of every thing, and none where a link would not be safe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup, escape

from kb.pages.vocabulary_names import evidence_label
from kb.rdf.iris import KB, Names
from kb.rdf.quads import iri_value, is_iri, literal_value
from kb.schema.vocabulary import OPEN_LICENCES

_ONTOLOGY = KB.removesuffix("#")
_SAFE_SCHEMES = re.compile(r"(?:https?://|urn:|mailto:)", re.IGNORECASE)


#: The names of licences, by IRI.
LICENCES = {iri: name.replace("-", " ") for name, iri in OPEN_LICENCES.items()}
#: The characters that stand in the path of an address as they are, beside letters and digits (RFC 3986, section 3.3).
PLAIN = "/;:@!$&'()*+,=~%-._"


def fill(template: str, *values: object, **named: object) -> Markup:
    """Fill in a template of HTML or SVG as ``Markup.format`` does, with every value escaped, but several times as fast."""
    filled = template.format(*map(escape, values), **{name: escape(value) for name, value in named.items()})
    return Markup(filled)  # noqa: S704 - every value has been escaped


class Link(NamedTuple):
    """A text with its address here or elsewhere; the address is empty where a link would not be safe."""

    text: str
    href: str = ""
    title: str = ""

    @property
    def language(self) -> str:
        """The language of a text that has one; it is the title of its link."""
        return "" if self.href or re.search("[:/]", self.title) else self.title

    def __html__(self) -> Markup:
        """Write the link as templates show it; text in another language than that of pages, which is English, tells it."""
        if self.href:
            return fill('<a href="{}">{}</a>', self.href, self.text)
        is_foreign = self.language not in {"", "en"}
        return fill('<span lang="{}">{}</span>', self.language, self.text) if is_foreign else escape(self.text)


class Links:
    """Makes the links of pages on a server; ``labels`` are known besides those of the dataset, by IRI."""

    #: Whether pages can ask a server, as forms and queries do.
    has_server = True

    def __init__(self, names: Names, base: str, labels: Mapping[str, str]) -> None:
        self.names, self.base, self._labels = names, base, labels

    def page(self, name: str = "") -> str:
        """Return the address of a page of the application, such as ``sparql``; the home page has no name."""
        return f"/{name}"

    def file(self, name: str) -> str:
        """Return the address of a file that pages load."""
        return f"/static/{name}"

    def data(self, name: str) -> str:
        """Return the address of a file of data."""
        return f"/{quote(name)}"

    def kind(self, iri: str) -> str:
        """Return the address of the list of all things of a kind."""
        return f"{self.page('search')}?kind={quote(iri, safe='')}"

    def anchor(self, iri: str) -> str:
        """Return the fragment of a fact on the page of its subject."""
        return iri.partition("/fact/")[2] or iri

    def own_address(self, path: str) -> str:
        """Return the address of a thing of the knowledge base, by the rest of its IRI."""
        return "/" + quote(path, safe=PLAIN)

    def address(self, iri: str) -> str:
        """Return the address of a thing: here if the IRI belongs to the knowledge base, nothing if a link would not be safe."""
        if iri.startswith(self.base):
            return self.own_address(iri[len(self.base) :])
        if iri.startswith(_ONTOLOGY) and iri[len(_ONTOLOGY) : len(_ONTOLOGY) + 1] in {"", "#"}:
            return self.page("ontology") + quote(iri[len(_ONTOLOGY) :], safe="#-._~")
        return iri if _SAFE_SCHEMES.match(iri) else ""

    def link(self, term: str, labels: Mapping[str, str]) -> Link:
        """Return the link of a term; literals have no address."""
        if not is_iri(term):
            if not term.startswith('"'):
                return Link(term)
            value = literal_value(term)
            return Link(value.value, title=value.language or self.names.compact(value.datatype) or value.datatype)
        iri = iri_value(term)
        known = labels.get(iri) or self._labels.get(iri) or self.names.relative(iri)
        text = known or evidence_label(self.names.compact(iri) or iri)
        return Link(text, self.address(iri), iri)

    def predicate_link(self, iri: str, labels: Mapping[str, str]) -> Link:
        """Return the link of a predicate: its label, or the last part of its IRI as words."""
        label = labels.get(iri) or self._labels.get(iri) or local_words(iri)
        return Link(label or self.names.compact(iri) or iri, self.address(iri), iri)


def link_suggestion(remedy: str, start: str) -> Markup:
    """Return a remedy of a problem in which a name that is suggested is a link: to the name after ``start``, if there is one."""
    suggested = re.fullmatch("Did you mean '(.+)'[?]", remedy)
    if not suggested or not start:
        return escape(remedy)
    name = suggested[1]
    return fill('Did you mean <a href="{}">{}</a>?', start + quote(name, safe=""), name)


# Document, subject, predicate, object, pairs of qualifier and value, then the part: a subject may be called "group", too.
_PART = "(?:evidence|evaluation|figure|group|hedged)"
_FACT_PART = re.compile(f"((?:^|/)fact/[^/]+/[^/]+/[^/]+/[^/]+(?:/(?!{_PART}/)[^/]+/[^/]+)*)/{_PART}/.*")


def fact_of(iri: str) -> str:
    """Return the IRI of the fact to which a node belongs, such as a piece of its evidence; that of a fact stays as it is."""
    return _FACT_PART.sub(r"\1", iri)


def own_kinds(names: Names, variable: str) -> str:
    """Return the condition in SPARQL that a class is a kind of terms: of the ontology, or of the knowledge base."""
    return (
        f'(STRSTARTS(STR({variable}), "{KB}") && {variable} != kb:Term) || STRSTARTS(STR({variable}), "{names.base}vocabulary/")'
    )


def local_words(iri: str) -> str:
    """Return the last part of an IRI as words: exactMatch becomes exact match."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.split("[#/]", iri)[-1]).lower()
