"""KGX validates the nodes and edges, and reads them back.

It fetches the Biolink Model, its prefixes and a table of predicates from GitHub. Model and prefixes come from the package
biolink-model, which KGX installs; the table is in no registry, and an empty one stands in for it.
"""

import json
import os
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import bmt
import requests
from bmt import toolkit

model = Path(next(iter(find_spec("biolink_model").submodule_search_locations)), "schema", "biolink_model.yaml")
requests.get = lambda *_, **__: SimpleNamespace(text="predicate mappings: []\n", raise_for_status=lambda: None)
original = toolkit.Toolkit.__init__


def local(self, _schema=None, *rest, **more):
    original(self, str(model), *rest, **more)


toolkit.Toolkit.__init__ = local
bmt.Toolkit.__init__ = local
from kgx.cli.cli_utils import validate
from kgx.transformer import Transformer

prefixes = json.loads((model.parent.parent / "prefixmaps" / "biolink_model_prefix_map.json").read_text(encoding="utf-8"))
for module in [each for name, each in sys.modules.items() if name.startswith("kgx") and hasattr(each, "get_jsonld_context")]:
    module.get_jsonld_context = lambda *_: dict(prefixes)


def read(folder, name, form):
    files = [str(Path(folder, f"{name}_{sort}.{form}")) for sort in ("nodes", "edges")]
    transformer = Transformer()
    transformer.transform({"filename": files, "format": form})
    return files, transformer.store.graph


files, graph = read(Path(sys.argv[1], "data"), "clonazepam", "tsv")
told = validate(files, "tsv", None, os.devnull)
errors = told.get("ERROR", {}) if isinstance(told, dict) else {}
# Terms without a public identifier have one of our own, whose prefix the model does not know.
errors = [message for messages in errors.values() for message in messages if "CURIE prefix 'clonazepam'" not in message]
found = {
    "version": version("kgx"),
    "kgx_nodes": graph.number_of_nodes(),
    "kgx_triples": graph.number_of_edges(),
    "kgx_denied": sum(bool(edge.get("negated")) for _, _, edge in graph.edges(data=True)),
    "conforms": not errors,
    "edges": {},
}
for form in ("tsv", "jsonl"):
    _, hard = read(Path(os.environ["KB_HARD_CASES"], "kgx"), "hard-cases", form)
    nodes = [{"id": name, **data} for name, data in hard.nodes(data=True)]
    found["edges"][f"kgx {form}"] = [[{"object": end, **data} for _, end, data in hard.edges(data=True)], nodes]
if errors:
    print(json.dumps(errors)[:2000], file=sys.stderr)
print(json.dumps(found, default=str))
