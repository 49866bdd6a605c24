"""cffconvert validates CITATION.cff, and refuses one without authors."""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

from cffconvert import Citation
from ruamel.yaml import YAML

text = (Path(sys.argv[1]) / "CITATION.cff").read_text(encoding="utf-8")
citation = Citation(text)
citation.validate()
about = YAML(typ="safe").load(text)
found = {"version": version("cffconvert"), "title": about["title"], "release_version": about["version"]}
try:
    Citation(text.replace("authors:", "writers:")).validate()
    found["refuses"] = False
except Exception:
    found["refuses"] = True
hard = (Path(os.environ["KB_HARD_CASES"]) / "release" / "CITATION.cff").read_text(encoding="utf-8")
Citation(hard).validate()
print(json.dumps(found | {"about": {"cff": [{"title": YAML(typ="safe").load(hard)["title"]}]}}))
