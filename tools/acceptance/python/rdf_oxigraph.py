"""Oxigraph reads every format, strictly; a question in SPARQL gives the side effects."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox

folder = Path(sys.argv[1]) / "data"
found = {"version": version("pyoxigraph")}
for name, suffix in (
    ("turtle", "ttl"),
    ("ntriples", "nt"),
    ("rdfxml", "rdf"),
    ("jsonld", "jsonld"),
    ("trig", "trig"),
    ("nquads", "nq"),
):
    found[name] = len(set(ox.parse(path=folder / f"clonazepam.{suffix}")))
store = ox.Store()
store.bulk_load(path=folder / "clonazepam.nq")
QUERY = """PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?label {
  ?fact rdf:predicate ?p ; rdf:object/skos:prefLabel ?label
  FILTER(STRENDS(STR(?p), "/has-side-effect"))
}"""
labels = sorted(row["label"].value for row in store.query(QUERY, use_default_graph_as_union=True))
found |= {"side_effects": len(labels), "first_effect": labels[0]}
found["statements"] = {
    path.name: [[[term.value for term in quad.triple] for quad in ox.parse(path=path)]]
    for path in sorted(Path(os.environ["KB_HARD_CASES"], "rdf").iterdir())
}
print(json.dumps(found))
