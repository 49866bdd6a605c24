"""sssom-py reads every mapping by value: it drops rows that it cannot read without a word."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

from sssom.parsers import parse_sssom_table

read = parse_sssom_table(str(Path(sys.argv[1]) / "data" / "clonazepam.sssom.tsv"))
found = {"version": version("sssom"), "mappings": len(read.df), "licence": read.metadata["license"]}
hard = parse_sssom_table(str(Path(os.environ["KB_HARD_CASES"], "release", "data", "hard-cases.sssom.tsv")))
print(json.dumps(found | {"mapping_cells": {"sssom": [hard.df.to_dict("records")]}}, default=str))
