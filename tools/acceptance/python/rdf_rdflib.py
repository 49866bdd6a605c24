"""rdflib reads every format; a question in SPARQL gives the side effects."""

import json
import os
import sys
from pathlib import Path

import rdflib

folder = Path(sys.argv[1]) / "data"
found = {"version": rdflib.__version__}
for name, suffix in (("turtle", "ttl"), ("ntriples", "nt"), ("rdfxml", "rdf"), ("jsonld", "jsonld")):
    graph = rdflib.Graph().parse(next(folder.glob(f"*[!12].{suffix}" if suffix != "ttl" else "clonazepam.ttl")))
    found[name] = len(graph)
for name, suffix in (("trig", "trig"), ("nquads", "nq")):
    path = folder / f"clonazepam.{suffix}"
    found[name] = sum(1 for _ in rdflib.Dataset().parse(path).quads())
QUERY = """PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?label {
  ?fact rdf:predicate ?p ; rdf:object/skos:prefLabel ?label
  FILTER(STRENDS(STR(?p), "/has-side-effect"))
}"""
labels = sorted(str(row.label) for row in graph.query(QUERY))
found |= {"side_effects": len(labels), "first_effect": labels[0]}
found["statements"] = {
    path.name: [[list(map(str, quad[:3])) for quad in rdflib.Dataset().parse(path).quads()]]
    for path in sorted(Path(os.environ["KB_HARD_CASES"], "rdf").iterdir())
}
print(json.dumps(found))
