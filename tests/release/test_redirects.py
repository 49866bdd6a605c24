"""A real Apache redirects every IRI of a knowledge base to its target, with its percent-encoding unchanged."""

from __future__ import annotations

import html
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kb import pipeline
from kb.cli import run
from kb.formats import registry
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.rdf.iris import KB, Names, literal_segment
from kb.rdf.quads import iri_value, is_iri
from kb.release import redirects
from kb.release.redirects import RedirectTarget
from kb.site.site_pages import Site

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Ask = Callable[..., tuple[int, str, dict[str, str]]]
SERVER, FILES, PAGE = "https://kb.example.org/here/", "https://files.example.org/1.0.0/", "https://example.org/about"
SITE = "https://site.example.org/kb/"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

CONFIGURATION = """
ServerRoot {folder}
PidFile {folder}/pid
Listen 127.0.0.1:{port}
ServerName w3id.org
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule rewrite_module {modules}/mod_rewrite.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule dir_module {modules}/mod_dir.so
ErrorLog {folder}/error.log
DocumentRoot {folder}/served
StartServers 1
ThreadsPerChild 4
MaxRequestWorkers 4
ServerLimit 1
MinSpareThreads 1
MaxSpareThreads 4
<Directory {folder}/served>
AllowOverride All
Require all granted
</Directory>
"""


@pytest.fixture(scope="module")
def apache(shipped: KnowledgeBase) -> Iterator[Ask]:
    """Serve what is made for a server and, on a host of its own, what is made for files."""
    program = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
    modules = Path("/usr/lib/apache2/modules")
    if program is None or not modules.is_dir():
        pytest.skip("Apache is not installed: apt-get install apache2-bin")
    folder = Path(tempfile.mkdtemp(prefix="kb-apache-"))
    try:
        folder.chmod(0o755)  # its workers give up their rights
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        to = {"server": RedirectTarget(server=SERVER), "files": RedirectTarget(files=FILES, homepage=PAGE)}
        to["site"] = redirects.find_target(shipped.dataset._replace(download=""), RedirectTarget(site=SITE))
        for name, destination in to.items():
            for path, text in redirects.redirect_files(shipped.dataset, destination, full=True).items():
                (folder / "served" / name / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / "served" / name / path).write_text(text, encoding="utf-8")
        hosts = "".join(
            f"<VirtualHost 127.0.0.1:{port}>\nServerName {name}.test\nDocumentRoot {folder}/served/{name}\n</VirtualHost>\n"
            for name in to
        )
        (folder / "conf").write_text(CONFIGURATION.format(folder=folder, port=port, modules=modules) + hosts)
        process = subprocess.Popen([program, "-f", folder / "conf", "-DFOREGROUND"], stderr=subprocess.DEVNULL)
        try:
            wait(port, process, folder)
            yield asking(port)
        finally:
            process.terminate()
            process.wait()
    finally:
        shutil.rmtree(folder)


def wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            log = folder / "error.log"
            assert process.poll() is None, log.read_text() if log.exists() else "Apache has ended"
            assert time.monotonic() < deadline
            threading.Event().wait(0.02)
        else:
            return


def asking(port: int) -> Ask:
    def ask(path: str, host: str = "server", accept: str | None = None, method: str = "GET") -> tuple[int, str, dict[str, str]]:
        """Send a path as it is; give status, where it leads and the other headers."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", f"{host}.test")
            if accept is not None:
                connection.putheader("Accept", accept)
            connection.endheaders()
            response = connection.getresponse()
            response.read()
            return response.status, response.getheader("Location", ""), dict(response.getheaders())
        finally:
            connection.close()

    return ask


def as_sent(iri: str) -> str:
    """Write an IRI as a URI (RFC 3987, section 3.1), without its host."""
    path = "/" + iri.split("/", 3)[3].partition("#")[0]
    return "".join(char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode()) for char in path)


def test_every_iri_of_the_shipped_knowledge_base_redirects_to_the_server(
    apache: Ask, shipped: KnowledgeBase, names: Names
) -> None:
    quads = pipeline.compile_all(shipped)
    ours = {iri_value(term) for quad in quads for term in quad if is_iri(term) and term.startswith(f"<{names.base}")}
    rooms = {iri.removeprefix(names.base).partition("/")[0] for iri in ours}
    assert {"term", "fact", "document", "graph", "predicate", "mapping", "agent", ""} <= rooms
    base = as_sent(names.base)
    for iri in sorted(ours)[::9]:
        status, location, _ = apache(as_sent(iri))
        assert (status, location) == (303, SERVER + as_sent(iri)[len(base) :])


ODD = [
    "fact/d/s/p/" + literal_segment("1.50 mg, 20%; (é) ~x'=&+$!*:@", "xsd:string"),
    "fact/d/s/p/" + literal_segment("Größe? #1 😀", "de"),
    "term/%C3%A9t%C3%A9",
    "term/a%25b%3Fc%23d",
    "document/x/s3.2",
    "graph/document/x",
    "np/RAj7ZRknJA8bFXv0yztznS0k4phq3Nz8plwjHOiFMcb9w",
    "mapping/term/x/exactMatch/CAS/1622-61-3",
    "a//b/./c",
    "",
]


@pytest.mark.parametrize("path", ODD)
def test_escapes_survive_unchanged(path: str, apache: Ask, names: Names) -> None:
    status, location, headers = apache(as_sent(names.base) + path)
    assert (status, location) == (303, SERVER + path)
    assert headers["Access-Control-Allow-Origin"] == "*"


def test_an_encoded_slash_needs_a_server_setting_as_the_readme_states(apache: Ask, names: Names, shipped: KnowledgeBase) -> None:
    assert apache(as_sent(names.base) + "term/a%2Fb")[0] == 404
    files = redirects.redirect_files(shipped.dataset, RedirectTarget(server=SERVER))
    assert "AllowEncodedSlashes NoDecode" in files["linked-kb/clonazepam/README.md"]


def test_the_query_string_is_kept(apache: Ask, names: Names) -> None:
    assert apache(as_sent(names.base) + "term/x?format=turtle&y=%20")[1] == f"{SERVER}term/x?format=turtle&y=%20"


def test_a_head_request_is_redirected(apache: Ask, names: Names) -> None:
    assert apache(as_sent(names.base) + "term/x", method="HEAD")[:2] == (303, f"{SERVER}term/x")


def test_nothing_redirects_to_another_host(apache: Ask, names: Names) -> None:
    for path in ("@evil.example.org/", "/evil.example.org/", "..%2F", "%0d%0aLocation:%20x", "%5Cevil"):
        status, location, headers = apache(as_sent(names.base) + path)
        assert status in {303, 400, 404}
        assert not location or location.startswith(SERVER)
        assert "x" not in headers.values()


FILE = {name: f"{FILES}data/clonazepam.{registry.find(name).extension}" for name in redirects.FORMAT_NAMES}
ACCEPTED = [
    (None, PAGE),
    ("*/*", PAGE),
    ("text/html", PAGE),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", PAGE),
    ("text/turtle", FILE["turtle"]),
    ("application/ld+json", FILE["jsonld"]),
    ("application/n-triples", FILE["ntriples"]),
    ("application/rdf+xml", FILE["rdfxml"]),
    ("Text/Turtle;charset=utf-8", FILE["turtle"]),
    ("text/turtle, text/html;q=0.1", FILE["turtle"]),
    ("text/html;q=0.3, application/rdf+xml", FILE["rdfxml"]),
    ("application/rdf+xml, text/rdf;q=0.6, */*;q=0.1", FILE["rdfxml"]),
    ("application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,text/turtle;q=0", FILE["jsonld"]),
    ("text/turtle;q=0, application/n-triples", FILE["ntriples"]),
    ("text/turtle;q=0.0,*/*", PAGE),
    ("text/turtles", PAGE),
    ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', FILE["jsonld"]),
    ("image/png", PAGE),
]


@pytest.mark.parametrize(("accept", "target"), ACCEPTED)
def test_the_accept_header_chooses_the_file(accept: str | None, target: str, apache: Ask, names: Names) -> None:
    for path in ("term/clonazepam", "fact/d/s/p/a%20b;string?x=y", "document/clonazepam-overview/s3.2", "graph/dataset", ""):
        status, location, headers = apache(as_sent(names.base) + path, "files", accept)
        assert (status, location) == (303, target)
        assert headers["Vary"].lower() == "accept"


def test_browsers_reach_the_page_of_each_thing_in_a_site(apache: Ask, shipped: KnowledgeBase, names: Names) -> None:
    files = dict(Site(shipped).files())
    quads = pipeline.compile_all(shipped)
    minted = {iri_value(term) for quad in quads for term in quad[:3] if is_iri(term) and term.startswith(f"<{names.base}")}
    kinds = {"term": "term/", "predicate": "predicate/", "fact": "term/", "document": "document/"}
    anchors = 0
    for iri in sorted(minted):
        status, location, _ = apache(as_sent(iri), "site", BROWSER)
        page, _, anchor = location.removeprefix(SITE).partition("#")
        assert (status, location.startswith(SITE)) == (303, True), iri
        text = files[page or "index.html"].decode()
        assert not anchor or f' id="{html.escape(anchor)}"' in text, iri
        assert page.startswith(kinds.get(iri.removeprefix(names.base).partition("/")[0], "")), (iri, page)
        anchors += bool(anchor)
    assert anchors > len(shipped.facts)
    for accept, name in (("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        target = f"data/clonazepam.{name}"
        assert apache(as_sent(names.term("clonazepam")), "site", accept)[1] == SITE + target
        assert target in files
    assert apache(as_sent(f"{names.base}np/RAabc"), "site", BROWSER)[1] == f"{SITE}downloads.html"
    assert apache(as_sent(names.base), "site")[1] == SITE
    assert apache(as_sent(KB), "site", BROWSER)[1] == f"{SITE}ontology.html"


def test_files_of_releases_are_passed_to_where_they_lie(apache: Ask, names: Names) -> None:
    base = as_sent(names.base)
    for accept in ("text/html", "text/turtle", "*/*"):
        for path in ("data/facts.csv", "metadata/dcat.ttl", ""):
            assert apache(f"{base}releases/1.0.0/{path}", "files", accept)[:2] == (303, f"{FILES}{path}")
            assert apache(f"{base}releases/0.9.1/{path}", "files", accept)[:2] == (303, f"https://files.example.org/0.9.1/{path}")
            assert apache(f"{base}releases/1.0.0/{path}", accept=accept)[:2] == (303, f"{SERVER}releases/1.0.0/{path}")


def test_files_of_releases_lie_where_kb_yaml_says_even_if_a_server_answers_the_rest(shipped: KnowledgeBase) -> None:
    dataset = shipped.dataset._replace(download="https://files.example.org/latest/")
    rules = redirects.redirect_files(dataset, RedirectTarget(server=SERVER))["linked-kb/clonazepam/.htaccess"]
    assert "RewriteRule ^releases/(1\\.0\\.0)/(.*)$ https://files.example.org/latest/$2 " in rules
    assert rules.index("^releases/") < rules.index("THE_REQUEST")


def test_a_target_with_letters_beyond_ascii_is_written_as_it_is_sent(shipped: KnowledgeBase) -> None:
    target = RedirectTarget(server="https://exämple.org/kb/ü/")
    rules = redirects.redirect_files(shipped.dataset, target)["linked-kb/clonazepam/.htaccess"]
    assert "RewriteRule ^ https://xn--exmple-cua.org/kb/\\%C3\\%BC/%1 " in rules
    assert rules.isascii()
    with pytest.raises(KbError, match=r"KB715 'https://exämple\.\.org/' is no URL"):
        redirects.redirect_files(shipped.dataset, RedirectTarget(server="https://exämple..org/"))


def test_the_vocabulary_redirects_too(apache: Ask) -> None:
    assert apache(as_sent(KB))[:2] == (303, f"{SERVER}ontology")
    assert apache(as_sent(KB), "files")[:2] == (303, f"{FILES}schemas/ontology.ttl")
    assert apache("/linked-kb/schemas/fact.schema.json", "files")[:2] == (303, f"{FILES}schemas/fact.schema.json")
    assert apache("/linked-kb/schemas/..%2Fx", "files")[0] == 404
    assert apache("/linked-kb/", "files")[:2] == (303, PAGE)


def test_the_command_writes_the_folder_of_a_redirect_request(tmp_path: Path, make_kb: Callable[..., Path]) -> None:
    words = ["redirects", "--content", str(make_kb()), "-o", str(tmp_path / "w3id"), "--server", "https://x.example.org/kb"]
    assert run([*words, "--contact", "@curator on GitHub"]) == 0
    assert {str(path.relative_to(tmp_path / "w3id")) for path in (tmp_path / "w3id").rglob("*") if path.is_file()} == {
        "small/.htaccess",
        "small/README.md",
    }
    readme = (tmp_path / "w3id/small/README.md").read_text(encoding="utf-8")
    assert "<https://example.org/small/>" in readme
    assert "- A curator\n- @curator on GitHub\n" in readme
    assert "https://x.example.org/kb/%1 " in (tmp_path / "w3id/small/.htaccess").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "to", [RedirectTarget(), RedirectTarget(server="https://w3id.org/linked-kb/clonazepam/x/"), RedirectTarget(files="ftp://x/")]
)
def test_a_missing_or_circular_target_is_reported(to: RedirectTarget, shipped: KnowledgeBase) -> None:
    with pytest.raises(KbError, match="KB715"):
        redirects.redirect_files(shipped.dataset, to)


def test_the_target_defaults_to_kb_yaml(shipped: KnowledgeBase) -> None:
    about = shipped.dataset._replace(endpoint="https://e.example.org/kb/sparql", download="https://d.example.org/1.0.0/")
    given = redirects.find_target(about, RedirectTarget())
    assert (given.server, given.files) == ("https://e.example.org/kb/", "")
    assert redirects.find_target(about, RedirectTarget(files=FILES)).files == FILES
    assert redirects.find_target(about._replace(endpoint="https://e.example.org/query"), RedirectTarget()).files == about.download
    assert redirects.find_target(about, RedirectTarget()).contact == ("The linked-kb maintainers, https://w3id.org/linked-kb/",)


def test_a_homepage_below_the_namespace_is_not_redirected_to_itself(shipped: KnowledgeBase) -> None:
    files = redirects.redirect_files(shipped.dataset, RedirectTarget(files=FILES, homepage="https://w3id.org/linked-kb/"))
    assert "^ https://w3id.org" not in files["linked-kb/clonazepam/.htaccess"]
    assert f"^$ {FILES} " in files["linked-kb/.htaccess"]


def test_a_server_and_a_site_are_not_named_together(
    run_kb: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run_kb("redirects", "-o", str(tmp_path / "out"), "--server", "https://a.example/", "--site", "https://b.example/")
    assert (done.returncode, "--server or --site" in done.stderr, (tmp_path / "out").exists()) == (2, True, False)
