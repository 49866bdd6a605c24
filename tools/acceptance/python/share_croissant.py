"""mlcroissant validates the description and loads every record set; a wrong digest is refused."""

import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import mlcroissant as mlc

os.chdir(sys.argv[1])
dataset = mlc.Dataset(jsonld="croissant.json")
found = {"version": version("mlcroissant"), "licence": dataset.metadata.license[0] if dataset.metadata.license else ""}
for name in ("facts", "terms", "mappings"):
    found[name] = sum(1 for _ in dataset.records(record_set=name))
with tempfile.TemporaryDirectory() as place:
    shutil.copytree(".", f"{place}/r")
    path = Path(place, "r", "croissant.json")
    value = json.loads(path.read_text(encoding="utf-8"))
    del value["conformsTo"], value["distribution"][0]["sha256"]
    path.write_text(json.dumps(value), encoding="utf-8")
    try:
        mlc.Dataset(jsonld=str(path))
        found["refuses"] = False
    except mlc.ValidationError:
        found["refuses"] = True
print(json.dumps(found))
