"""pyshacl holds the catalogue against what DCAT-AP 3.0 makes mandatory and recommends, in shapes of our own."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import rdflib
from pyshacl import validate
from rdflib.namespace import DCAT, DCTERMS

shapes = str(Path(os.environ["KB_ROOT"]) / "tests" / "release" / "dcat-ap.ttl")
graph = rdflib.Graph().parse(Path(sys.argv[1]) / "metadata" / "dcat.ttl")
conforms = validate(graph, shacl_graph=shapes)[0]
(dataset,) = graph.subjects(DCAT.hasCurrentVersion)
title, licence = str(graph.value(dataset, DCTERMS.title)), str(graph.value(dataset, DCTERMS.license))
hard = rdflib.Graph().parse(Path(os.environ["KB_HARD_CASES"]) / "release" / "metadata" / "dcat.ttl")
about = {"title": str(hard.value(rdflib.URIRef("https://example.org/hard-cases/"), DCTERMS.title))}
graph.remove((None, DCTERMS.publisher, None))
found = {"version": version("pyshacl"), "conforms": conforms, "title": title, "licence": licence}
found["about"] = {"dcat": [about]}
print(json.dumps(found | {"refuses": not validate(graph, shacl_graph=shapes)[0]}))
