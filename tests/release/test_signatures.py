"""A release can be signed with an SSH key, and the check verifies who signed it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kb import pipeline
from kb.cli import run
from kb.problems import KbError
from kb.release import checking, making, signatures

pytestmark = pytest.mark.skipif(
    not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed: apt-get install openssh-client"
)


def make_key(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a key, and a file that trusts it."""
    key = folder / name
    subprocess.run([str(shutil.which("ssh-keygen")), "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key], check=True)
    trusted = folder / f"{name}.trusted"
    trusted.write_text(f"{name}@example.org {key.with_suffix('.pub').read_text(encoding='utf-8')}", encoding="utf-8")
    return key, trusted


@pytest.fixture(scope="module")
def signed(rich_content: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A signed release, a file that trusts its key, and one that trusts another."""
    folder = tmp_path_factory.mktemp("signed")
    key, trusted = make_key(folder, "jo")
    making.make(pipeline.load(rich_content), folder / "release", options=making.ReleaseOptions(key=key))
    return folder / "release", trusted, make_key(folder, "other")[1]


def test_a_signature_is_verified_and_whose_it_is_only_with_trusted_keys(signed: tuple[Path, Path, Path]) -> None:
    release, trusted, _ = signed
    notes: list[str] = []
    assert not checking.check_release(release, notes.append)
    assert any("Whose key it is was not checked" in note for note in notes)
    notes.clear()
    assert not checking.check_release(release, notes.append, trusted)
    assert any("for jo@example.org" in note for note in notes)
    assert not any("not checked" in note for note in notes)


def test_another_signer_no_signature_and_other_checksums_are_problems(
    signed: tuple[Path, Path, Path], rich: Path, tmp_path: Path
) -> None:
    release, trusted, other = signed
    assert "none of the keys" in str(checking.check_release(release, signers=other)[0])
    assert "not signed" in str(checking.check_release(rich, signers=trusted)[0])
    shutil.copytree(release, tmp_path / "changed")
    (tmp_path / "changed" / "LICENSE").write_text("mine", encoding="utf-8")
    sums = tmp_path / "changed" / "SHA256SUMS"
    sums.write_text(sums.read_text(encoding="utf-8").replace("a", "b", 1), encoding="utf-8")
    for signers in (None, trusted):
        problems = "\n".join(map(str, checking.check_release(tmp_path / "changed", signers=signers)))
        assert "SHA256SUMS.sig: KB712 It is no valid signature" in problems
    (tmp_path / "changed" / "SHA256SUMS.sig").write_text("nonsense", encoding="utf-8")
    assert "SHA256SUMS.sig: KB712" in "\n".join(map(str, checking.check_release(tmp_path / "changed")))


def test_what_is_no_key_is_reported_and_leaves_nothing(rich_content: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret", encoding="utf-8")
    with pytest.raises(KbError, match="KB772") as caught:
        making.make(pipeline.load(rich_content), tmp_path / "release", options=making.ReleaseOptions(key=tmp_path / "key"))
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "release").exists()


def test_without_ssh_keygen_the_signature_is_reported_as_not_checked(
    signed: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert [problem.code for problem in checking.check_release(signed[0])] == ["KB713"]
    with pytest.raises(KbError, match="KB713"):
        signatures.sign(b"", signed[1])


@pytest.mark.parametrize(
    "words", [["--signers", "x"], ["--check", "--sign", "x"], ["--check", "--full"], ["--check", "--since", "x"]]
)
def test_options_that_would_do_nothing_are_refused(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["release", str(tmp_path / "release"), *words]) == 2
    assert "--check" in capsys.readouterr().err
    assert not (tmp_path / "release").exists()
