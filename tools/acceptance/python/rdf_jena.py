"""Jena's riot counts the statements of each format strictly, and arq answers a question."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jena_jars
import pyoxigraph as ox

folder = Path(sys.argv[1]) / "data"
if not (version := jena_jars.find_version("arq")):
    print(json.dumps({"skip": "libapache-jena-java is not installed"}))
    sys.exit()
with tempfile.TemporaryDirectory() as place:
    java = ["java", "-cp", ":".join(jena_jars.unpack(place))]

    def run(*arguments):
        return subprocess.run([*java, *arguments], capture_output=True, text=True, check=False)

    found = {"version": version}
    for name, suffix in (("turtle", "ttl"), ("ntriples", "nt"), ("rdfxml", "rdf"), ("trig", "trig"), ("nquads", "nq")):
        done = run("riotcmd.riot", "--count", "--strict", f"{folder}/clonazepam.{suffix}")
        counted = re.search(r"(?:Triples|Quads)\s*=\s*([\d,]+)", done.stdout + done.stderr)
        found[name] = int(counted[1].replace(",", "")) if counted and not done.returncode else 0
    query = """PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?label {
  ?fact rdf:predicate ?p ; rdf:object/skos:prefLabel ?label
  FILTER(STRENDS(STR(?p), "/has-side-effect"))
}"""
    done = run("arq.arq", "--data", f"{folder}/clonazepam.ttl", "--results", "CSV", query)
    labels = sorted(line.strip() for line in done.stdout.splitlines()[1:] if line.strip())
    found |= {"side_effects": len(labels), "first_effect": labels[0] if labels else "", "statements": {}}
    for path in sorted(Path(os.environ["KB_HARD_CASES"], "rdf").iterdir()):
        if path.suffix != ".jsonld":
            quads = ox.parse(run("riotcmd.riot", "--output=nq", path).stdout, format=ox.RdfFormat.N_QUADS)
            found["statements"][path.name] = [[[term.value for term in quad.triple] for quad in quads]]
print(json.dumps(found))
