"""datacite validates the metadata of kernel 4.5 and writes its XML; it refuses what has no title."""

import html
import json
import os
import re
import sys
from importlib.metadata import version
from pathlib import Path

from datacite import schema45

value = json.loads((Path(sys.argv[1]) / "metadata" / "datacite.json").read_text(encoding="utf-8"))
good = schema45.validate(value)
xml = schema45.tostring(value)
found = {"version": version("datacite"), "title": value["titles"][0]["title"], "release_version": value["version"]}
found["conforms"] = good and value["titles"][0]["title"] in xml
hard = json.loads((Path(os.environ["KB_HARD_CASES"]) / "release" / "metadata" / "datacite.json").read_text(encoding="utf-8"))
(title,) = re.findall("<title [^>]*>([^<]*)</title>", schema45.tostring(hard))
found["about"] = {"datacite": [{"title": html.unescape(title)}]}
del value["titles"]
print(json.dumps(found | {"refuses": not schema45.validate(value)}))
