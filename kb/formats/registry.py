"""The table of RDF formats, for the command line, the server, releases, docs and tests.

To add a format, write a module with a function ``triples`` or ``quads``, and add an entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from kb.problems import fail
from kb.rdf.iris import Names
from kb.rdf.quads import Quad

Writer = Callable[[Iterable[Quad], Names], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of RDF.

    Args:
        name: The name for ``--format``.
        title: The name in its standard.
        media_type: The media type (IANA).
        extension: The usual suffix.
        aliases: Other names that are accepted, suffixes among them.
        module: The module that writes it.
        graphs: Whether it has named graphs.
        rdf12: Whether it has the triple terms of RDF 1.2.
        model: The statement model that it is for, if it supports only one; such a format is written only if it is named.
    """

    name: str
    title: str
    media_type: str
    extension: str
    aliases: tuple[str, ...]
    module: str
    graphs: bool = False
    rdf12: bool = False
    model: str = ""

    @property
    def lines(self) -> Writer:
        """The writer, which returns the text in pieces."""
        writer: Writer = getattr(import_module(f"kb.formats.{self.module}"), "quads" if self.graphs else "triples")
        return writer


#: Every format that is registered.
ALL_FORMATS: tuple[Format, ...] = (
    Format("turtle", "Turtle", "text/turtle", "ttl", ("ttl",), "turtle", rdf12=True),
    Format("jsonld", "JSON-LD", "application/ld+json", "jsonld", ("json-ld", "json"), "jsonld"),
    Format("ntriples", "N-Triples", "application/n-triples", "nt", ("nt", "n-triples"), "nquads", rdf12=True),
    Format("nquads", "N-Quads", "application/n-quads", "nq", ("nq", "n-quads"), "nquads", graphs=True, rdf12=True),
    Format("trig", "TriG", "application/trig", "trig", (), "turtle", graphs=True, rdf12=True),
    Format("rdfxml", "RDF/XML", "application/rdf+xml", "rdf", ("xml", "rdf/xml", "rdf", "owl"), "rdfxml"),
    Format(
        "triglines",
        "TriG, a nanopublication a line",
        "application/trig",
        "lines.trig",
        ("trig-lines",),
        "trig_lines",
        graphs=True,
        model="nanopubs",
    ),
)

#: The formats for several statement models, which are written if no format is named.
FORMATS: tuple[Format, ...] = tuple(fmt for fmt in ALL_FORMATS if not fmt.model)

_BY_NAME = {
    name: fmt
    for fmt in reversed(ALL_FORMATS)  # if two have the same media type, it stands for the first
    for name in (fmt.name, fmt.extension, fmt.media_type, *fmt.aliases)
}


def find(name: str) -> Format:
    """Find a format by name, alias, suffix or media type.

    Raises:
        KbError: There is none of that name.
    """
    fmt = _BY_NAME.get(name.lower().lstrip("."))
    if fmt is None:
        known = ", ".join(fmt.name for fmt in FORMATS)
        raise fail(
            "KB702", f"There is no format '{name[:60]}'.", f"Known are: {known}; 'kb export --help' lists those that are no RDF."
        )
    return fmt


def can_carry(fmt: Format, model: str) -> bool:
    """Return whether a format supports a statement model."""
    if fmt.model:
        return fmt.model == model
    return {"named-graphs": fmt.graphs, "rdf12": fmt.rdf12, "nanopubs": fmt.graphs}.get(model, True)


def require(fmt: Format, model: str) -> None:
    """Require that a format supports a statement model.

    Raises:
        KbError: It does not (KB703).
    """
    if not can_carry(fmt, model):
        able = ", ".join(other.name for other in ALL_FORMATS if can_carry(other, model))
        raise fail("KB703", f"{fmt.title} cannot carry --statements {model}.", f"Choose one of: {able}.")
