"""Every node and edge is valid in the pydantic classes of the Biolink Model, which forbid keys that they do not know."""

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

model = import_module("biolink_model.datamodel.pydanticmodel_v2")
found = {"version": version("biolink-model")}
for sort in ("nodes", "edges"):
    lines = (Path(sys.argv[1]) / "kgx" / f"clonazepam_{sort}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    made = [getattr(model, row["category"][0].removeprefix("biolink:"))(**row) for row in rows]
    found[f"kgx_{sort}"] = len({each.id for each in made})
try:
    type(made[0])(**rows[0], severity="mild")
    found["refuses"] = False
except ValueError:
    found["refuses"] = True
print(json.dumps(found))
