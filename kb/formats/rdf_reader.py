"""Read files of RDF from anywhere, in Turtle, TriG, N-Triples or N-Quads, up to limits."""

from __future__ import annotations

import re
from pathlib import Path

from kb.files import text_file
from kb.formats import registry
from kb.problems import fail
from kb.rdf.quads import Quad

#: The suffixes of files that are read.
SUFFIXES = tuple(f".{fmt.extension}" for fmt in registry.FORMATS if fmt.rdf12)
_LARGEST = 1 << 30  # bytes, which are held in memory
_DEEPEST = 100  # nested triple terms, at which recursive readers are safe
_BRACKETS = re.compile(rb"<<|>>")


def read_statements(path: Path, name: str = "", within: Path | None = None) -> tuple[list[Quad], dict[str, str]]:
    """Read a file of RDF by its suffix.

    Args:
        path: The file.
        name: What messages call it, if not by its path.
        within: The folder that it may not lead out of.

    Returns:
        Its statements, which have no graph where they are in the default graph, and the prefixes that it declares.

    Raises:
        KbError: It is not of its format (KB104), is too large (KB110), or cannot be read.
    """
    import pyoxigraph as ox

    name, fmt = name or str(path), registry.find(path.suffix)
    data, depth = text_file.read_bytes(path, name, _LARGEST, within), 0
    for match in _BRACKETS.finditer(data):
        depth = depth + 1 if match.group() == b"<<" else max(0, depth - 1)
        if depth > _DEEPEST:
            raise fail("KB104", f"It nests more than {_DEEPEST} triple terms.", "Export it without triple terms.", name)
    with text_file.report_as_input(name):
        try:
            parser = ox.parse(data, format=ox.RdfFormat.from_media_type(fmt.media_type))
            quads = [Quad(str(subject), str(key), str(obj), _name_graph(graph)) for subject, key, obj, graph in parser]
        except SyntaxError as error:
            raise fail("KB104", f"This is not {fmt.title}: {error}.", "Check the file and its suffix.", name) from error
    return quads, dict(parser.prefixes)


def _name_graph(graph: object) -> str:
    name = str(graph)
    return "" if name == "DEFAULT" else name
