"""rapper counts the statements of every format that it reads."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox

folder = Path(sys.argv[1]) / "data"
said = subprocess.run(["rapper", "--version"], capture_output=True, text=True, check=False)
found = {"version": (said.stdout or said.stderr).strip()}
for name, suffix in (("turtle", "ttl"), ("ntriples", "nt"), ("rdfxml", "rdf"), ("trig", "trig"), ("nquads", "nq")):
    done = subprocess.run(
        ["rapper", "-c", "-i", name, f"{folder}/clonazepam.{suffix}"], capture_output=True, text=True, check=False
    )
    counted = re.search(r"returned (\d+) (?:triple|quad|statement)s?", done.stderr)
    found[name] = int(counted[1]) if counted and not done.returncode else 0
found["statements"] = {}
for path in sorted(Path(os.environ["KB_HARD_CASES"], "rdf").iterdir()):
    if path.suffix != ".jsonld":
        done = subprocess.run(["rapper", "-q", "-g", "-o", "ntriples", path], capture_output=True, check=False)
        triples = ox.parse(done.stdout, format=ox.RdfFormat.N_TRIPLES)
        found["statements"][path.name] = [[[term.value for term in quad.triple] for quad in triples]]
print(json.dumps(found))
