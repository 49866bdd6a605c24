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
graph = rdflib.Graph().parse(Path(sys.argv[1]) / "dcat.ttl")
conforms = validate(graph, shacl_graph=shapes)[0]
(dataset,) = graph.subjects(rdflib.RDF.type, DCAT.Dataset)
title, licence = str(graph.value(dataset, DCTERMS.title)), str(graph.value(dataset, DCTERMS.license))
graph.remove((None, DCTERMS.publisher, None))
found = {"version": version("pyshacl"), "conforms": conforms, "title": title, "licence": licence}
print(json.dumps(found | {"refuses": not validate(graph, shacl_graph=shapes)[0]}))
