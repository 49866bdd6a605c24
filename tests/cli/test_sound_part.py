"""A fault in one file does not stop work on the others: what is sound is used, and what is left out is reported."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from kb import cli, queries, resources
from kb.curation import document_records
from kb.curation.document_records import DocumentDetails
from kb.problems import KbError

Captured = pytest.CaptureFixture[str]

UNKNOWN_SUBJECT = """
- document: leaflet
  subject: nobody
  predicate: is-a-type-of
  object: medicine
  modality: is
  evidence: [{sentence: s1.1}]
"""
UNKNOWN_MAPPING = """#curie_map:
#  HP: http://purl.obolibrary.org/obo/HP_
subject_id\tpredicate_id\tobject_id\tmapping_justification\tmapping_date
term:nobody\tskos:exactMatch\tHP:0000989\tsemapv:ManualMappingCuration\t2026-01-01
"""
FAULTS = {
    "a syntax error in another file of facts": ("facts/other.yaml", b"- subject: [\n", "KB104"),
    "a merge conflict in another document": ("documents/other.yaml", b"<<<<<<< HEAD\nid: other\n=======\n", "KB104"),
    "a term that breaks its schema": ("terms/more.yaml", b"- {id: rash, label: rash}\n", "KB201"),
    "a fact about an unknown term": ("facts/other.yaml", UNKNOWN_SUBJECT.encode(), "KB301"),
    "a file that is not UTF-8": ("terms/more.yaml", b"- {id: \xff}\n", "KB103"),
    "a mapping of an unknown term": ("mappings/hp.sssom.tsv", UNKNOWN_MAPPING.encode(), "KB316"),
    "a missing text of another document": ("documents/other.yaml", b"", "KB413"),
}


@pytest.fixture(params=FAULTS, ids=list(FAULTS))
def faulty(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """The starter with a fault that does not concern its leaflet; and the code of the fault."""
    top = tmp_path / "kb"
    shutil.copytree(resources.starter(), top)
    name, content, code = FAULTS[request.param]
    (top / name).parent.mkdir(exist_ok=True)
    if not content:
        (tmp_path / "other.txt").write_text("It is a medicine.", encoding="utf-8")
        document_records.add_document(top, tmp_path / "other.txt", DocumentDetails(licence="CC0-1.0"))
        (top / "documents/other.txt").unlink()
    else:
        (top / name).write_bytes(content)
    return top, code


COMMANDS = {
    "document show": (["document", "show", "leaflet"], "It can cause itching", 0),
    "cite": (["cite", "can cause itching"], "sentence: s1.2", 0),
    "coverage": (["coverage"], "covered", 1),
    "verify": (["verify"], "facts       2        0        0", 1),
    "query": (["query", "side-effects"], "itching", 1),
    "show": (["show", "examplol"], "itching", 1),
    "stats": (["stats"], "facts in all", 1),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_go_on_with_what_is_sound_and_report_the_rest(command: str, faulty: tuple[Path, str], capsys: Captured) -> None:
    top, code = faulty
    arguments, expected, exit_code = COMMANDS[command]
    assert cli.run([*arguments, "--content", str(top)]) == exit_code
    captured = capsys.readouterr()
    assert expected in captured.out
    assert code in captured.out + captured.err
    assert "left out" in captured.err


def test_a_fact_is_added_beside_a_fault_in_another_file(faulty: tuple[Path, str], capsys: Captured) -> None:
    top, code = faulty
    terms = yaml.safe_load((top / "terms/terms.yaml").read_text(encoding="utf-8"))
    terms.append({"id": "itch", "kind": "symptom", "label": "itch", "aliases": ["cause"], "definition": "An itch."})
    (top / "terms/terms.yaml").write_text(yaml.safe_dump(terms), encoding="utf-8")
    values = {
        "document": "leaflet",
        "subject": "examplol",
        "predicate": "has-side-effect",
        "object": "itch",
        "modality": "can",
        "evidence": "s1.2",
    }
    words = [word for key, value in values.items() for word in (f"--{key}", value)]
    cli.run(["fact", "add", "--content", str(top), *words])
    assert code in capsys.readouterr().err
    assert "object: itch\n" in (top / "facts/leaflet.yaml").read_text(encoding="utf-8")


def test_what_is_left_out_stays_out_of_answers(tmp_path: Path) -> None:
    top = tmp_path / "kb"
    shutil.copytree(resources.starter(), top)
    facts = (top / "facts/leaflet.yaml").read_text(encoding="utf-8")
    (top / "facts/leaflet.yaml").write_text(facts.replace("object: itching", "object: itchin"), encoding="utf-8")
    base, problems = queries.open_sound(top, lambda _: None)
    assert {problem.code for problem in problems} == {"KB301"}
    assert b"itchin>" not in base.quads()
    assert b"fact/leaflet/examplol/is-a-type-of/medicine" in base.quads()
    with pytest.raises(KbError):
        queries.open_base(top)


def test_without_metadata_nothing_is_sound(tmp_path: Path, capsys: Captured) -> None:
    top = tmp_path / "kb"
    shutil.copytree(resources.starter(), top)
    (top / "kb.yaml").write_text("id: [", encoding="utf-8")
    assert cli.run(["query", "side-effects", "--content", str(top)]) == 3
    assert "KB104" in capsys.readouterr().err
