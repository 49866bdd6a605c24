"""KGX validates the nodes and edges, and reads them back.

It fetches the Biolink Model, its prefixes and a table of predicates from GitHub. Model and prefixes come from the package
biolink-model, which KGX installs; the table is in no registry, and an empty one stands in for it.
"""

import json
import os
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import bmt
from bmt import toolkit

model = Path(next(iter(find_spec("biolink_model").submodule_search_locations)), "schema", "biolink_model.yaml")
with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as table:
    table.write("predicate mappings: []\n")
original = toolkit.Toolkit.__init__


def local(self, _schema=None, _predicate_map=None, *rest, **more):
    original(self, str(model), table.name, *rest, **more)


toolkit.Toolkit.__init__ = local
bmt.Toolkit.__init__ = local
from kgx.cli.cli_utils import validate
from kgx.transformer import Transformer

prefixes = json.loads((model.parent.parent / "prefixmaps" / "biolink_model_prefix_map.json").read_text(encoding="utf-8"))
for module in [each for name, each in sys.modules.items() if name.startswith("kgx") and hasattr(each, "get_jsonld_context")]:
    module.get_jsonld_context = lambda *_: dict(prefixes)

folder = Path(sys.argv[1], "kgx")
files = [str(folder / f"clonazepam_{sort}.tsv") for sort in ("nodes", "edges")]
transformer = Transformer()
transformer.transform({"filename": files, "format": "tsv"})
graph = transformer.store.graph
told = validate(files, "tsv", None, os.devnull)
errors = told.get("ERROR", {}) if isinstance(told, dict) else {}
found = {
    "version": version("kgx"),
    "kgx_nodes": graph.number_of_nodes(),
    "kgx_triples": graph.number_of_edges(),
    "conforms": not errors,
}
if errors:
    print(json.dumps(errors)[:2000], file=sys.stderr)
print(json.dumps(found))
