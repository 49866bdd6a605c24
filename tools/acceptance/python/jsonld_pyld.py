"""PyLD makes RDF of the JSON-LD, with nothing to fetch."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from pyld import jsonld


def refuse(url, _options=None):
    raise SystemExit(f"it asked for {url}")


jsonld.set_document_loader(refuse)
value = json.loads((Path(sys.argv[1]) / "rdf" / "clonazepam.jsonld").read_text(encoding="utf-8"))
print(json.dumps({"version": version("pyld"), "jsonld": sum(len(graph) for graph in jsonld.to_rdf(value).values())}))
