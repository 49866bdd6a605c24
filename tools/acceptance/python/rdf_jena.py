"""Jena's riot counts the statements of each format strictly, and arq answers a question.

Debian's package looks for the resources of Xerces where they are not; they are unpacked to where it looks.
"""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

folder, jars = Path(sys.argv[1]) / "rdf", Path("/usr/share/java")
if not list(jars.glob("jena-arq*.jar")):
    print(json.dumps({"skip": "libapache-jena-java is not installed"}))
    sys.exit()
with tempfile.TemporaryDirectory() as place:
    for jar in jars.glob("jena-core-*.jar"):
        with zipfile.ZipFile(jar) as packed:
            for name in packed.namelist():
                if name.startswith("org/apache/jena/ext/xerces/") and name.endswith((".properties", ".xml")):
                    target = Path(place, name.removeprefix("org/apache/jena/ext/"))
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(packed.read(name))
    logging = ("slf4j-", "log4j", "logback", "jcl-over", "jul-to")
    chosen = [
        str(jar)
        for jar in jars.glob("*.jar")
        if jar.name in {"slf4j-api.jar", "slf4j-nop.jar"} or not jar.name.startswith(logging)
    ]
    java = ["java", "-cp", ":".join([place, *chosen])]

    def run(*arguments):
        return subprocess.run([*java, *arguments], capture_output=True, text=True, check=False)

    found = {"version": next(jars.glob("jena-arq-*.jar")).stem.removeprefix("jena-arq-")}
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
    found |= {"side_effects": len(labels), "first_effect": labels[0] if labels else ""}
print(json.dumps(found))
