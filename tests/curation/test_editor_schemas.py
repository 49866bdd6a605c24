"""Schemas for editors accept valid files and reject others; a real language server completes and checks with them."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kb import cli, pipeline, resources
from kb.curation import document_records, editor_schemas
from kb.curation.document_records import DocumentDetails
from kb.records import folder, strict_yaml

SERVER = Path(__file__).parent / "node_modules/yaml-language-server/bin/yaml-language-server"
NODE = shutil.which("node")
Make = Callable[..., Path]
FACT = {"subject": "examplol", "predicate": "has-side-effect", "object": "itch", "modality": "can"}


@pytest.fixture
def edited(make_kb: Make) -> Path:
    """A small knowledge base in YAML, with schemas for editors."""
    top = make_kb()
    assert cli.run(["schema", "--content", str(top)]) == 0
    assert cli.run(["format", "--content", str(top)]) == 0
    return top


def schema_of(path: Path) -> Draft202012Validator:
    reference = path.read_text(encoding="utf-8").splitlines()[0].partition("$schema=")[2]
    schema = json.loads((path.parent / reference).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("top", [resources.content(), None], ids=["shipped", "small"])
def test_every_valid_file_is_valid_by_the_schema_in_its_first_line(top: Path | None, edited: Path) -> None:
    paths = [path for path, _ in folder.find_files(top or edited, []) if path.suffix == ".yaml"]
    assert paths
    for path in paths:
        assert not list(schema_of(path).iter_errors(strict_yaml.parse(path.read_text(encoding="utf-8"), path.name).value))


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "examplool"},
        {"subject": "itch"},  # of a kind that the predicate does not take
        {"object": "examplol"},
        {"predicate": "has-side-effects"},
        {"course": "permanent"},  # a qualifier that the predicate does not take
        {"trigger": "itch"},
        {"evidence": [{"sentence": "s9.9"}]},
        {"object": {"datatype": "xsd:date"}},
    ],
    ids=str,
)
def test_editor_schemas_reject_facts_that_do_not_fit(wrong: dict[str, Any], edited: Path) -> None:
    schema, evidence = schema_of(edited / "facts/leaflet.yaml"), [{"sentence": "s1.1"}]
    assert schema.is_valid([{**FACT, "evidence": evidence}])
    assert not schema.is_valid([{**FACT, "evidence": evidence, **wrong}])


def test_the_facts_of_a_document_have_its_own_sentences_with_their_words(edited: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("One sentence. Two sentences. Three sentences.", encoding="utf-8")
    document_records.add_document(edited, other, DocumentDetails(licence="CC0-1.0"))
    shutil.copy(edited / "facts/leaflet.yaml", edited / "facts/all.yaml")
    (edited / "facts/all.yaml").write_text(f"[{json.dumps({**FACT, 'document': 'other', 'evidence': [{'sentence': 's1.3'}]})}]\n")
    assert cli.run(["schema", "--content", str(edited)]) == 0
    own, general = (json.loads((edited / f"schemas/{name}.schema.json").read_text()) for name in ("facts-leaflet", "facts"))
    assert {entry["const"] for entry in own["$defs"]["sentences-known"]["oneOf"]} == {"s1.0", "s1.1", "s1.2"}
    shipped = editor_schemas.build_schema(pipeline.load(edited), "fact", many=True, document="other")
    assert "s1.3: Three sentences." in shipped
    assert "s1.3" in str(general["$defs"]["sentences-known"])


def test_editor_schemas_are_self_contained(edited: Path) -> None:
    for path in sorted((edited / "schemas").iterdir()):
        text = path.read_text(encoding="utf-8")
        assert '"$id"' not in text
        assert all(line.partition('"$ref": "')[2].startswith("#/") for line in text.splitlines() if '"$ref"' in line)


def test_stale_schemas_are_reported_and_updated_by_formatting(edited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    terms = edited / "terms/terms.yaml"
    added = "\n- {id: rash, kind: symptom, label: rash, definition: Red skin.}\n"
    terms.write_text(terms.read_text(encoding="utf-8") + added, encoding="utf-8")
    assert cli.run(["schema", "--check", "--content", str(edited)]) == 1
    assert "facts-leaflet.schema.json: KB706" in capsys.readouterr().out
    assert cli.run(["format", "--content", str(edited)]) == 0
    assert cli.run(["schema", "--check", "--content", str(edited)]) == 0
    assert schema_of(edited / "facts/leaflet.yaml").is_valid([{**FACT, "object": "rash", "evidence": [{"sentence": "s1.1"}]}])


def test_the_schemas_of_the_shipped_knowledge_base_are_current() -> None:
    assert cli.run(["schema", "--check"]) == 0
    assert cli.run(["format", "--check"]) == 0


class LanguageServer:
    """A YAML language server, spoken to as editors do: JSON-RPC over standard input and output (LSP 3.17)."""

    def __init__(self) -> None:
        assert NODE
        command = [NODE, str(SERVER), "--stdio"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.watchdog = threading.Timer(60, self.process.kill)
        self.watchdog.start()
        self.request_id = 0
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {"textDocument": {"completion": {}}}})
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": SETTINGS})

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        content = json.dumps({"jsonrpc": "2.0", **message}).encode("utf-8")
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self.process.stdin.flush()

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.request_id += 1
        self.send({"id": self.request_id, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.request_id and "method" not in message:
                return message["result"]

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            items = message.get("params", {}).get("items", [])
            self.send({"id": message["id"], "result": [SETTINGS.get(entry.get("section"), {}) for entry in items] or None})
        return message

    def open(self, path: Path, text: str) -> str:
        uri = path.as_uri()
        self.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
        return uri

    def checked(self, uri: str) -> list[str]:
        while uri not in self.diagnostics:
            self.receive()
        return [each["message"] for each in self.diagnostics[uri]]

    def at(self, method: str, uri: str, text: str, words: str) -> Any:
        """Ask about the place after some words."""
        before = text[: text.index(words) + len(words)]
        position = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": position})

    def close(self) -> None:
        self.watchdog.cancel()
        self.process.kill()
        self.process.communicate()


SETTINGS: dict[str, Any] = {"yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}}


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    if not (NODE and SERVER.is_file()):
        pytest.skip("yaml-language-server is not there: run 'make npm'")
    started = LanguageServer()
    yield started
    started.close()


def header(edited: Path) -> str:
    return (edited / "facts/leaflet.yaml").read_text(encoding="utf-8").splitlines()[0] + "\n"


def test_a_language_server_completes_terms_of_the_right_kind(server: LanguageServer, edited: Path) -> None:
    text = header(edited) + "- subject: examplol\n  predicate: has-side-effect\n  object: \n"
    uri = server.open(edited / "facts/leaflet.yaml", text)
    response = server.at("completion", uri, text, "object: ")
    labels = {entry["label"] for entry in (response["items"] if isinstance(response, dict) else response)}
    assert "itch" in labels
    assert "examplol" not in labels


@pytest.mark.parametrize(
    ("written", "after", "offered", "not_offered"),
    [
        ("- subject: \n", "subject: ", {"examplol", "itch"}, set()),
        ("- predicate: \n", "predicate: ", {"has-side-effect"}, {"examplol"}),
        ("- evidence:\n    - sentence: \n", "sentence: ", {"s1.1", "s1.2"}, set()),
        ("- subject: examplol\n  predicate: has-side-effect\n  ", "side-effect\n  ", {"frequency", "trigger"}, set()),
        ("- predicate: has-side-effect\n  trigger: \n", "trigger: ", {"stopping"}, {"itch", "examplol"}),
    ],
)
def test_a_language_server_offers_what_the_knowledge_base_declares(
    written: str, after: str, offered: set[str], not_offered: set[str], server: LanguageServer, edited: Path
) -> None:
    text = header(edited) + written
    uri = server.open(edited / "facts/leaflet.yaml", text)
    response = server.at("completion", uri, text, after)
    labels = {entry["label"] for entry in (response["items"] if isinstance(response, dict) else response)}
    assert offered <= labels
    assert not not_offered & labels


def test_a_language_server_explains_a_term_under_the_pointer(server: LanguageServer, edited: Path) -> None:
    path = edited / "facts/leaflet.yaml"
    text = path.read_text(encoding="utf-8")
    response = server.at("hover", server.open(path, text), text, "object: it")
    assert "itch: A wish to scratch" in response["contents"]["value"]


def test_a_language_server_reports_what_does_not_fit(server: LanguageServer, edited: Path) -> None:
    path = edited / "facts/leaflet.yaml"
    good = path.read_text(encoding="utf-8")
    bad = good.replace("object: itch", "object: itsh")
    assert bad != good
    assert server.checked(server.open(path, good)) == []
    wrong = server.checked(server.open(path.with_name("other.yaml"), bad))
    assert any("itch" in each for each in wrong), wrong
