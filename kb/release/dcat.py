"""``metadata/dcat.ttl``: the catalogue in DCAT 3, by the profile DCAT-AP 3.0, and the graph in VoID, without blank nodes."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox

from kb.formats import registry
from kb.queries import counting, description
from kb.rdf.iris import Names, names_of
from kb.rdf.quads import Quad
from kb.release import descriptions
from kb.release.draft import Draft, render

_RDF = {fmt.media_type for fmt in registry.FORMATS}
_PREFIXES = {
    "dcatap": "http://data.europa.eu/r5r/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}


def add_catalogue(draft: Draft) -> None:
    """Add metadata/dcat.ttl."""
    dataset, names = draft.kb.dataset, names_of(draft.kb)
    text = render(
        "dcat.ttl",
        **descriptions.describe(draft),
        dumps=[file for file in draft.of("data") if file.media in _RDF],
        links=Counter((mapping.match, mapping.object.partition(":")[0]) for mapping in draft.kb.mappings),
        prefixes=names.prefixes,
    )
    catalogue = {(str(subject), str(key), str(value)) for subject, key, value, _ in ox.parse(text, format=ox.RdfFormat.TURTLE)}
    statistics = description.describe_dataset(counting.count_quads(draft.quads), names, dataset.endpoint)
    turtle = registry.find("turtle")
    quads = [Quad(*triple, "") for triple in sorted({*catalogue, *statistics})]
    lines = turtle.lines(quads, Names(dataset.base, {**_PREFIXES, **dataset.prefixes}))
    draft.add("metadata/dcat.ttl", lines, "The catalogue: DCAT 3 and VoID.", turtle.media_type, "metadata")
