"""sssom-py reads every mapping: it drops rows that it cannot read without a word, so they are counted."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from sssom.parsers import parse_sssom_table

read = parse_sssom_table(str(Path(sys.argv[1]) / "mappings" / "clonazepam.sssom.tsv"))
found = {"version": version("sssom"), "mappings": len(read.df), "licence": read.metadata["license"]}
print(json.dumps(found))
