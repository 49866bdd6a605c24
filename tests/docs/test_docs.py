"""The documentation is true: drawings, examples and generated pages agree with the code."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import kb as public
from kb import problems, resources
from kb.cli.group import COMMANDS, group

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("tool", ["reference", "contracts"])
def test_generated_files_are_current(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / f"{tool}.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_table_of_packages_names_every_module_and_no_other() -> None:
    rows = re.search(r"## Packages\n(.*?)\nImports go", ARCHITECTURE, re.DOTALL)
    assert rows
    named = set(re.findall(r"`(kb/[a-z_]+(?:\.py|/))`", rows.group(1)))
    there = {f"kb/{path.name}" for path in (ROOT / "kb").glob("*.py") if not path.name.startswith("__")}
    there |= {f"kb/{path.name}/" for path in (ROOT / "kb").iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert named == there


def test_the_drawing_shows_every_package_and_no_other() -> None:
    drawn = set(re.findall(r'\["([a-z]+)/<br>', ARCHITECTURE))
    packages = {path.parent.name for path in (ROOT / "kb").glob("*/__init__.py")} - {"cli"}
    assert drawn == packages


def test_the_layers_are_those_of_the_import_contract() -> None:
    drawn = blocks(ARCHITECTURE, "text")[0].strip().splitlines()
    contract = re.search(r"layers = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.DOTALL)
    assert contract
    layers = [re.findall(r"kb\.([a-z_]+)", line) for line in contract.group(1).splitlines() if "kb." in line]
    assert [sorted(re.findall("[a-z_]+", layer)) for layer in drawn] == [sorted(layer) for layer in layers]


def test_every_dependency_is_justified() -> None:
    declared = re.search(r"dependencies = \[(.*?)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.DOTALL)
    assert declared
    names = {name.lower() for name in re.findall(r'"([A-Za-z0-9-]+)', declared.group(1))}
    table = ARCHITECTURE.partition("## Libraries")[2]
    assert names == {name.lower() for name in re.findall(r"^\| ([A-Za-z0-9-]+) \|", table, re.MULTILINE)} - {"library"}


def test_the_readme_shows_a_fact_as_the_records_and_the_exports_have_it() -> None:
    records = (ROOT / "kb/content/facts/clonazepam-overview.yaml").read_text(encoding="utf-8")
    turtle = (ROOT / "exports/clonazepam.ttl").read_text(encoding="utf-8")
    assert blocks(README, "yaml")[0] in records
    assert blocks(README, "turtle")[0] in turtle


def test_the_readme_shows_the_real_answer(run_kb: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    command, _, answer = blocks(README, "console")[0].partition("\n")
    assert run_kb(*shlex.split(command)[2:]).stdout == answer


def test_the_commands_of_the_readme_run(run_kb: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    lines = [line.partition("#")[0] for block in blocks(README, "sh") for line in block.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("kb ")]
    assert len(commands) >= 3
    for command in commands:
        done = run_kb(*command)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) > 1


def test_the_python_of_the_readme_runs() -> None:
    for block in blocks(README, "python"):
        done = subprocess.run([sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_small_knowledge_base_of_the_docs_is_good(
    tmp_path: Path, run_kb: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    page = (ROOT / "docs" / "records.md").read_text(encoding="utf-8").partition("## A small complete example")[2]
    for block in blocks(page, "yaml"):
        name, _, text = block.removeprefix("# ").partition("\n")
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run_kb("validate", "--content", str(tmp_path)).stdout.endswith("no problems.\n")
    assert "2 of 2 sentences are decided" in run_kb("coverage", "--content", str(tmp_path)).stdout
    assert "examplol,itching,can,,rare" in run_kb("query", "side-effects", "--content", str(tmp_path), "-f", "csv").stdout
    (tmp_path / "leaflet.txt").write_text(blocks(page, "text")[0], encoding="utf-8", newline="")
    counted = subprocess.run(
        [sys.executable, "-c", blocks(page, "python")[0]], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.split()
    record = (tmp_path / "documents/leaflet.yaml").read_text(encoding="utf-8")
    assert "start: {}, end: {}, sha256: {}".format(*counted[:3]) in record
    assert "sha256: {2}\nbytes: {0}\ncharacters: {1}\n".format(*counted[3:]) in record


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "llms.txt", ROOT / "schemas/README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_every_code_is_used_and_every_used_code_is_known() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "kb").rglob("*.py") if path.name != "problems.py"]
    below_the_catalogue = (ROOT / "kb/problems.py").read_text(encoding="utf-8").partition("class Place")[2]
    source = "\n".join([*texts, below_the_catalogue])
    assert set(re.findall(r"KB\d{3}", source)) == set(problems.RULES)


def test_every_command_has_a_module_and_a_summary() -> None:
    for name, what in COMMANDS.items():
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.help
        assert (ROOT / "kb" / "cli" / f"{name.replace('-', '_')}.py").is_file()
        assert what.endswith(".")


def test_the_public_api_fits_one_screen() -> None:
    assert len(public.__all__) <= 12
    assert all(callable(getattr(public, name)) for name in public.__all__)
    with pytest.raises(AttributeError):
        _ = public.nothing_of_that_name


def test_schemas_are_in_one_folder() -> None:
    assert resources.schemas() == ROOT / "schemas"


def test_the_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    heading = re.search(r"^## (\S+) \((\S+)\)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert heading
    assert heading[1] == version
    assert f'\nversion: {version}\ndate-released: "{heading[2]}"\n' in citation
    assert f"version\n  {version}. <https://w3id.org/linked-kb/>" in (ROOT / "README.md").read_text(encoding="utf-8")
