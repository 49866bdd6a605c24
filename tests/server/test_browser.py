"""The query page and the page of a thing in a real browser, which sends requests to this server alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server.client import serving

NPM = Path(__file__).parent / "clients"


@pytest.mark.long("a browser")
def test_a_person_asks_in_a_browser_and_no_other_host_is_asked() -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser or not shutil.which("node") or not (NPM / "node_modules").is_dir():
        pytest.skip("a browser, or what drives it, is not there: install chromium and run 'make npm'")
    with serving("--rows", "1000", "--no-access-log") as server:
        command = ["node", str(NPM / "browser.mjs"), browser, server.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)
    assert [each for each in seen["asked"] if not each.startswith((f"{server.url}/", "data:", "blob:"))] == []
    assert (seen["errors"], seen["violations"]) == ([], [])
    assert "kb:" in seen["first"]
    assert seen["rows"] > 0
    assert seen["link"].startswith("/term/")
    completions = seen["completions"]
    known = {"prefix": "skos:", "class": "kb:Drug", "predicate": "pred:has-side-effect", "term": "term:drowsiness"}
    for name, words in known.items():
        assert any(words in each for each in completions[name]), (name, completions[name])
    assert "term:drowsiness " in completions["term accepted"]
    assert seen["tab"] not in {"", "query"}
    assert "KB602" in seen["error"]
    assert seen["kept"] == "SELECT * {\n  ?s ?p }"
    assert seen["selected"] > len("SELECT * {")
    assert "Cut" in seen["cut"]
    assert "has side effect" in seen["support"]
    assert "clonazepam has side effect (can; " in seen["facts"][0]
    assert seen["facts"][1] > 0
    assert "clonazepam" in seen["drawn"] or "drug" in seen["drawn"]
    assert seen["thing"]["title"] == "drowsiness"
    assert all(word in seen["thing"]["text"] for word in ("Being inclined to sleep.", "s3.3", "severity: usually mild"))
    assert "@context" in seen["data"]
