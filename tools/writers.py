"""Let several processes write into one knowledge base at the same time, beside an editor, and check that nothing is lost.

Each writer runs the commands that change records, in random order. What a command acknowledged, by exit code 0, must be there at
the end; a command that was refused must say so with exit code 6. An editor meanwhile adds comments to the file of facts, which
must be there too.

::

    python -m tools.writers [--writers N] [--rounds N] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_REFUSED = 6
_FACT = [
    "fact",
    "add",
    "--document",
    "leaflet",
    "--subject",
    "examplol",
    "--predicate",
    "has-side-effect",
    "--modality",
    "can",
    "--evidence",
    "s1.2",
    "--object",
]
_DOCUMENT = ["document", "add", "--licence", "CC0-1.0"]
_TABLE = ["table", "import", "--subject", "drug", "--object", "effect"]
_REVIEW = ["review", "--accept-if", "predicate=has-side-effect", "--accept-if", "proposer=tool:writers", "--yes"]
_PROPOSAL = {"document": "leaflet", "subject": "examplol", "predicate": "has-side-effect", "proposer": "tool:writers"}
_PROPOSAL |= {"quote": "It can cause itching, which is rare."}
_FACT_RECORD = """- subject: examplol
  predicate: has-side-effect
  object: {}
  modality: can
  evidence:
    - sentence: s1.1
"""
_SHARED = 10
_STATED = "Examplol can have effects.\n"
_COMMENT = "# An editor added comment {}."


@dataclass(frozen=True, slots=True)
class Command:
    """A command that writes records.

    Args:
        arguments: Its arguments for a base and a name that no other run has.
        is_there: Whether the base holds what the command acknowledged.
        acknowledged: The exit codes by which it says that it has written.
    """

    arguments: Callable[[Path, str], list[str]]
    is_there: Callable[[Path, str], bool]
    acknowledged: tuple[int, ...] = (0,)


def _has_fact(base: Path, name: str) -> bool:
    return f"  object: {name}\n" in (base / "facts/leaflet.yaml").read_text(encoding="utf-8")


def _has_document(base: Path, name: str) -> bool:
    return all((base / f"documents/{name}{suffix}").is_file() for suffix in (".yaml", ".txt"))


def _has_table(base: Path, name: str) -> bool:
    return all((base / folder / f"{name}.jsonl").is_file() for folder in ("documents", "facts", "terms"))


def _has_proposal(base: Path, name: str) -> bool:
    return f'"object":"{name}"' in (base / "proposals/leaflet.jsonl").read_text(encoding="utf-8")


def _shared(name: str) -> str:
    """Return the document, shared by many writers, whose fact about an effect is changed or removed."""
    return f"shared-{sum(map(ord, name)) % _SHARED}"


def _read_shared(base: Path, name: str) -> str:
    return (base / f"facts/{_shared(name)}.yaml").read_text(encoding="utf-8")


def _change(verb: str, *options: str) -> Callable[[Path, str], list[str]]:
    return lambda _, name: [
        "fact",
        verb,
        f"{_shared(name)}/examplol/has-side-effect/{name}",
        *(one.format(name) for one in options),
    ]


COMMANDS = {
    "fact add": Command(lambda _, name: [*_FACT, name], _has_fact, (0, 1)),
    "fact edit": Command(
        _change("edit", "--note", "Note {}."), lambda base, name: f"Note {name}." in _read_shared(base, name), (0, 1)
    ),
    "fact remove": Command(_change("remove"), lambda base, name: f"  object: {name}\n" not in _read_shared(base, name)),
    "term add": Command(
        lambda _, name: ["term", "add", f"more-{name}", "--kind", "symptom", "--definition", "Another effect."],
        lambda base, name: f"- id: more-{name}\n" in (base / "terms/terms.yaml").read_text(encoding="utf-8"),
    ),
    "document update": Command(  # the text of another writer may follow
        lambda base, name: ["document", "update", _shared(name), f"{base}-texts/{name}-new.txt"], lambda *_: True, (0, 1)
    ),
    "document add": Command(lambda base, name: [*_DOCUMENT, f"{base}-texts/{name}.txt"], _has_document),
    "table import": Command(lambda base, name: [*_TABLE, f"{base}-texts/{name}.tsv"], _has_table),
    "propose": Command(lambda base, name: ["propose", f"{base}-texts/{name}.jsonl"], _has_proposal, (0, 1)),
    "review": Command(lambda *_: _REVIEW, lambda *_: True),  # what it accepts is in no acknowledgement
    "format": Command(lambda *_: ["format"], lambda *_: True),
    "migrate": Command(lambda *_: ["migrate"], lambda *_: True),
    "schema": Command(lambda *_: ["schema"], lambda base, _: (base / "schemas/facts-leaflet.schema.json").is_file()),
    "verify --record": Command(
        lambda *_: ["verify", "--record"], lambda base, _: (base / "verification/leaflet.yaml").is_file(), (0, 1)
    ),
}


def run_kb(*arguments: str) -> tuple[int, str]:
    """Run kb in a forked child, so that it is imported once; return its exit code and what it printed."""
    from kb import cli

    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        pid = os.fork()
        if not pid:
            code: Any = 70
            try:
                for stream in (1, 2):
                    os.dup2(output.fileno(), stream)
                cli.main(list(arguments))
            except SystemExit as end:
                code = end.code or 0
            finally:
                os._exit(code if isinstance(code, int) else 70)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        output.seek(0)
        return code, output.read()


def make_base(base: Path, names: list[str]) -> None:
    """Make a knowledge base with a term for each name, and beside it a text and a table for each."""
    code, message = run_kb("init", str(base))
    if code:
        raise RuntimeError(message)
    texts = Path(f"{base}-texts")
    texts.mkdir()
    with (base / "terms/terms.yaml").open("a", encoding="utf-8") as terms:
        for number, name in enumerate(names):
            terms.write(f"\n- id: {name}\n  kind: symptom\n  label: effect {number}\n  definition: Effect number {number}.\n")
            (texts / f"{name}.txt").write_text(f"This is text {number}.\n", encoding="utf-8")
            (texts / f"{name}-new.txt").write_text(f"This is new text {number}.\n{_STATED}", encoding="utf-8")
            (texts / f"{name}.jsonl").write_text(json.dumps({**_PROPOSAL, "object": name}), encoding="utf-8")
            (texts / f"{name}.tsv").write_text(f"drug\teffect\ndrug {number}\timported effect {number}\n", encoding="utf-8")
    for shared in {_shared(name) for name in names}:
        (texts / f"{shared}.txt").write_text(_STATED, encoding="utf-8")
        code, message = run_kb(*_DOCUMENT, f"{texts}/{shared}.txt", "--content", str(base))
        own = (name for name in names if _shared(name) == shared)
        (base / f"facts/{shared}.yaml").write_text("\n".join(map(_FACT_RECORD.format, own)), encoding="utf-8")
        if code:
            raise RuntimeError(message)


def write_records(base: Path, names: list[str], seed: int) -> Iterator[dict[str, object]]:
    """Run a random command for each name; yield what came of it."""
    chance = random.Random(seed)
    for name in names:
        kind = chance.choice(list(COMMANDS))
        code, message = run_kb(*COMMANDS[kind].arguments(base, name), "--content", str(base))
        yield {"kind": kind, "name": name, "code": code, "message": message}


def edit(path: Path, stop: Path) -> Iterator[int]:
    """Append comments to a file until another file exists; yield the numbers of those that were saved.

    A comment counts as saved if the file was not replaced between opening and closing it, as an editor would notice.
    """
    number = 0
    while not stop.exists():
        number += 1
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{_COMMENT.format(number)}\n")
            file.flush()
            opened = os.fstat(file.fileno())
        if os.path.samestat(opened, path.stat()):
            yield number
        time.sleep(1 + number % 3)


def _fork(work: Callable[[], Iterator[object]], results: Path) -> int:
    """Write what a function yields as JSON Lines, in a child; return its process id."""
    pid = os.fork()
    if not pid:
        with suppress(KeyboardInterrupt), results.open("w", encoding="utf-8", buffering=1) as lines:
            lines.writelines(f"{json.dumps(result)}\n" for result in work())
        os._exit(0)
    return pid


def _read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(folder: Path, writers: int, rounds: int, seed: int) -> tuple[Counter[str], dict[str, Counter[str]], list[str]]:
    """Run the writers and the editor; return the totals, the outcomes by command, and what is wrong."""
    names = {writer: [f"effect-{writer}-{turn}" for turn in range(rounds)] for writer in range(writers)}
    base, stop = folder / "base", folder / "stop"
    make_base(base, [name for own in names.values() for name in own])
    facts = base / "facts/leaflet.yaml"
    editor = _fork(lambda: edit(facts, stop), folder / "edits")
    pids = [
        _fork(lambda writer=writer, own=own: write_records(base, own, seed + writer), folder / f"results-{writer}")  # type: ignore[misc]
        for writer, own in names.items()
    ]
    for pid in pids:
        os.waitpid(pid, 0)
    stop.touch()
    os.waitpid(editor, 0)
    return check(base, [result for writer in names for result in _read(folder / f"results-{writer}")], _read(folder / "edits"))


def check(base: Path, results: list[dict[str, Any]], edits: list[int]) -> tuple[Counter[str], dict[str, Counter[str]], list[str]]:
    """Compare what is there with what was acknowledged."""
    flaws, totals = list[str](), Counter[str](edits=len(edits))
    outcomes = defaultdict[str, Counter[str]](Counter)
    for result in results:
        kind, name, code = result["kind"], result["name"], result["code"]
        command, count = COMMANDS[kind], outcomes[kind]
        count["tried"] += 1
        if code in command.acknowledged:
            count["acknowledged"] += 1
            if not command.is_there(base, name):
                count["lost"] += 1
                flaws.append(f"{kind} {name}: it was acknowledged, and is not there")
        elif code == _REFUSED:
            count["refused"] += 1
        else:
            flaws.append(f"{kind} {name}: exit code {code}: {result['message'][-500:]}")
    text = (base / "facts/leaflet.yaml").read_text(encoding="utf-8").splitlines()
    lost = [number for number in edits if _COMMENT.format(number) not in text]
    totals["edits lost"] = len(lost)
    flaws += [f"comment {number} of the editor is lost" for number in lost]
    _, message = run_kb("validate", "--content", str(base))
    if {*re.findall(r"\bKB\d{3}\b", message)} - {"KB442"}:  # the facts are made up: their sentences do not name what they name
        flaws.append(f"The knowledge base is no longer valid: {message[-2000:]}")
    return totals, outcomes, flaws


def main() -> int:
    """Run it and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        totals, outcomes, flaws = run(Path(folder), options.writers, options.rounds, options.seed)
    print("| command | tried | acknowledged | refused | lost |\n|---|---:|---:|---:|---:|")
    for kind, count in sorted(outcomes.items()):
        print(f"| {kind} | {count['tried']} | {count['acknowledged']} | {count['refused']} | {count['lost']} |")
    print(f"\n{options.writers} writers, {options.rounds} rounds, {time.monotonic() - started:.0f} s.")
    print(f"{totals['edits']} comments saved by an editor meanwhile, {totals['edits lost']} lost.")
    for flaw in flaws:
        print(flaw, file=sys.stderr)
    return int(bool(flaws))


if __name__ == "__main__":
    sys.exit(main())
