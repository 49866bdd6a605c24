"""Pages of servers and sites in a real browser: accessible, on any screen, on paper, by keyboard, and without any other host."""

from __future__ import annotations

import functools
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline, resources
from kb.site import site_folder
from kb.site.site_pages import Site
from tests.conftest import allowance
from tests.server.client import serving
from tests.site.hostile import write_hostile
from tests.site.varied import write_varied

pytestmark = [pytest.mark.long("a browser"), pytest.mark.allow_hosts(["127.0.0.1"])]
NPM = Path(__file__).parents[1] / "server/clients"
FACT = "/fact/clonazepam-overview/clonazepam/has-side-effect/drowsiness"
QUERY = "/sparql?query=CONSTRUCT+WHERE+%7B%3Fs+kb:modality+%3Fo%7D+LIMIT+5"
SERVED = ["/", "/term/clonazepam", FACT, "/ask", "/ask/side-effects?drug=clonazepam&explain=1", "/ask/hedge-counts"]
SERVED += [
    "/document/clonazepam-overview",
    "/search?q=drows",
    "/sparql",
    "/sparql?query=SELECT+*+%7B",
    QUERY,
    "/nothing",
    "/ontology",
    "/document/clonazepam-overview/s4.2",
    "/ask/serious-effects?drug=alcohol",
]


def look(origin: str, *paths: str, script: str = "faces.mjs") -> dict[str, Any]:
    """Open pages in a browser, and return what is wrong with them."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser or not shutil.which("node") or not (NPM / "node_modules").is_dir():
        pytest.skip("a browser, or what drives it, is not there: install chromium and run 'make npm'")
    command = ["node", str(NPM / script), browser, origin, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@contextmanager
def site_of(folder: Path, out: Path) -> Iterator[str]:
    """Write the site of a knowledge base, and serve its files."""
    site_folder.write_site(out, Site(pipeline.load(folder)).files())
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(out))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_pages_of_a_server_are_for_every_reader() -> None:
    with serving("--no-access-log") as server:
        seen = look(server.url, *SERVED)
    assert {name: found for name, found in seen.items() if found and name != "pages"} == {}


@pytest.mark.parametrize("name", ["shipped", "claims of every kind", "words of its own", "hostile labels"])
def test_pages_of_a_site_are_for_every_reader(name: str, tmp_path: Path) -> None:
    write = write_hostile if name == "hostile labels" else write_varied
    ready = {"shipped": resources.content(), "words of its own": resources.example().parent / "tessera"}
    folder = ready[name] if name in ready else write(tmp_path / "kb")
    with site_of(folder, tmp_path / "out") as origin:
        every = sorted(f"/{path.relative_to(tmp_path / 'out')}" for path in (tmp_path / "out").rglob("*.html"))
        chosen = [path for path in every if path.count("/") == 1]
        for kind in ("/term/", "/predicate/", "/document/", "/vocabulary/", "/ask/"):
            chosen += [path for path in every if path.startswith(kind)][:4]
        seen = look(origin, *chosen)
    assert {name: found for name, found in seen.items() if found and name != "pages"} == {}


def test_a_site_answers_searches_and_sparql_in_the_browser_and_works_as_files(tmp_path: Path) -> None:
    if not (resources.pages() / "static/oxigraph/web_bg.wasm").is_file():
        pytest.skip("the engine is not there: run 'make frontend'")
    with site_of(resources.content(), tmp_path / "out") as origin:
        seen = look(origin, (tmp_path / "out").as_uri(), script="site.mjs")
    assert seen["errors"] == []
    assert seen["rows"] == 60
    assert ["drowsiness", "term/drowsiness.html"] in seen["links"]
    assert any(href.startswith("term/clonazepam.html#clonazepam-overview/") for _, href in seen["links"])
    assert "term:drowsiness" in "".join(seen["completions"])
    assert "clonazepam can interact with (can; open list) " in seen["drawn"]
    assert seen["support"]
    assert all("trigger: " in words for words in seen["support"])
    assert any(re.fullmatch(r"document/.*#s\d+\.\d+", href) for href in seen["places"])
    assert "trigger: " in seen["restricted"][0]
    assert [words for words in seen["below"] if "…" in words] == [], "restrictions are shown in full"
    assert "trigger: sudden stopping of clonazepam" in " ".join(seen["below"])
    assert seen["restricted"][1] >= len(seen["support"])
    assert all(words in seen["denied"] for words in ("denied: causes", "l12 12m0 -12", "&lt;b&gt;"))
    assert {"can", "is", "may"} <= set(seen["labels"])
    counts = [int(count) for count in seen["counts"]]
    assert [round(bar / max(seen["bars"]), 2) for bar in seen["bars"]] == [round(count / max(counts), 2) for count in counts]
    assert seen["triples"] > 5
    assert "expected" in str(seen["error"])
    assert "pred:works-by" in str(seen["edited"])
    assert "gamma-aminobutyric acid (GABA)" in str(seen["asked"])
    assert seen["found"][0] == "drowsiness"
    assert sorted(seen["narrowed"]) == ["anxiety", "insomnia", "panic attacks", "seizures"]
    assert seen["target"] == "true"
    assert 0 < int(str(seen["filtered"])) < int(str(seen["all"]))


def test_a_site_and_a_server_work_where_there_is_no_network() -> None:
    """Requests to other hosts are also counted in every test above; here none could succeed."""
    isolate = ["unshare", "--net", "--map-root-user"]
    if not shutil.which("unshare") or subprocess.run([*isolate, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system gives no network namespace; the requests of pages are counted in the other tests")
    tests = [f"{Path(__file__)}::{test_a_site_answers_searches_and_sparql_in_the_browser_and_works_as_files.__name__}"]
    tests += [str(Path(__file__).parents[1] / "server/test_browser.py")]
    run = shlex.join([sys.executable, "-m", "pytest", "-q", "-m", "long", "-p", "no:cacheprovider", *tests])
    shell = ["sh", "-c", f'ip link set lo up && test -z "$(ip route show default)" && exec {run}']
    done = subprocess.run([*isolate, *shell], capture_output=True, text=True, check=False, cwd=NPM.parents[2], timeout=400)
    assert "2 passed" in done.stdout, done.stdout[-2000:] + done.stderr


def test_a_site_of_sixty_facts_takes_less_than_three_seconds_of_a_processor_and_five_megabytes(tmp_path: Path) -> None:
    before = seconds_of_children()
    unit = time_of_processor()
    command = [sys.executable, "-m", "kb", "site", str(tmp_path / "out"), "--content", str(resources.content())]
    subprocess.run(command, check=True, capture_output=True)
    seconds = seconds_of_children() - before
    slow = max(1.0, unit, time_of_processor())  # a processor that is shared counts more seconds for the same work
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.parent.name != "oxigraph"]
    assert sum(path.stat().st_size for path in files) < 5_000_000
    assert seconds < 3 * slow * allowance()


def seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def time_of_processor() -> float:
    """Return how long a fixed piece of work takes, where 1 is what it takes on a processor of its own."""
    start = time.process_time()
    sum(range(30_000_000))
    return (time.process_time() - start) / 0.5


def test_lighthouse_gives_four_pages_at_least_95() -> None:
    lighthouse, browser = shutil.which("lighthouse"), shutil.which("chromium")
    if not lighthouse or not browser:
        pytest.skip("Lighthouse is not there, which also needs a machine at rest: npm install --global lighthouse")
    paths, scores = ["/", "/term/clonazepam", "/sparql", "/ask/side-effects?drug=clonazepam"], {}
    options = ["--quiet", "--preset=desktop", "--chrome-flags=--headless --no-sandbox", "--output=json"]
    with serving("--no-access-log") as server:
        for path in paths:
            environment = {**os.environ, "CHROME_PATH": browser}
            done = subprocess.run(
                [lighthouse, server.url + path, *options], capture_output=True, check=True, timeout=200, env=environment
            )
            parts = json.loads(done.stdout)["categories"]
            scores.update({f"{path} {name}": part["score"] for name, part in parts.items()})
    assert {name: score for name, score in scores.items() if score < 0.95} == {}
