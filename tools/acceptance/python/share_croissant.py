"""mlcroissant validates the description and loads every record set by value; a wrong digest is refused."""

import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import mlcroissant as mlc

os.chdir(sys.argv[1])
dataset = mlc.Dataset(jsonld="metadata/croissant.json")
found = {"version": version("mlcroissant"), "licence": dataset.metadata.license[0] if dataset.metadata.license else ""}
for name in ("facts", "terms", "mappings"):
    found[name] = sum(1 for _ in dataset.records(record_set=name))
with tempfile.TemporaryDirectory() as place:
    shutil.copytree(".", f"{place}/r")
    path = Path(place, "r", "metadata/croissant.json")
    value = json.loads(path.read_text(encoding="utf-8"))
    del value["conformsTo"], value["distribution"][0]["sha256"]
    path.write_text(json.dumps(value), encoding="utf-8")
    try:
        mlc.Dataset(jsonld=str(path))
        found["refuses"] = False
    except mlc.ValidationError:
        found["refuses"] = True
os.chdir(Path(os.environ["KB_HARD_CASES"], "release"))
hard = mlc.Dataset(jsonld="metadata/croissant.json")


def read(name):
    rows = ({key.partition("/")[2]: value for key, value in row.items()} for row in hard.records(record_set=name))
    return [{key: value.decode("utf-8") if isinstance(value, bytes) else value for key, value in row.items()} for row in rows]


facts = [{**row, "object": row["object_label"], "number": row["object_number"]} for row in read("facts")]
found["rows"] = {"croissant": [facts, *(row for row in read("terms") if row["term"] == "odd-drug")]}
found["about"] = {"croissant": [{"title": hard.metadata.to_json()["alternateName"]}]}
print(json.dumps(found, default=str))
