"""Checks the compiled graph against its SHACL shapes with pyshacl, and caches that a graph conforms.

Importing pyshacl takes several times as long as the rest of a small validation. A graph that conformed once is therefore
not checked again while graph, shapes, code and libraries are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kb import resources
from kb.checks import shape_writer
from kb.files import cache_folder
from kb.files.fingerprint import code_digest, digest
from kb.problems import Place, Problem
from kb.schema import vocabulary


def check(nquads: str, find_place: Callable[[str], Place]) -> Iterator[Problem]:
    """Check a graph as sorted N-Quads, the union of its graphs, against ``shapes.ttl`` and ``shapes-sparql.ttl`` (KB501).

    Problems are placed at the record that an IRI was made from.
    """
    key = digest([code_digest().encode(), vocabulary.in_use().encode(), nquads.encode("utf-8")])
    entry = resources.cache_folder("shacl") / key
    if cache_folder.read(entry) is None:
        problems = list(_violations(nquads, find_place))
        yield from problems
        if not problems:
            cache_folder.write(entry, b"")


def _violations(nquads: str, find_place: Callable[[str], Place]) -> Iterator[Problem]:
    import rdflib
    from pyshacl import validate

    rdflib.NORMALIZE_LITERALS = False
    data, shapes = rdflib.Graph(), rdflib.Graph()
    triples = "".join(f"{line.rpartition(' <')[0]} .\n" for line in nquads.split("\n")[:-1])
    data.parse(data=triples, format="nt")
    for text in shape_writer.list_shapes():
        shapes.parse(data=text, format="turtle")
    _, report, _ = validate(data, shacl_graph=shapes, advanced=False, inplace=True)
    if not isinstance(report, rdflib.Graph):
        yield Problem(find_place(""), "KB501", f"The shapes cannot be applied: {report}.", "Run 'make contracts'.")
        return
    sh = rdflib.SH
    for result in report.subjects(rdflib.RDF.type, sh.ValidationResult):
        focus = report.value(result, sh.focusNode)
        path = report.value(result, sh.resultPath)
        message = f"<{focus}>{f' ({path})' if path else ''}: {report.value(result, sh.resultMessage)}."
        yield Problem(find_place(str(focus)), "KB501", message, "Correct the record that this node was made from.")
