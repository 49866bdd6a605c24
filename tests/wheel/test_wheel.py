"""The wheel works on its own, in a bare environment, away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.xdist_group("wheel"),  # one process makes the wheel for all
    pytest.mark.long("an installation of all libraries in a new environment"),
]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("linked_kb-*.whl")
    return made


def test_it_holds_contracts_and_content_and_nothing_of_the_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "kb/schemas/fact.schema.json" in names
    assert "kb/schemas/shapes.ttl" in names
    assert "kb/content/kb.yaml" in names
    assert "kb/content/queries/side-effects.rq" in names
    assert "kb/examples/zelorin/documents/zelorin-leaflet.txt" in names
    assert "kb/py.typed" in names
    assert not [name for name in names if name.startswith(("tests", "tools", "benchmarks"))]


def test_it_validates_and_answers_in_a_bare_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--constraint", str(ROOT / "constraints.txt"), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (tmp_path / "elsewhere").mkdir()

    def kb(*args: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        command = [str(environment / "bin" / "kb"), *args]
        return subprocess.run(command, cwd=tmp_path / "elsewhere", capture_output=True, text=True, env=env, check=False)

    validated = kb("validate")
    assert validated.returncode == 0, validated.stdout + validated.stderr
    assert "no problems" in validated.stdout
    assert "clonazepam,benzodiazepine" in kb("query", "drug-classes", "-f", "csv").stdout
    (example,) = environment.glob("lib/*/site-packages/kb/examples/zelorin")
    verified = kb("verify", "--content", str(example))
    assert (verified.returncode, verified.stdout.splitlines()[3].split()[0]) == (0, "facts"), verified.stderr
    exported = kb("export", "-f", "nt").stdout.encode("utf-8")
    assert exported == (ROOT / "exports" / "clonazepam.nt").read_bytes()
