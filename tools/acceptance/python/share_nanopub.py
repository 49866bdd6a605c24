"""The nanopub library takes each nanopublication as valid, its trusty URI included, and refuses one that was changed."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import rdflib
from nanopub import Nanopub

rdflib.NORMALIZE_LITERALS = False
(file,) = Path(sys.argv[1]).glob("data/*.nanopubs.trig")
whole = rdflib.Dataset()
whole.parse(file)
lines = {}
for subject, predicate, obj, graph in whole.quads():
    line = f"{subject.n3()} {predicate.n3()} {obj.n3()} <{graph}> .\n"
    lines.setdefault(str(graph).partition("#")[0], []).append(line)


def holds(text):
    graph = rdflib.ConjunctiveGraph()
    graph.parse(data=text, format="nquads")
    try:
        made = Nanopub(rdf=graph)
        return bool(made.is_valid and made.has_valid_trusty)
    except Exception:
        return False


texts = ["".join(each) for each in lines.values()]
changed = texts[0].replace("ontology#modality>", "ontology#frequency>")
found = {"version": version("nanopub"), "nanopublications": sum(map(holds, texts))}
hard = rdflib.Dataset().parse(Path(os.environ["KB_HARD_CASES"], "rdf", "hard-cases.nanopubs.trig"))
found["statements"] = {"nanopubs": [[list(map(str, quad[:3])) for quad in hard.quads()]]}
print(json.dumps(found | {"refuses": changed != texts[0] and not holds(changed)}))
