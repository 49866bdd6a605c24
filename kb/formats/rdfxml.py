"""Write RDF/XML (RDF 1.1 XML Syntax), grouped by subject, with IRIs relative to the base."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, count
from xml.sax.saxutils import escape, quoteattr

from kb.files.sorting import buffer_text
from kb.formats.grouping import Grouped, group_by_subject
from kb.problems import fail
from kb.rdf.iris import RDF, XSD, Names
from kb.rdf.quads import Quad, iri_value, is_blank, is_iri, literal_value

# An NCName (Namespaces in XML 1.0, section 3) at the end of an IRI.
_START = "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
_START += "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_LOCAL = re.compile(rf"[{_START}][-.0-9\xb7\u0300-\u036f\u203f\u2040{_START}]*\Z")
# Names with another meaning in the place of a property (RDF 1.1 XML Syntax, section 5.1 and 7.2.5).
_SYNTAX = {"RDF", "ID", "about", "bagID", "parseType", "resource", "nodeID", "datatype", "Description", "aboutEach"}
_TAKEN = {f"{RDF}{name}" for name in (*_SYNTAX, "aboutEachPrefix", "li")}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def triples(statements: Iterable[Quad], names: Names) -> Iterator[str]:
    """Write RDF/XML; graphs are dropped.

    Raises:
        KbError: A predicate has no local name, or a literal has a character that XML does not allow (KB702).
    """
    spaces = _Namespaces(names)
    body = buffer_text(chain.from_iterable(_description(group, spaces) for group in group_by_subject(statements)))
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    for prefix, start in sorted(spaces.used.items()):
        yield f"\n    xmlns:{prefix}={quoteattr(start)}"
    yield f"\n    xml:base={quoteattr(names.base)}>\n"
    yield from body
    yield "</rdf:RDF>\n"


class _Namespaces:
    """Splits predicates into namespace and local name, and records the namespaces that it uses."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.used = {"rdf": RDF}
        self._by_start = {start: prefix for prefix, start in names.prefixes.items() if not _reserved(prefix)}

    def element(self, iri: str) -> str:
        """Return the qualified name of a predicate."""
        local = None if iri in _TAKEN else _LOCAL.search(iri)
        if local is None:
            raise fail("KB702", f"RDF/XML cannot write the predicate <{iri}>.", "Choose another format, such as turtle.")
        for prefix, start in self.names.matching(iri):
            if _LOCAL.fullmatch(iri[len(start) :]) and not _reserved(prefix):
                self.used[prefix] = start
                return f"{prefix}:{iri[len(start) :]}"
        start = iri[: local.start()]
        prefix = self._by_start.setdefault(start, self._new())
        self.used[prefix] = start
        return f"{prefix}:{local.group()}"

    def _new(self) -> str:
        return next(name for name in map("ns{}".format, count(1)) if name not in {*self.names.prefixes, *self.used})

    def reference(self, attribute: str, term: str) -> str:
        """Return an attribute that names a node."""
        if is_blank(term):
            return f"rdf:nodeID={quoteattr(term[2:])}"
        relative = self.names.relative(iri_value(term))
        return f"rdf:{attribute}={quoteattr(iri_value(term) if relative is None else relative)}"


def _reserved(prefix: str) -> bool:
    """Return whether a prefix may not be declared (Namespaces in XML 1.0, section 3)."""
    return prefix[:3].lower() == "xml"


def _description(grouped: Grouped, spaces: _Namespaces) -> Iterator[str]:
    subject, about = grouped
    yield f"  <rdf:Description {spaces.reference('about', subject)}>\n"
    for predicate, objects in about:
        name = spaces.element(iri_value(predicate))
        yield from (f"    {_property(name, obj, spaces)}\n" for obj in objects)
    yield "  </rdf:Description>\n"


def _property(name: str, obj: str, spaces: _Namespaces) -> str:
    if is_iri(obj) or is_blank(obj):
        reference = spaces.reference("resource", obj)
        return f"<{name} {reference}/>"
    value = literal_value(obj)
    if _NOT_XML.search(value.value):
        raise fail("KB702", f"RDF/XML cannot write the text {value.value[:40]!r}.", "Choose another format, such as turtle.")
    attribute = ""
    if value.language:
        attribute = f" xml:lang={quoteattr(value.language)}"
    elif value.datatype != f"{XSD}string":
        attribute = f" rdf:datatype={quoteattr(value.datatype)}"
    text = escape(value.value, {"\r": "&#13;"})
    return f"<{name}{attribute}>{text}</{name}>"
