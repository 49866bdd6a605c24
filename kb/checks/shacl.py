"""The compiled graph against its shapes (SHACL), by pyshacl; a verdict is remembered by its digest.

pyshacl takes several times as long to import as the rest of a small validation, so a graph that conformed once is not
asked again: the digest of graph, shapes and pyshacl's version is kept in the user's cache folder. Only good verdicts are
kept, so a problem is always found anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from kb import resources
from kb.problems import Place, Problem

_SHACL = "http://www.w3.org/ns/shacl#"


def check(nquads: str, place_of: Callable[[str], Place]) -> Iterator[Problem]:
    """Hold a graph against ``shapes.ttl`` and ``shapes-sparql.ttl`` (KB501).

    Args:
        nquads: The graph as sorted N-Quads; the union of its graphs is checked.
        place_of: Tells where the record lies that an IRI was made of.
    """
    verdict = _verdict_file(nquads)
    with suppress(OSError):
        if verdict.exists():
            return
    problems = list(_violations(nquads, place_of))
    yield from problems
    if not problems:
        with suppress(OSError):  # a cache that cannot be written costs time, nothing else
            verdict.parent.mkdir(parents=True, exist_ok=True)
            verdict.touch()


def _verdict_file(nquads: str) -> Path:
    from hashlib import sha256  # noqa: PLC0415 - slow to import, and only needed here

    digest = sha256(_version().encode("utf-8"))
    for path in resources.shapes():
        digest.update(path.read_bytes())
    digest.update(nquads.encode("utf-8"))
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    return Path(root) / "linked-kb" / "shacl" / digest.hexdigest()


def _version() -> str:
    """Tell pyshacl's version by the name of its metadata, without importing it."""
    found = find_spec("pyshacl")
    where = Path(found.origin).parent.parent if found and found.origin else Path()
    return ",".join(sorted(path.name for path in where.glob("pyshacl-*.dist-info")))


def _violations(nquads: str, place_of: Callable[[str], Place]) -> Iterator[Problem]:
    import rdflib  # noqa: PLC0415 - slow to import, and mostly not needed
    from pyshacl import validate  # noqa: PLC0415 - as above

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
