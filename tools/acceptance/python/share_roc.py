"""roc-validator holds the crate against RO-Crate 1.1, required and recommended.

It fetches the context of RO-Crate, which it is given from the package ro-crate of npm; every other request fails.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import suppress
from email.message import Message
from importlib.metadata import version
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

node = Path(os.environ["KB_ROOT"], "tools/acceptance/node")
script = """import d from 'ro-crate/lib/defaults.js'; const at = 'https://w3id.org/ro/crate/1.1/context';
console.log(JSON.stringify(d.standardContexts[at]))"""
if not (node / "node_modules").is_dir():
    print(json.dumps({"skip": "it fetches the context of RO-Crate, whose local copy comes from npm, which is not installed"}))
    sys.exit()
context = subprocess.run(["node", "--input-type=module", "-e", script], cwd=node, capture_output=True, check=True).stdout


def is_context(url):
    return "ro/crate/1.1" in url or "ro-crate/specification/1.1" in url


def send(self, request, **_):
    if not is_context(request.url):
        raise requests.ConnectionError(request.url)
    headers = {"Content-Type": "application/ld+json"}
    raw = HTTPResponse(io.BytesIO(context), headers, 200, preload_content=False, request_url=request.url)
    return self.build_response(request, raw)


def fetch(_, request, *__, **___):
    url = request if isinstance(request, str) else request.full_url
    if not is_context(url):
        raise OSError(url)
    headers = Message()
    headers["Content-Type"] = "application/ld+json"
    return urllib.request.addinfourl(io.BytesIO(context), headers, url, 200)


HTTPAdapter.send = send
urllib.request.OpenerDirector.open = fetch
from rocrate_validator.cli.main import cli

found = {"version": version("roc-validator")}
for level in ("REQUIRED", "RECOMMENDED"):
    with tempfile.TemporaryDirectory() as place:
        told = Path(place, "report.json")
        words = ["-y", "validate", "-p", "ro-crate-1.1", "-l", level, "--no-paging", "-f", "json", "-o", str(told), sys.argv[1]]
        with suppress(SystemExit):
            cli(words, standalone_mode=False)
        report = json.loads(told.read_text(encoding="utf-8"))
        found[f"{level.lower()}_checks_failed"] = len(report["issues"]) if not report["passed"] or report["issues"] else 0
print()
print(json.dumps(found))
