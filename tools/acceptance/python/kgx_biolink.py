"""Every node and edge is valid in the pydantic classes of the Biolink Model, which forbid keys that they do not know."""

import json
import os
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

model = import_module("biolink_model.datamodel.pydanticmodel_v2")
found = {"version": version("biolink-model")}
for sort in ("nodes", "edges"):
    lines = (Path(sys.argv[1]) / "data" / f"clonazepam_{sort}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    made = [getattr(model, row["category"][0].removeprefix("biolink:"))(**row) for row in rows]
    found[f"kgx_{sort}"] = len({each.id for each in made})
try:
    type(made[0])(**rows[0], severity="mild")
    found["refuses"] = False
except ValueError:
    found["refuses"] = True
hard = {}
for sort in ("edges", "nodes"):
    lines = Path(os.environ["KB_HARD_CASES"], "kgx", f"hard-cases_{sort}.jsonl").read_text(encoding="utf-8").splitlines()
    made = [getattr(model, row["category"][0].removeprefix("biolink:"))(**row) for row in map(json.loads, lines)]
    hard[sort] = [each.model_dump(mode="json") for each in made]
found["edges"] = {"jsonl": [hard["edges"], hard["nodes"]]}
print(json.dumps(found))
