"""rapper counts the statements of every format that it reads."""

import json
import re
import subprocess
import sys
from pathlib import Path

folder = Path(sys.argv[1]) / "rdf"
said = subprocess.run(["rapper", "--version"], capture_output=True, text=True, check=False)
found = {"version": (said.stdout or said.stderr).strip()}
for name, suffix in (("turtle", "ttl"), ("ntriples", "nt"), ("rdfxml", "rdf"), ("trig", "trig"), ("nquads", "nq")):
    done = subprocess.run(
        ["rapper", "-c", "-i", name, f"{folder}/clonazepam.{suffix}"], capture_output=True, text=True, check=False
    )
    counted = re.search(r"returned (\d+) (?:triple|quad|statement)s?", done.stderr)
    found[name] = int(counted[1]) if counted and not done.returncode else 0
print(json.dumps(found))
