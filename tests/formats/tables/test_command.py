"""``kb export`` writes tables and graphs beside RDF."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from kb.cli import run
from kb.formats.tables import table_registry

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_every_export_is_in_the_folder_with_readme_and_checksums(tmp_path: Path, run_kb: Run) -> None:
    names = [word for each in table_registry.TABLES for word in ("-f", each.name)]
    found = run_kb("export", "-f", "turtle", *names, "-o", f"{tmp_path}/out/")
    assert found.returncode == 0, found.stderr
    assert "loss: terms take part in no edge, and are no nodes (31)" in found.stderr
    lines = (tmp_path / "out/SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    there = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert there == {*sums, "SHA256SUMS"}
    assert {"clonazepam.ttl", "facts.csv", "clonazepam_edges.jsonl", "neo4j/nodes.csv", "parquet/edges.parquet"} <= there
    assert all(sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    readme = (tmp_path / "out/README.md").read_text(encoding="utf-8")
    assert all(f"[{name}]" in readme for name in there - {"SHA256SUMS", "README.md"})
    checked = run_kb("export", "-f", "turtle", *names, "-o", f"{tmp_path}/out/", "--check")
    assert checked.returncode == 0, checked.stderr


def test_an_export_of_one_file_goes_to_standard_output_or_to_that_file(tmp_path: Path, run_kb: Run) -> None:
    printed = run_kb("export", "-f", "hrt")
    assert printed.stdout.startswith("benzodiazepine\tis-a-type-of\tmedication\n")
    assert run_kb("export", "-o", str(tmp_path / "x.graphml")).returncode == 0
    assert (tmp_path / "x.graphml").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    "args",
    [
        ["-f", "kgx"],
        ["-f", "csv", "-o", "x.csv"],
        ["-f", "hrt", "-f", "ttl"],
        ["-f", "hrt", "--statements", "plain"],
        ["-f", "kxg"],
    ],
)
def test_what_does_not_fit_is_wrong_use(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", *args]) == 2
    assert capsys.readouterr().out == ""
