"""The compiled graph against its shapes (SHACL), by pyshacl; a verdict is remembered by its digest.

pyshacl takes several times as long to import as the rest of a small validation, so a graph that conformed once is not
asked again (:mod:`kb.checks.conformance_cache`): what it depends on is graph, shapes and pyshacl's version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kb import resources
from kb.checks import conformance_cache
from kb.files.fingerprint import library_version
from kb.problems import Place, Problem

_SHACL = "http://www.w3.org/ns/shacl#"


def check(nquads: str, place_of: Callable[[str], Place]) -> Iterator[Problem]:
    """Hold a graph against ``shapes.ttl`` and ``shapes-sparql.ttl`` (KB501).

    Args:
        nquads: The graph as sorted N-Quads; the union of its graphs is checked.
        place_of: Tells where the record lies that an IRI was made of.
    """
    made_from = [
        library_version("pyshacl"),
        *(path.read_bytes() for path in resources.shapes()),
        nquads.encode("utf-8"),
    ]
    yield from conformance_cache.remembered("shacl", made_from, lambda: _violations(nquads, place_of))


def _violations(nquads: str, place_of: Callable[[str], Place]) -> Iterator[Problem]:
    import rdflib
    from pyshacl import validate

    rdflib.NORMALIZE_LITERALS = False
    data, shapes = rdflib.Graph(), rdflib.Graph()
    triples = "".join(f"{line.rpartition(' <')[0]} .\n" for line in nquads.split("\n")[:-1])
    data.parse(data=triples, format="nt")
    for file in resources.shapes():
        shapes.parse(file, format="turtle")
    _, report, _ = validate(data, shacl_graph=shapes, advanced=False, inplace=True)
    if not isinstance(report, rdflib.Graph):
        yield Problem(place_of(""), "KB501", f"The shapes cannot be applied: {report}.", "Run 'make contracts'.")
        return
    sh = rdflib.Namespace(_SHACL)
    for result in report.subjects(rdflib.RDF.type, sh.ValidationResult):
        focus = report.value(result, sh.focusNode)
        path = report.value(result, sh.resultPath)
        said = report.value(result, sh.resultMessage)
        about = f" ({path})" if path else ""
        message = f"<{focus}>{about}: {said}."
        yield Problem(place_of(str(focus)), "KB501", message, "Correct the record that this comes from.")
