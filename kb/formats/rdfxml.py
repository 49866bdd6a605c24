"""RDF/XML (RDF 1.1 XML Syntax), grouped by subject, relative to the base.

Written here because the libraries' own writers differ from run to run or write what XML cannot hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from kb.formats.grouping import by_subject
from kb.iris import RDF, XSD, Names
from kb.problems import fail
from kb.quads import Quad, iri_value, is_iri, literal_value

_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def triples(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write RDF/XML; graphs are dropped.

    Raises:
        KbError: A predicate has no local name, or a literal a character that XML cannot hold (KB702).
    """
    grouped = list(by_subject(statements))
    spaces = _Namespaces(names)
    body = [_description(subject, about, spaces) for subject, about in grouped]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    for prefix, start in sorted(spaces.used.items()):
        yield f"\n    xmlns:{prefix}={quoteattr(start)}"
    yield f"\n    xml:base={quoteattr(names.base)}>\n"
    yield from body
    yield "</rdf:RDF>\n"


class _Namespaces:
    """Splits predicates into namespace and local name, and remembers the namespaces that it used."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used = {"rdf": RDF}
        self._by_start = {start: prefix for prefix, start in names.prefixes.items()}

    def element(self, iri: str) -> str:
        """Give the qualified name of a predicate."""
        for prefix, start in self.names.matching(iri):
            if _LOCAL.fullmatch(iri[len(start) :]):
                self.used[prefix] = start
                return f"{prefix}:{iri[len(start) :]}"
        found = _LOCAL.search(iri)
        if found is None:
            raise fail("KB702", f"RDF/XML cannot write the predicate <{iri}>.", "Choose another format, such as turtle.")
        start = iri[: found.start()]
        prefix = self._by_start.setdefault(start, f"ns{len(self._by_start)}")
        self.used[prefix] = start
        return f"{prefix}:{found.group()}"

    def reference(self, iri: str) -> str:
        """Give an IRI as an attribute's value."""
        relative = self.names.relative(iri)
        return quoteattr(iri if relative is None else relative)


def _description(subject: str, about: list[tuple[str, list[str]]], spaces: _Namespaces) -> str:
    lines = [f"  <rdf:Description rdf:about={spaces.reference(iri_value(subject))}>\n"]
    for predicate, objects in about:
        name = spaces.element(iri_value(predicate))
        lines.extend(f"    {_property(name, obj, spaces)}\n" for obj in objects)
    return "".join([*lines, "  </rdf:Description>\n"])


def _property(name: str, obj: str, spaces: _Namespaces) -> str:
    if is_iri(obj):
        return f"<{name} rdf:resource={spaces.reference(iri_value(obj))}/>"
    found = literal_value(obj)
    if _NOT_XML.search(found.value):
        raise fail("KB702", f"RDF/XML cannot write the text {found.value[:40]!r}.", "Choose another format, such as turtle.")
    attribute = ""
    if found.language:
        attribute = f" xml:lang={quoteattr(found.language)}"
    elif found.datatype != f"{XSD}string":
        attribute = f" rdf:datatype={quoteattr(found.datatype)}"
    text = escape(found.value, {"\r": "&#13;"})
    return f"<{name}{attribute}>{text}</{name}>"
