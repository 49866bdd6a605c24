"""cffconvert validates CITATION.cff, and refuses one without authors."""

import json
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
print(json.dumps(found))
