"""Fixtures for all tests: the shipped knowledge base, small ones made to order, and the command."""

from __future__ import annotations

import fcntl
import gc
import io
import json
import multiprocessing.resource_tracker
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from hypothesis import settings

from kb import cli, pipeline, queries, resources
from kb.exit_codes import INTERRUPTS
from kb.model import KnowledgeBase
from kb.rdf.iris import Names, names_of
from kb.schema import vocabulary
from kb.sparql.values import Answer

for interrupt in INTERRUPTS:  # tests send them to commands, which leave a signal ignored that their parent ignores
    if signal.getsignal(interrupt) is signal.SIG_IGN:
        signal.signal(interrupt, signal.SIG_DFL)

settings.register_profile("kb", deadline=None, derandomize="CI" in os.environ, print_blob=True, max_examples=30)
settings.register_profile("thorough", settings.get_profile("kb"), max_examples=100)  # in make long
settings.load_profile("kb")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # shells start background jobs so, and commands would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.pop("KB_CONTENT", None)  # tests must not depend on the knowledge base of the user who runs them

DIGEST = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


#: The folders of tests that start most processes; they come first.
_FORKING = ("cli", "content", "queries", "release")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(not marker.args for marker in item.iter_markers("long")):
            raise pytest.UsageError(f"{item.nodeid}: give the reason for which it is marked as long")
    # A fork copies the page tables of a process, which grows with each library that a test imports.
    items.sort(key=lambda item: item.path.relative_to(Path(__file__).parent).parts[0] not in _FORKING)


def pytest_collection_finish() -> None:
    """Keep the collector from what all tests share, so that forked children need no copy of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of pytest-xdist share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def make_once(run_folder: Path) -> Callable[[str, Callable[[Path], object]], Path]:
    """Make something costly once for all workers: ``make`` writes to the path that it gets, and no test may change it."""

    def make_or_wait(name: str, make: Callable[[Path], object]) -> Path:
        folder = run_folder / f"once-{name}"
        folder.mkdir(exist_ok=True)
        with (run_folder / f"once-{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "result").exists():
                shutil.rmtree(folder / "unfinished", ignore_errors=True)
                make(folder / "unfinished")
                (folder / "unfinished").rename(folder / "result")
        return folder / "result"

    return make_or_wait


@pytest.fixture(scope="session", autouse=True)
def shared_cache(run_folder: Path) -> None:
    """Keep one cache for the run, away from the one of the user; tests of caches set one of their own."""
    os.environ["XDG_CACHE_HOME"] = str(run_folder / "cache")


def child_processes() -> dict[int, str]:
    """Give the child processes of this one, each with its command; none where there is no /proc."""
    tracker = multiprocessing.resource_tracker._resource_tracker
    children: dict[int, str] = {}
    for thread in Path("/proc/self/task").glob("*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended
            for pid in map(int, (thread / "children").read_text(encoding="ascii").split()):
                if pid != getattr(tracker, "_pid", None):
                    children[pid] = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    return children


@pytest.fixture(autouse=True)
def default_vocabulary() -> None:
    """Begin each test with the vocabulary of all packages, whatever knowledge base the test before has read."""
    vocabulary.use("")


@pytest.fixture(autouse=True)
def no_child_process_is_left() -> Iterator[None]:
    """Fail the test that leaves a child process behind, rather than those after it."""
    before = child_processes()
    yield
    left = {pid: command for pid, command in child_processes().items() if pid not in before}
    for pid in left:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    assert not left, "the test left child processes behind"


@pytest.fixture(scope="session")
def shipped() -> KnowledgeBase:
    return pipeline.load(resources.content())


@pytest.fixture(scope="session")
def names(shipped: KnowledgeBase) -> Names:
    return names_of(shipped)


@pytest.fixture(scope="session")
def shipped_answers(shipped: KnowledgeBase, make_once: Callable[[str, Callable[[Path], object]], Path]) -> dict[str, Answer]:
    """The answer to each named query of the shipped knowledge base, by name."""

    def answer_all(file: Path) -> None:
        base = queries.compile_base(shipped)
        file.write_bytes(msgspec.msgpack.encode({query.name: answer for query, answer in queries.answer_named_queries(base)}))

    return msgspec.msgpack.decode(make_once("answers", answer_all).read_bytes(), type=dict[str, Answer])


def allowance() -> int:
    """Return how many times longer than alone something may take: coverage traces each line."""
    from coverage import Coverage

    return 6 if Coverage.current() else 1


@pytest.fixture
def make_kb(tmp_path: Path) -> Callable[..., Path]:
    """Write a small good knowledge base; ``files`` replaces or adds files, a value of None removes one."""

    def make(folder: str = "kb", **files: object) -> Path:
        top = tmp_path / folder
        contents: dict[str, object] = {**small_kb(), **{name.replace("__", "/"): value for name, value in files.items()}}
        for name, value in contents.items():
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(value, bytes):
                path.write_bytes(value)
            elif value is not None:
                path.write_text(value if isinstance(value, str) else json.dumps(value, indent=1), encoding="utf-8")
        return top

    return make


def small_kb() -> dict[str, Any]:
    """Give the files of a small good knowledge base, as plain values (JSON is YAML)."""
    return {
        "kb.yaml": {
            "id": "small",
            "title": "A small knowledge base",
            "description": "One made-up medicine.",
            "version": "1.0.0",
            "base": "https://example.org/small/",
            "license": "https://creativecommons.org/publicdomain/zero/1.0/",
            "language": "en",
            "issued": "2026-01-31",
            "creators": [{"id": "curator", "name": "A curator"}],
            "prefixes": {"HP": "http://purl.obolibrary.org/obo/HP_", "ECO": "http://purl.obolibrary.org/obo/ECO_"},
        },
        "documents/leaflet.yaml": {
            "id": "leaflet",
            "title": "A leaflet",
            "language": "en",
            "rights": "Ours, CC0-1.0.",
            "text": "held-elsewhere",
            "sha256": DIGEST,
            "bytes": 100,
            "characters": 100,
            "sentences": [
                {"id": "s1.0", "start": 0, "end": 10, "sha256": DIGEST},
                {"id": "s1.1", "start": 11, "end": 40, "sha256": DIGEST},
                {"id": "s1.2", "start": 41, "end": 70, "sha256": DIGEST},
            ],
        },
        "terms/terms.yaml": [
            {"id": "examplol", "kind": "drug", "label": "examplol", "definition": "A made-up medicine."},
            {"id": "itch", "kind": "symptom", "label": "itch", "definition": "A wish to scratch."},
            {"id": "stopping", "kind": "event", "label": "stopping", "definition": "An end of treatment."},
        ],
        "predicates.yaml": [
            {
                "id": "has-side-effect",
                "label": "has side effect",
                "definition": "Named as an unwanted effect.",
                "subject": ["drug"],
                "object": ["symptom", "literal"],
                "qualifiers": ["frequency", "severity", "trigger"],
                "plain": ["is", "can"],
            }
        ],
        "facts/leaflet.yaml": [
            {
                "subject": "examplol",
                "predicate": "has-side-effect",
                "object": "itch",
                "modality": "can",
                "frequency": "rare",
                "evidence": [{"sentence": "s1.1"}, {"sentence": "s1.2", "supports": ["frequency"]}],
            }
        ],
    }


@pytest.fixture(scope="session")
def kb_command() -> list[str]:
    """The command as users run it: in a process of its own."""
    return [sys.executable, "-m", "kb"]


@pytest.fixture
def run_kb(kb_command: list[str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``kb`` in this process, which takes a tenth of the time; in one of its own where a test gives an environment."""

    def run(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
        if options.keys() <= {"cwd", "input"}:
            return _run_here(args, options.get("cwd", "."), options.get("input", ""))
        environment = {**os.environ, "COLUMNS": "200", **options.pop("env", {})}
        options.setdefault("timeout", 120)
        return subprocess.run(
            [*kb_command, *args], capture_output=True, text=True, encoding="utf-8", env=environment, check=False, **options
        )

    return run


def _stream(content: bytes) -> io.TextIOWrapper:
    """Make a standard stream, with the encoding that ``kb`` gives it."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="backslashreplace", write_through=True)


def _run_here(args: Sequence[str], folder: Path | str, text: str) -> subprocess.CompletedProcess[str]:
    written = {name: _stream(b"") for name in ("stdout", "stderr")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        patch.chdir(folder)
        patch.setattr(sys, "stdin", _stream(text.encode()))
        for name, stream in written.items():
            patch.setattr(sys, name, stream)
        code = cli.run(list(args))
    contents = {name: cast("io.BytesIO", stream.buffer).getvalue().decode() for name, stream in written.items()}
    return subprocess.CompletedProcess(["kb", *args], code, **contents)
