"""Differences between versions of a knowledge base in every form: each change once, and limits on removals."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import cli, resources
from kb.build import part_cache
from kb.build.chunks import Piece
from kb.build.parts import Part
from kb.reports import diff, versions

Captured = pytest.CaptureFixture[str]
FACTS = "facts/leaflet.yaml"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("one", "two"):
        shutil.copytree(resources.starter(), tmp_path / name)
        edit(tmp_path / name, "documents/leaflet.yaml", "text: shipped", "text: held-elsewhere")  # so that bounds may be edited
    return tmp_path / "one", tmp_path / "two"


def edit(top: Path, name: str, old: str, new: str) -> None:
    text = (top / name).read_text(encoding="utf-8")
    assert old in text
    (top / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def changes(one: Path | str, other: Path | str) -> list[tuple[str, str, str]]:
    difference = diff.compare(*versions.read_versions(str(one), str(other)))
    whole = diff.compare(*versions.read_versions(str(one), str(other), whole=True))
    assert difference.changes == whole.changes
    return [(change.change, change.kind, change.id) for change in difference.changes]


ITCHING = "fact/leaflet/examplol/has-side-effect/itching"


def test_equal_versions_have_no_difference(two: tuple[Path, Path]) -> None:
    assert changes(*two) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (FACTS, "frequency: rare", "frequency: common", ("changed", "fact", ITCHING)),
        (
            FACTS,
            "    - sentence: s1.2",
            "    - sentence: s1.1\n    - sentence: s1.2",
            ("added", "evidence", f"{ITCHING}/evidence/s1.1"),
        ),
        ("terms/terms.yaml", "A wish to scratch.", "An urge to scratch.", ("changed", "term", "term/itching")),
        (
            "terms/terms.yaml",
            "- id: itching",
            "- {id: rash, kind: symptom, label: rash, definition: Red.}\n- id: itching",
            ("added", "term", "term/rash"),
        ),
        ("predicates.yaml", "plain: [is, can, may]", "plain: [is]", ("changed", "predicate", "predicate/has-side-effect")),
        (
            "documents/leaflet.yaml",
            'title: "Examplol: the leaflet"',
            "title: A leaflet",
            ("changed", "document", "document/leaflet"),
        ),
        ("documents/leaflet.yaml", "end: 60", "end: 61", ("changed", "sentence", "document/leaflet/s1.2")),
    ],
    ids=["qualifier", "evidence", "definition", "term", "predicate", "document", "sentence"],
)
def test_one_edit_is_one_change(name: str, old: str, new: str, expected: tuple[str, str, str], two: tuple[Path, Path]) -> None:
    edit(two[1], name, old, new)
    assert changes(*two) == [expected]
    opposite = {"added": "removed", "changed": "changed"}
    assert changes(two[1], two[0]) == [(opposite[expected[0]], *expected[1:])]


def test_text_has_old_and_new_values_and_no_evidence_of_added_facts(two: tuple[Path, Path], capsys: Captured) -> None:
    edit(two[1], FACTS, "frequency: rare", "frequency: common")
    edit(two[1], FACTS, "modality: is", "modality: may")
    edit(two[1], FACTS, "object: medicine", "object: examplol")
    assert cli.run(["diff", str(two[0]), str(two[1])]) == 0
    output = capsys.readouterr().out.splitlines()
    assert "  facts: 1 added, 1 removed, 1 changed" in output
    assert (
        output[output.index(f"~ fact examplol has side effect itching (can; frequency: common) ({ITCHING})") + 1]
        == "    frequency: rare → common"
    )
    assert [line for line in output if line.startswith(("+", "-"))] == [
        "+ fact examplol is a type of examplol (may) (fact/leaflet/examplol/is-a-type-of/examplol)",
        "- fact examplol is a type of medicine (is) (fact/leaflet/examplol/is-a-type-of/medicine)",
    ]


def test_a_denied_fact_and_a_hedged_grade_are_told_as_such(two: tuple[Path, Path], capsys: Captured) -> None:
    edit(two[1], FACTS, "modality: is", "modality: is\n  polarity: negated")
    edit(two[1], FACTS, "frequency: rare", "severity: mild")
    edit(
        two[1], FACTS, "- sentence: s1.2\n", "- {sentence: s1.1, supports: [severity], modality: usually}\n    - sentence: s1.2\n"
    )
    edit(two[1], FACTS, "as: {subject: It}", "as: {subject: It}\n      supports: [claim, modality]")
    assert cli.run(["diff", str(two[0]), str(two[1])]) == 0
    output = capsys.readouterr().out
    assert "+ fact denied: examplol is a type of medicine (is) (" in output
    assert "~ fact examplol has side effect itching (can; severity: usually mild) (" in output


def test_json_has_counts_and_changes(two: tuple[Path, Path], capsys: Captured) -> None:
    edit(two[1], FACTS, "frequency: rare", "frequency: common")
    assert cli.run(["diff", str(two[0]), str(two[1]), "--format", "json", "--exit-code"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert output["counts"]["fact"] == {"added": 0, "removed": 0, "changed": 1}
    (change,) = output["changes"]
    assert (change["before"], change["after"]) == ({"frequency": ["rare"]}, {"frequency": ["common"]})


def test_an_export_and_its_records_are_the_same_version(two: tuple[Path, Path], tmp_path: Path) -> None:
    assert cli.run(["export", "--content", str(two[0]), "-o", f"{tmp_path}/made/"]) == 0
    assert changes(tmp_path / "made", two[0]) == []
    assert changes(two[0], tmp_path / "made/examplol.nq") == []


def git(folder: Path, *words: str) -> None:
    names = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {f"GIT_{role}_{what}": "curator@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **names, **who})  # noqa: S607 - as users have it


def test_git_revisions_are_versions(two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = two[0].parent
    git(folder, "init", "-q")
    git(folder, "add", "two")
    git(folder, "commit", "-qm", "one")
    edit(two[1], FACTS, "frequency: rare", "frequency: common")
    git(folder, "commit", "-qam", "two")
    expected = [("changed", "fact", ITCHING)]
    assert changes("HEAD~1", two[1]) == expected
    monkeypatch.chdir(folder)
    assert changes("HEAD~1:two", "HEAD:two") == expected
    assert changes("HEAD:two", "two") == []


ATTRIBUTES = {
    "filters": "* filter=x diff=x",
    "left out of archives": "facts export-ignore",
    "expanded in archives": "* export-subst",
    "line ends": "* text eol=crlf",
}


@pytest.mark.parametrize("attributes", ATTRIBUTES.values(), ids=ATTRIBUTES)
@pytest.mark.parametrize("has_link", [False, True], ids=["files", "link"])
def test_a_repository_runs_nothing_and_is_read_as_committed(
    attributes: str, two: tuple[Path, Path], has_link: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, ran = two[1], two[0].parent / "ran"
    edit(folder, "terms/terms.yaml", "A wish to scratch.", "A wish $Format:%H$ to scratch.")
    if has_link:
        (folder / "link").symlink_to("kb.yaml")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    edit(folder, FACTS, "frequency: rare", "frequency: common")
    (folder / ".gitattributes").write_text(f"{attributes}\n", encoding="utf-8")
    (folder / ".git/info/attributes").write_text(f"{attributes}\n", encoding="utf-8")
    git(folder, "commit", "-qam", "two")
    program = folder / ".git/program"
    program.write_text(f"#!/bin/sh\necho $0 $* >> {ran}\ncat\n", encoding="utf-8")
    program.chmod(0o755)
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        shutil.copy(program, folder / ".git/hooks" / hook)
    programs = ("filter.x.smudge", "filter.x.process", "diff.x.textconv", "diff.x.command", "diff.external", "core.fsmonitor")
    for name in (*programs, "core.pager", "core.sshCommand", "alias.ls-tree", "alias.cat-file", "tar.tar.command"):
        git(folder, "config", name, str(program))
    monkeypatch.chdir(two[0].parent)
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    assert changes("HEAD~1", "two") == changes("HEAD~1:./", "two/../two") == [("changed", "fact", ITCHING)]
    assert changes("HEAD~1", "two") == [("changed", "fact", ITCHING)]
    assert not ran.exists()


def test_the_environment_does_not_lead_git_elsewhere(two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    ran = two[0].parent / "ran"
    for folder in two:
        git(folder, "init", "-q")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "one")
    edit(two[1], FACTS, "frequency: rare", "frequency: common")
    (two[1] / "git").write_text(f"#!/bin/sh\ntouch {ran}\n", encoding="utf-8")
    (two[1] / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_DIR", str(two[0]))
    assert changes("HEAD", two[1]) == [("changed", "fact", ITCHING)]
    assert not ran.exists()


def test_no_missing_content_is_fetched(two: tuple[Path, Path], capsys: Captured) -> None:
    folder, ran = two[1], two[0].parent / "ran"
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    edit(folder, FACTS, "frequency: rare", "frequency: common")
    settings = {"core.repositoryFormatVersion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true"}
    fetch = {"remote.origin.url": f"ext::sh -c 'touch {ran}'", "protocol.ext.allow": "always"}
    for name, value in {**settings, **fetch, "remote.origin.uploadpack": f"touch {ran};"}.items():
        git(folder, "config", name, value)
    data = (two[0] / FACTS).read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert cli.run(["diff", "HEAD", str(folder)]) == 3
    assert "leaflet.yaml: KB821 The repository does not have the content" in capsys.readouterr().err
    assert not ran.exists()


def test_the_repository_of_another_user_is_refused(
    two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    git(two[1], "init", "-q")
    git(two[1], "add", ".")
    git(two[1], "commit", "-qm", "one")
    other = two[0].parent / "bin/git"  # git itself, on a system where this user does not own the repository
    other.parent.mkdir()
    other.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n', encoding="utf-8")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{other.parent}:{os.environ['PATH']}")
    assert cli.run(["diff", "HEAD", str(two[1])]) == 3
    assert "dubious ownership" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["/etc/passwd", "../../one/facts/leaflet.yaml"])
def test_a_link_of_a_revision_leads_nowhere_outside(target: str, two: tuple[Path, Path], capsys: Captured) -> None:
    (two[1] / FACTS).unlink()
    (two[1] / FACTS).symlink_to(target)
    git(two[1], "init", "-q")
    git(two[1], "add", ".")
    git(two[1], "commit", "-qm", "one")
    assert cli.run(["diff", "HEAD", str(two[1])]) == 3
    assert "HEAD/facts/leaflet.yaml: KB113" in capsys.readouterr().err


def store_object(repository: Path, kind: str, data: bytes) -> str:
    content = f"{kind} {len(data)}\0".encode() + data
    name = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    place = repository / ".git/objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(zlib.compress(content))
    return name


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["../outside"], "leads outside"),
        (["/outside"], "leads outside"),
        (["a", "a/outside"], "No folder can hold the files"),
    ],
    ids=["above", "absolute", "through a link"],
)
def test_a_forged_tree_writes_nothing_outside(paths: list[str], message: str, two: tuple[Path, Path], capsys: Captured) -> None:
    git(two[1], "init", "-q")
    target = store_object(two[1], "blob", str(two[0]).encode())
    entries = [b"120000 %s\0%s" % (path.encode(), bytes.fromhex(target)) for path in paths]
    tree = store_object(two[1], "tree", b"".join(entries))
    assert cli.run(["diff", f"{tree}:", str(two[1])]) == 3
    error = capsys.readouterr().err
    assert "KB821" in error
    assert message in error
    assert not (two[0] / "outside").is_symlink()


def test_a_record_that_moves_to_another_file_is_no_change(two: tuple[Path, Path]) -> None:
    first, _, rest = (two[1] / FACTS).read_text(encoding="utf-8").partition("\n\n")
    (two[1] / "facts/more").mkdir()
    (two[1] / FACTS).rename(two[1] / "facts/more/leaflet.yaml")
    (two[1] / "facts/more/leaflet.yaml").write_text(rest, encoding="utf-8")
    (two[1] / FACTS).write_text(f"{first}\n", encoding="utf-8")
    assert changes(*two) == []


def test_an_evidence_type_is_a_property_of_its_document(two: tuple[Path, Path]) -> None:
    edit(
        two[1],
        "documents/leaflet.yaml",
        'title: "Examplol: the leaflet"',
        'evidence: ECO:0000305\ntitle: "Examplol: the leaflet"',
    )
    for folder in two:
        edit(folder, "kb.yaml", "prefixes:", "prefixes:\n  ECO: http://purl.obolibrary.org/obo/ECO_")
    assert changes(*two) == [("changed", "document", "document/leaflet")]


def test_only_files_that_differ_and_the_vocabulary_are_read(two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    edit(two[1], FACTS, "frequency: rare", "frequency: common")
    pieces: list[str] = []
    read_parts = part_cache.read_parts

    def note(piece: Piece) -> Iterator[Part]:
        pieces.append(piece.path)
        return read_parts(piece)

    monkeypatch.setattr(part_cache, "read_parts", note)
    diff.compare(*versions.read_versions(str(two[0]), str(two[1])))
    names = sorted({str(Path(path).relative_to(two[0].parent)).partition("/")[2] for path in pieces})
    assert names == ["facts/leaflet.yaml", "kb.yaml", "predicates.yaml", "terms/terms.yaml"]


def test_problems_of_a_version_are_all_reported(two: tuple[Path, Path], capsys: Captured) -> None:
    edit(two[1], FACTS, "predicate: has-side-effect", "predicate: has-no-name")
    edit(two[1], "terms/terms.yaml", "kind: symptom", "kind: feeling")
    assert cli.run(["diff", str(two[0]), str(two[1])]) == 1
    error = capsys.readouterr().err
    assert "KB204" in error
    assert cli.run(["diff", str(two[1]), str(two[0])]) == 1


@pytest.mark.parametrize("name", ["HEAD~999", "no-such-thing", "--upload-pack=x", "HEAD:nowhere"])
def test_an_invalid_version_is_reported(name: str, two: tuple[Path, Path], capsys: Captured) -> None:
    assert cli.run(["diff", "--", name, str(two[1])]) == 3
    assert "KB821" in capsys.readouterr().err


def test_invalid_n_quads_are_reported_with_the_line(two: tuple[Path, Path], tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.nq").write_text("<urn:a> <urn:b> <urn:c> <urn:d> .\nwords\n", encoding="utf-8")
    assert cli.run(["diff", str(tmp_path / "a.nq"), str(two[1])]) == 3
    assert "a.nq:2: KB104" in capsys.readouterr().err


@pytest.mark.parametrize(("most", "code"), [("50%", 0), ("49%", 1), ("1", 0), ("0", 1), ("100%", 0)])
def test_too_many_removals_fail_the_run(most: str, code: int, two: tuple[Path, Path], capsys: Captured) -> None:
    text = (two[1] / FACTS).read_text(encoding="utf-8")
    (two[1] / FACTS).write_text(text.partition("\n\n")[0] + "\n", encoding="utf-8")
    assert cli.run(["diff", str(two[0]), str(two[1]), "--max-removed", most]) == code
    message = f"KB822 Of the facts, 1{' of 2' if most.endswith('%') else ''} are removed; the limit is {most}."
    assert (message in capsys.readouterr().err) == bool(code)


def test_an_invalid_limit_is_rejected(two: tuple[Path, Path]) -> None:
    assert cli.run(["diff", str(two[0]), str(two[1]), "--max-removed", "many"]) == 2
