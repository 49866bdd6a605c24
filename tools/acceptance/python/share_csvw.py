"""csvw reads every table by its description and by value; a reference to nothing is refused."""

import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from csvw import TableGroup

found = {"version": version("csvw")}
group = TableGroup.from_file(Path(sys.argv[1], "data", "csv-metadata.json"))
sizes = {table.local_name: sum(1 for _ in table) for table in group.tables}
found |= {name.removesuffix(".csv"): sizes[name] for name in ("facts.csv", "terms.csv", "mappings.csv")}
found |= {"kgx_nodes": sizes["clonazepam_nodes.tsv"], "kgx_edges": sizes["clonazepam_edges.tsv"]}
with tempfile.TemporaryDirectory() as place:
    shutil.copytree(Path(sys.argv[1], "data"), f"{place}/r")
    path = Path(place, "r", "terms.csv")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith('"clonazepam"')), encoding="utf-8", newline="")
    try:
        TableGroup.from_file(Path(place, "r", "csv-metadata.json")).check_referential_integrity(strict=True)
        found["refuses"] = False
    except ValueError:
        found["refuses"] = True
hard = TableGroup.from_file(Path(os.environ["KB_HARD_CASES"], "release", "data", "csv-metadata.json"))
tables = {table.local_name: [dict(row) for row in table] for table in hard.tables}
facts = [{**row, "object": row["object_label"], "number": row["object_number"]} for row in tables["facts.csv"]]
found["rows"] = {"csvw": [facts, *(row for row in tables["terms.csv"] if row["term"] == "odd-drug")]}
found["mapping_cells"] = {"csvw": [tables["hard-cases.sssom.tsv"]]}
found["about"] = {"csvw": [{"title": hard.common_props["dc:title"]}]}
print(json.dumps(found, default=str))
