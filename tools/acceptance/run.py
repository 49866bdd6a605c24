"""``make acceptance``: install the real clients, run them on a fresh release, and report what each read.

Each check is a script that reads the release with one client and prints the values that it read, by name, as a JSON object.
This module compares them with the values of the knowledge base; exit codes do not count. ``--fast`` runs only the clients that
install and run quickly; ``--write`` writes docs/clients.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))  # Python adds only the folder of the script

from kb import pipeline, resources
from kb.release import making
from tools.acceptance import expected, hard_cases, questions

ENVIRONMENTS = ROOT / ".acceptance"
PAGE = ROOT / "docs" / "clients.md"
SECONDS = 900
_NODE = {"node", "comunica"}  # environments of npm


class Row(NamedTuple):
    """The result of a client: ``verdict`` is ``ok``, ``skipped`` or ``FAILED``."""

    client: str
    version: str
    read: str
    expected: str
    verdict: str


def main(arguments: list[str]) -> int:
    """Run the clients; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(description="Run real clients on a fresh release.")
    parser.add_argument("--fast", action="store_true", help="only the clients that install and run quickly")
    parser.add_argument("--write", action="store_true", help="write docs/clients.md")
    parser.add_argument("--only", default="", help="only the client of that name")
    options = parser.parse_args(arguments)
    clients = tomllib.loads((HERE / "clients.toml").read_text(encoding="utf-8"))
    kb = pipeline.load(resources.content())
    with tempfile.TemporaryDirectory() as place:
        release = Path(place) / "release"
        making.make(kb, release, options=making.ReleaseOptions(full=True))
        hard_cases.write(Path(place) / "hard")
        job = questions.prepare(release, Path(place))
        right = expected.values(kb) | questions.count(job)
        rows = []
        for name, client in clients.items():
            if (options.fast and not client.get("fast")) or options.only not in {"", name}:
                continue
            row = run(name, client, release, right, questions.select(job, str(client["fast"])) if options.fast else job)
            print(" | ".join(row), flush=True)
            rows.append(row)
    if options.write:
        text = page(rows, read_page(), list(clients))
        PAGE.write_text(text, encoding="utf-8")
    counts = Counter(row.verdict.partition(":")[0] for row in rows)
    print(f"{counts['ok']} passed, {counts['FAILED']} failed, {counts['skipped']} skipped")
    return int(counts["FAILED"] > 0)


def run(name: str, client: dict[str, Any], release: Path, right: dict[str, Any], job: Path) -> Row:
    """Run one client on a release; stores read the questions to ask from the file of a job."""
    if "skip" in client:
        return Row(name, "", "", "", f"skipped: {client['skip']}")
    try:
        command = prepare(client)
    except (OSError, subprocess.SubprocessError) as error:
        return Row(name, "", "", "", f"skipped: it could not be installed ({type(error).__name__})")
    if isinstance(command, str):
        return Row(name, "", "", "", f"skipped: {command}")
    environment = {**os.environ, "KB_ROOT": str(ROOT), "KB_PACKAGE": client.get("package", name), "PYTHONWARNINGS": "ignore"}
    environment |= {"KB_QUESTIONS": str(job), "KB_HARD_CASES": str(job.parent / "hard")}
    done = subprocess.run(
        [*command, str(release)], capture_output=True, text=True, timeout=SECONDS, check=False, env=environment, cwd=release
    )
    try:
        read = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        message = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Row(name, "", f"nothing: {message[:160]}", "", "FAILED")
    if "skip" in read:
        return Row(name, read.get("version", ""), "", "", f"skipped: {read['skip']}")
    version = read.pop("version")
    read, values = hard_cases.count_right(read)
    wanted = {key: values if key == "hard_cases" else right[key] for key in read}
    verdict = "ok" if read and read == wanted else "FAILED"
    return Row(name, version, _words(read), _words(wanted), verdict)


def prepare(client: dict[str, Any]) -> list[str] | str:
    """Install what a client needs and return the command of its check, or the reason why it cannot run."""
    env = client["env"]
    script = HERE / (env if env in _NODE else "python") / client["check"]
    if env in _NODE:
        if not shutil.which("npm"):
            return "npm is not installed"
        if not (HERE / env / "node_modules").is_dir():
            install = ["npm", "ci", "--prefix", str(HERE / env), "--no-audit", "--no-fund", "--silent"]
            subprocess.run(install, check=True, timeout=SECONDS)
        return ["node", str(script)]
    if (program := client.get("program")) and not shutil.which(program):
        return f"{program} is not installed"
    if env in {"project", "debian"}:
        return [sys.executable, str(script)]
    python = ENVIRONMENTS / env / "bin" / "python"
    done = ENVIRONMENTS / env / "installed"
    wanted = (client["install"], ["--no-deps", *client.get("alone", ())])
    if not done.is_file() or done.read_text(encoding="utf-8") != repr(wanted):
        shutil.rmtree(ENVIRONMENTS / env, ignore_errors=True)
        venv.create(ENVIRONMENTS / env, with_pip=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        for packages in wanted:
            if packages != ["--no-deps"]:
                subprocess.run([*pip, *packages], check=True, timeout=SECONDS)
        done.write_text(repr(wanted), encoding="utf-8")
    return [str(python), str(script)]


def _words(values: dict[str, Any]) -> str:
    return "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())


def read_page() -> dict[str, str]:
    """Read the lines of docs/clients.md about clients, by name."""
    lines = (line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| "))
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines}


def page(rows: list[Row], known: dict[str, str], clients: list[str]) -> str:
    """Write docs/clients.md, with what is known of clients that were not run, in the order of the table of clients."""
    written = known | {row.client: f"| {row.client} | {row.version} | {row.read or '-'} | {_verdict(row)} |" for row in rows}
    lines = [
        "<!-- Made by tools/acceptance/run.py; do not edit. -->",
        "# Clients",
        "",
        "This table shows what real clients read from a release of the shipped knowledge base. `make acceptance` installs the",
        "clients, makes a release, runs each client on it, and writes this page. A client passes only if all values that it read",
        "equal those of the knowledge base; its exit code does not count. `turtle 5323` means that the client read 5,323",
        "statements from the Turtle file, and `refuses True` that it rejected a copy that was damaged on purpose.",
        "`hard cases` counts the values that the client read rightly from a made-up base: denied, restricted, hedged and",
        "inferred facts, values with a hedge, a frequency, negative numbers, and labels with quotes, bars and semicolons.",
        "`questions of one` counts the questions that gave the tested rows in a store of the release; `questions of three`",
        "those of three knowledge bases in one store, each kept to its own.",
        "",
        "| client | version | what it read | verdict |",
        "|---|---|---|---|",
        *(written[name] for name in clients if name in written),
    ]
    return "\n".join(lines) + "\n"


def _verdict(row: Row) -> str:
    return f"**FAILED**, expected {row.expected or 'an answer'}" if row.verdict == "FAILED" else row.verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
