"""Every kind of node in every place of a knowledge base, under every command: none hangs, none leads outside."""

from __future__ import annotations

import ctypes
import io
import json
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from stat import S_ISREG
from types import FrameType
from typing import NamedTuple

import pytest

from kb import cli, resources
from kb.files import atomic, boundary
from kb.problems import KbError
from tests.push.double import Double, running

SECONDS = 20  # after which a command counts as hanging
STRANGER = 65534

QUERY = """# title: Mine
# question: What is there?
# columns: [s]
# expect: [{empty: false}]
SELECT ?s { ?s a kb:Term }
"""
MAPPINGS = """#mapping_set_id: https://w3id.org/linked-kb/zelorin/mappings/eco
subject_id\tpredicate_id\tobject_id\tmapping_justification\tobject_source_version\tmapping_date
term:dry-mouth\tskos:closeMatch\tECO:0000001\tsemapv:ManualMappingCuration\tECO 2026\t2026-01-31
"""
NAMES = '<http://purl.obolibrary.org/obo/ECO_2> <http://www.w3.org/2004/02/skos/core#prefLabel> "Dry mouth" .\n'
MORE = '{"id":"rash-again","kind":"symptom","label":"rash again","definition":"Red skin."}\n'


class Node(NamedTuple):
    """A kind of node: how it is made, and whether commands may take it for what it replaces."""

    make: Callable[[Path, Path, Path], None]
    harmless: bool = False
    replaces: bool = True  # what need not be there


def _link_to_file(place: Path, outside: Path, _: Path) -> None:
    place.symlink_to(outside / "file")


def _link_to_folder(place: Path, outside: Path, _: Path) -> None:
    place.symlink_to(outside / "folder")


def _chain(place: Path, outside: Path, aside: Path) -> None:
    around = place.parent.parent if place.parent.name == "store" else place.parent  # a store holds nothing else
    (around / ".hop").symlink_to(outside / ("folder" if aside.is_dir() else "file"))
    place.symlink_to(around / ".hop")


def _socket(place: Path, _: Path, __: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, chdir(place.parent):  # since a path has a hundred characters at most
        server.bind(place.name)


def _unreadable(place: Path, _: Path, aside: Path) -> None:
    _copy(aside, place)
    place.chmod(0)


def _huge(place: Path, _: Path, __: Path) -> None:
    place.touch()
    os.truncate(place, 1 << 42)


def _other_kind(place: Path, _: Path, aside: Path) -> None:
    if aside.is_dir():
        place.write_text("words\n", encoding="utf-8")
    else:
        place.mkdir()


def _other_owner(place: Path, _: Path, aside: Path) -> None:
    _copy(aside, place)
    os.chown(place, STRANGER, STRANGER)


def _link_inside(place: Path, _: Path, aside: Path) -> None:
    _copy(aside, place.parent / f".real-{place.name}")
    place.symlink_to(f".real-{place.name}")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy2(source, target)


NODES = {
    "a link to a file outside": Node(_link_to_file),
    "a link to a folder outside": Node(_link_to_folder),
    "a chain of links to the outside": Node(_chain),
    "a link to nowhere inside": Node(lambda place, _, __: place.symlink_to("nothing")),
    "a link to nowhere outside": Node(lambda place, outside, _: place.symlink_to(outside / "nothing")),
    "a loop of links": Node(lambda place, _, __: place.symlink_to(place.name)),
    "a pipe": Node(lambda place, _, __: os.mkfifo(place)),
    "a socket": Node(_socket),
    "a device": Node(lambda place, _, __: os.mknod(place, 0o20666, os.makedev(1, 5))),
    "an unreadable one": Node(_unreadable, replaces=False),
    "a huge file": Node(_huge),
    "a folder for a file, or a file for a folder": Node(_other_kind),
    "one of another owner": Node(_other_owner, harmless=True, replaces=False),
    "a link inside": Node(_link_inside, harmless=True, replaces=False),
}

#: What every command reads that loads the records.
RECORDS = (
    *("kb.yaml", "documents", "documents/zelorin-leaflet.yaml", "documents/zelorin-leaflet.txt", "terms", "terms/terms.yaml"),
    *("terms/more.jsonl", "predicates.yaml", "facts", "facts/zelorin-leaflet.yaml", "cues.yaml", "biolink.yaml", "mappings"),
    *("mappings/eco.sssom.tsv", "verification", "verification/zelorin-leaflet.yaml"),
)
QUERIES = ("queries", "queries/mine.rq")
SCHEMAS = ("schemas", "schemas/facts-zelorin-leaflet.schema.json")
IMPORTED = ("kb.yaml", "predicates.yaml", "documents", "terms", "facts", "facts/more.jsonl", "rejected")
PROPOSALS = ("proposals", "proposals/zelorin-leaflet.jsonl")
DECISIONS = ("decisions", "decisions/zelorin-leaflet.jsonl")
EXPORTS = ("exports", "exports/README.md", "exports/zelorin.ttl", "exports/SHA256SUMS")

FACT = "--document zelorin-leaflet --subject zelorin --predicate has-side-effect --object rash-again --evidence s4.2"

PROPOSAL = {"subject": "zelorin", "predicate": "leads-to", "object": "skin-rash", "modality": "may", "proposer": "lexicon"}
PROPOSAL["quote"] = "In rare cases, zelorin may cause a serious skin rash."
DECISION = {
    "proposal": "0" * 32,
    "decision": "rejected",
    "by": "person:me",
    "when": "2026-01-31T00:00:00Z",
    "proposer": "lexicon",
}
ACCEPTED = "--accept-if predicate=leads-to --accept-if proposer=lexicon"

#: Commands on the knowledge base KB, with a new place OUT outside of it, and what each reads or writes beside the records.
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "validate": ("validate --content KB", (*QUERIES, *PROPOSALS, *DECISIONS)),
    "stats": ("stats --content KB", ()),
    "show": ("show dry-mouth --content KB", ("queries",)),
    "coverage": ("coverage --content KB", ()),
    "diff": ("diff KB BEFORE", ()),
    "fact add": (f"fact add --content KB {FACT} --modality can", ()),
    "fact edit": ("fact edit has-side-effect/dry-mouth --note Other --content KB", ()),
    "fact review": ("fact review has-side-effect/dry-mouth --by person:ana --content KB", ()),
    "fact remove": ("fact remove has-side-effect/dry-mouth --content KB", ()),
    "term add": ("term add red-spots --kind symptom --definition 'Red spots.' --content KB", (".gitattributes",)),
    "term map": ("term map dry-mouth --with VOCABULARY --accept ECO:2 --content KB", ()),
    "term import": ("term import VOCABULARY --ids ECO:2 --kind symptom --content KB", ()),
    "term merge": ("term merge night-tingling dry-mouth --content KB", (*PROPOSALS, *DECISIONS, "queries")),
    "format": ("format --content KB", SCHEMAS),
    "format --check": ("format --check --content KB", SCHEMAS),
    "migrate": ("migrate --content KB", ()),
    "schema": ("schema --content KB", SCHEMAS),
    "document add": ("document add NEW --content KB --licence CC0-1.0", ("documents/new.yaml", "documents/new.txt", "schemas")),
    "document add --replace": ("document add KB/documents/zelorin-leaflet.txt --replace --title Other --content KB", ()),
    "document update": (
        "document update zelorin-leaflet KB/received/leaflet.txt --content KB",
        ("received", "received/leaflet.txt"),
    ),
    "document split": ("document split zelorin-leaflet s4.3 --before 'a serious' --content KB", ()),
    "document rename": ("document rename zelorin-leaflet other --content KB", ()),
    "document show": ("document show zelorin-leaflet --content KB", ()),
    "verify": ("verify --content KB", ()),
    "verify --record": ("verify --record --content KB", ()),
    "verify --write --record": (
        "verify --text zelorin-leaflet=KB/received/leaflet.txt --write --record --content KB",
        ("received",),
    ),
    "cite": ("cite 'It is used to treat glimmer fever and night tingling.' --content KB", ()),
    "quote-check": ("quote-check QUOTES --content KB", ()),
    "propose": ("propose ANSWERS --content KB", (*PROPOSALS, *DECISIONS)),
    "review": ("review --content KB", (*PROPOSALS, *DECISIONS)),
    "review --accept-if": (f"review --content KB --yes {ACCEPTED}", (*PROPOSALS, *DECISIONS)),
    "query": ("query mine --content KB", QUERIES),
    "query --show": ("query mine --show --content KB", QUERIES),
    "query --list": ("query --content KB", QUERIES),
    "coverage -o": ("coverage --content KB --format html -o KB/sentences.html", ("sentences.html",)),
    "query a file": ("query KB/queries/mine.rq --content BEFORE", QUERIES),
    "query -o": ("query mine --content KB -o KB/answer.csv", (*QUERIES, "answer.csv")),
    "export": ("export --content KB -o KB/out.ttl", ("out.ttl",)),
    "export -o exports/": ("export --content KB -f turtle -f nquads -o KB/exports/", EXPORTS),
    "export --check": ("export --check --content KB -f turtle -f nquads -o KB/exports/", EXPORTS),
    "build -o": ("build --content KB -o KB/out.nq.gz --workers 1", ("out.nq.gz",)),
    "table import": (
        "table import TABLE --no-header --subject 1 --predicate has-side-effect --object 2 --content KB --name more",
        IMPORTED,
    ),
    "redirects": ("redirects --content KB -o KB/w3id --server https://example.org/", ("w3id",)),
    "release": ("release KB/releases/1 --content KB", ("releases", *QUERIES)),
    "init": ("init KB/new", ("new",)),
    "init --team": ("init --team KB", (".gitattributes", ".gitignore", "CODEOWNERS", "documents")),
    "validate --questions": ("validate --questions --content KB", (*QUERIES, *PROPOSALS, *DECISIONS)),
    "merge": ("merge KB KB -o KB/both", ("both", *QUERIES, *PROPOSALS, *DECISIONS)),
    "merge-driver": (
        "merge-driver KB/predicates.yaml KB/mine.yaml KB/predicates.yaml predicates.yaml",
        ("predicates.yaml", "mine.yaml"),
    ),
    "diff -f markdown": ("diff KB BEFORE -f markdown", ()),
    "build --store": ("build --content KB --store KB/store", ("store", "store/current", "queries")),
    "push": ("push DOUBLE --profile oxigraph --content KB", ()),
    "serve": ("serve --content KB --port 0", QUERIES),
    "verify --text": (
        "verify --text zelorin-leaflet=KB/received/leaflet.txt --content BEFORE",
        ("received", "received/leaflet.txt"),
    ),
    "validate --facts": ("validate --facts KB/facts --content BEFORE", ("facts", "facts/zelorin-leaflet.yaml")),
    "site": ("site KB/public --content KB", ("public", *QUERIES)),
    "site --workflow": ("site KB --workflow", (".github", ".github/workflows/kb-site.yml")),
}


#: What commands do not read although it belongs to the records, commands that read no records of KB, and those that take long.
UNREAD = {
    "diff": ("documents/zelorin-leaflet.txt", "verification/zelorin-leaflet.yaml"),
    "document add": ("documents/zelorin-leaflet.txt", "verification/zelorin-leaflet.yaml"),
    "document add --replace": ("verification/zelorin-leaflet.yaml",),
}
# What is left out of terms and facts does not change their answers.
READ_TEXTS = {"document show", "cite", "quote-check", "propose", "review", "review --accept-if"}
WITHOUT_RECORDS = {
    "table import",
    "query a file",
    "init",
    "init --team",
    "merge-driver",
    "verify --text",
    "validate --facts",
    "site --workflow",
}
SLOW = {"release", "site", "build --store", "serve", "push"}
STEP = 1 if "KB_ALL_NODES" in os.environ else 6  # of the slow ones, each place gets every sixth kind of node, beginning elsewhere
PLACES = (*RECORDS, *dict.fromkeys(place for _, more in COMMANDS.values() for place in more if place not in RECORDS))


class Bench(NamedTuple):
    """Folders of a test: the knowledge base that is spoilt, a copy of it, the outside, and a place for what a node replaces."""

    kb: Path
    pristine: Path
    outside: Path
    aside: Path


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    top = tmp_path / "pristine"
    shutil.copytree(resources.example(), top)
    files = {
        "queries/mine.rq": QUERY,
        "mappings/eco.sssom.tsv": MAPPINGS,
        "terms/more.jsonl": MORE,
        "cues.yaml": "- {list: modality, value: can, language: fr, words: [peut]}\n",
        "biolink.yaml": "infores: infores:zelorin\n",
        "proposals/zelorin-leaflet.jsonl": f"{json.dumps(PROPOSAL)}\n",
        "decisions/zelorin-leaflet.jsonl": f"{json.dumps(DECISION)}\n",
        **dict.fromkeys(("out.ttl", "out.nq.gz", "answer.csv"), "old\n"),
        "mine.yaml": (top / "predicates.yaml").read_text(encoding="utf-8"),
        "received/leaflet.txt": (top / "documents/zelorin-leaflet.txt").read_text(encoding="utf-8"),
    }
    for name, content in files.items():
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(content, encoding="utf-8")
    for name in ("store", "rejected", "w3id", "releases", "new", "public", ".github/workflows"):
        (top / name).mkdir(parents=True)
    with (top / "received/leaflet.txt").open("a", encoding="utf-8") as text:
        text.write("This is new.\n")
    (tmp_path / "new.txt").write_text("A new text. It has two sentences.\n", encoding="utf-8")
    (tmp_path / "table.tsv").write_text("zelorin\tdry-mouth\n", encoding="utf-8")
    (tmp_path / "quotes.tsv").write_text("quote\nIt is used to treat glimmer fever and night tingling.\n", encoding="utf-8")
    (tmp_path / "names.ttl").write_text(NAMES, encoding="utf-8")
    (tmp_path / "answers.jsonl").write_text(f"{json.dumps({**PROPOSAL, 'note': 'Again.'})}\n", encoding="utf-8")
    for words in (f"schema --content {top}", f"export --content {top} -f turtle -f nquads -o {top}/exports/"):
        assert run(words.split())[0] == 0
    assert run(["verify", "--record", "--content", str(top)])[0] == 0
    shutil.copytree(top, tmp_path / "kb")
    (tmp_path / "outside").mkdir()
    return Bench(tmp_path / "kb", top, tmp_path / "outside", tmp_path / "aside")


@pytest.fixture
def double() -> Iterator[Double]:
    with running() as double:
        yield double


class Hang(BaseException):
    """A command took too long; what catches every Exception does not catch it."""


def run(words: list[str]) -> tuple[int, str]:
    """Run a command in this process, or a server in a child; return its exit code and all that it writes."""
    return _run_server(words) if words[0] == "serve" else _run_here(words)


def _run_server(words: list[str]) -> tuple[int, str]:
    """Run a server until it serves, and interrupt it then; it ends with 0 if it served and was interrupted."""
    with tempfile.TemporaryFile() as file:
        pid = os.fork()
        if not pid:
            for stream in (1, 2):
                os.dup2(file.fileno(), stream)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.stdout, sys.stderr = (os.fdopen(stream, "w", buffering=1, closefd=False) for stream in (1, 2))
            code = cli.run(words)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        end, ended, is_serving = time.monotonic() + SECONDS, 0, False
        while not ended and time.monotonic() < end:
            ended, status = os.waitpid(pid, os.WNOHANG)
            output = os.pread(file.fileno(), 1 << 20, 0).decode()
            if "Serving at" in output and not is_serving:
                is_serving = True
                os.kill(pid, signal.SIGINT)
            time.sleep(0.01)
        if not ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return -1, output
    code = os.waitstatus_to_exitcode(status)
    return (0 if is_serving and code in {0, 130} else code), output


def _run_here(words: list[str]) -> tuple[int, str]:

    def stop(_: int, __: FrameType | None) -> None:
        raise Hang

    output = io.StringIO()
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with redirect_stdout(output), redirect_stderr(output):
            return cli.run(words), output.getvalue()
    except Hang:
        return -1, output.getvalue()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


LIBC = ctypes.CDLL(None, use_errno=True)
OPENED_OR_CHANGED = 0x20 | 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200  # IN_OPEN, _MODIFY, _ATTRIB, _MOVED_*, _CREATE, _DELETE


class Watch:
    """Tells whether any process opened or changed anything in a folder, or in one below it."""

    def __init__(self) -> None:
        self._handle = LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self._handle >= 0

    def add(self, top: Path) -> None:
        for folder, _, __ in os.walk(top):
            assert LIBC.inotify_add_watch(self._handle, os.fsencode(folder), OPENED_OR_CHANGED) >= 0

    def names(self) -> set[str]:
        """Return the names of what was opened or changed since the last call."""
        try:
            data, names = os.read(self._handle, 1 << 20), set()
        except BlockingIOError:
            return set()
        while data:
            length = struct.unpack_from("iIII", data)[3]
            names.add(data[16 : 16 + length].rstrip(b"\0").decode())
            data = data[16 + length :]
        return names

    def close(self) -> None:
        os.close(self._handle)


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Lay down the privilege of root to read and write what permissions forbid (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH)."""
    if os.geteuid() != 0:
        yield
        return
    header, sets = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
    assert LIBC.capget(header, sets) == 0
    effective, *rest = struct.unpack("6I", sets.raw)
    assert LIBC.capset(header, struct.pack("6I", effective & ~0b110, *rest)) == 0
    try:
        yield
    finally:
        assert LIBC.capset(header, sets.raw) == 0


def _prepare(bench: Bench, place: str, node: Node) -> None:
    """Replace what is at a place of the knowledge base by a node."""
    path, aside = bench.kb / place, bench.aside
    for old in bench.outside.iterdir():
        _remove(old)
    if os.path.lexists(path):
        path.rename(aside)
    path.parent.mkdir(exist_ok=True)
    (bench.outside / "file").write_text("words\n", encoding="utf-8")
    (bench.outside / "folder").mkdir()
    if aside.is_dir():
        shutil.copytree(aside, bench.outside / "folder", dirs_exist_ok=True)
    elif aside.exists():
        shutil.copy2(aside, bench.outside / "file")
    node.make(path, bench.outside, aside)


def _restore(bench: Bench, place: str) -> None:
    """Put back what was at a place; if a command changed anything else, copy the knowledge base anew."""
    for path in (
        bench.kb / place,
        *(bench.kb / place).parent.parent.glob("*/.hop"),
        *bench.kb.glob(".hop"),
        *(bench.kb / place).parent.glob(".real-*"),
    ):
        _remove(path)
    if os.path.lexists(bench.aside):
        bench.aside.rename(bench.kb / place)
    if _snapshot(bench.kb) != _snapshot(bench.pristine):
        shutil.rmtree(bench.kb)
        shutil.copytree(bench.pristine, bench.kb, symlinks=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _snapshot(top: Path) -> list[tuple[str, int, int]]:
    """Return the path, mode and size of each file below a folder."""
    files = [Path(folder, name) for folder, _, names in os.walk(top) for name in [*names, "."]]
    stats = {str(path.relative_to(top)): path.lstat() for path in files}
    return sorted((name, stat.st_mode, stat.st_size if S_ISREG(stat.st_mode) else 0) for name, stat in stats.items())


def _words(command: str, bench: Bench, address: str = "") -> list[str]:
    given: dict[str, Path | str] = {
        "DOUBLE": address,
        "KB": bench.kb,
        "BEFORE": bench.pristine,
        "NEW": bench.kb.parent / "new.txt",
    }
    given |= {name: bench.kb.parent / f"{name.lower()}.tsv" for name in ("TABLE", "QUOTES")}
    given["VOCABULARY"] = bench.kb.parent / "names.ttl"
    given["ANSWERS"] = bench.kb.parent / "answers.jsonl"
    return [
        re.sub(r"^(KB|BEFORE)\b|(?<==)KB|^[A-Z]{3,}$", lambda match: str(given[match.group()]), word)
        for word in shlex.split(command)
    ]


def _used_places(name: str) -> set[str]:
    """Return the places that a command reads or writes."""
    return {*COMMANDS[name][1], *(() if name in WITHOUT_RECORDS else RECORDS)} - {*UNREAD.get(name, ())}


def _choose_cases(name: str) -> Iterator[tuple[str, str]]:
    """Yield places and kinds of nodes: all kinds where a command reads or writes, elsewhere one, another for each command."""
    used, kinds = _used_places(name), list(NODES)
    for number, place in enumerate(PLACES, list(COMMANDS).index(name)):
        if place in used or "KB_ALL_NODES" in os.environ:
            some = kinds[number % STEP :: STEP] if name in SLOW else kinds
            yield from ((place, kind) for kind in some if name not in SLOW or not NODES[kind].harmless)
        elif name not in SLOW:
            yield place, kinds[number % len(kinds)]


@pytest.mark.long("a command with every kind of node in every place: hundreds of runs")
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_node_makes_a_command_hang_or_leave_the_knowledge_base(name: str, bench: Bench, double: Double) -> None:
    words = _words(COMMANDS[name][0], bench, double.address)
    if name == "build --store":
        assert run(_words(COMMANDS[name][0].replace("KB/store", "BEFORE/store"), bench))[0] == 0
        shutil.rmtree(bench.kb)
        shutil.copytree(bench.pristine, bench.kb)
    expected, _ = run(words)
    assert expected in {0, 1}
    _restore(bench, "nothing")
    used = _used_places(name)
    partial = {0, 1} if name in READ_TEXTS else {1}
    _try_nodes(bench, name, _choose_cases(name), words, lambda place, kind: _allowed_codes(place, kind, used, expected), partial)


def _choose_cases_in(bench: Bench, made: Path) -> list[tuple[str, str]]:
    """Put a folder in the place of the knowledge base; return the place of each of its files, with some kinds of nodes."""
    for folder in (bench.kb, bench.pristine):
        shutil.rmtree(folder)
        shutil.copytree(made, folder)
    places = [str(path.relative_to(bench.kb)) for path in sorted(bench.kb.rglob("*"))]
    kinds = [kind for kind in NODES if not NODES[kind].harmless]
    return [(place, kind) for number, place in enumerate(places) for kind in kinds[number % STEP :: STEP]]


@pytest.mark.long("a release with every kind of node in the place of each file: hundreds of checks")
def test_no_node_in_a_release_makes_its_check_hang_or_leave_it(bench: Bench) -> None:
    assert run(["release", str(bench.kb.parent / "release"), "--content", str(bench.pristine)])[0] == 0
    cases = _choose_cases_in(bench, bench.kb.parent / "release")
    _try_nodes(bench, "release --check", cases, ["release", "--check", str(bench.kb)], _allow_in_release)


@pytest.mark.long("a store with every kind of node in the place of each file: hundreds of queries")
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize("command", ["query mine --store KB", "serve --store KB --port 0"])
def test_no_node_in_a_store_makes_a_command_hang_or_leave_it(command: str, bench: Bench) -> None:
    assert run(["build", "--content", str(bench.pristine), "--store", str(bench.kb.parent / "store")])[0] == 0
    cases = _choose_cases_in(bench, bench.kb.parent / "store")
    _try_nodes(bench, command, cases, _words(command, bench), lambda *_: {0, 3, 4, 6})  # its log, say, is not needed


def _allow_in_release(_: str, kind: str) -> set[int]:
    return {1, 3, 4} if kind.startswith("a folder for a file") else {3, 4}  # a folder is a missing file


def _try_nodes(
    bench: Bench,
    name: str,
    cases: Iterable[tuple[str, str]],
    words: list[str],
    allowed: Callable[[str, str], set[int]],
    partial: Collection[int] = (1,),
) -> None:
    """Run a command for each place and kind of node, and fail with what is wrong with the runs."""
    failures, count, watch = [], 0, Watch()
    for place, kind in cases:
        node = NODES[kind]
        if node.replaces or os.path.lexists(bench.kb / place):
            _prepare(bench, place, node)
            watch.add(bench.outside)
            watch.names()
            with as_an_ordinary_user():
                code, output = run(words)
            count += 1
            fault = _fault(place, code, output, watch.names(), allowed(place, kind), partial)
            _restore(bench, place)
            if fault:
                failures.append(f"{place} is {kind}: {fault}")
    watch.close()
    print(f"{name}: {count} cases, {len(failures)} failures")  # noqa: T201 - the figures of docs/reliability.md
    assert not failures, "\n".join(failures)


def _allowed_codes(place: str, kind: str, used: Collection[str], expected: int) -> set[int]:
    """Return the exit codes that a run may have: it must refuse a node in a place that it uses, and succeed otherwise."""
    refused = {2, 3, 4, 5, *((1,) if kind.startswith("a folder for a file") else ())}
    if place not in used:
        return {expected, *refused} if Path(place).parts[0] in {Path(one).parts[0] for one in used} else {expected}
    if NODES[kind].harmless:
        return {expected, 1, *refused}
    is_read = place in QUERIES or place.startswith("received") or (place in RECORDS and "rejected" not in used)
    return refused if is_read or "outside" in kind else {0, 1, *refused}  # a node may be replaced, or be reported as stale


def _fault(place: str, code: int, output: str, touched: set[str], allowed: set[int], partial: Collection[int]) -> str:
    """Return what is wrong with a run; empty if nothing is. With an exit code of ``partial`` it may tell what it left out."""
    if touched:
        return f"it touched {touched}"
    # It works on with what is sound, or tells that nothing reads what is there.
    is_partial = code in partial and re.search(r"\bleft out\b|KB116 Nothing reads this", output)
    if code not in allowed and not is_partial:
        return f"it ended with {code}, not {allowed}: {output}"
    if (code in {3, 4, 5} or is_partial) and not re.search(rf"{re.escape(Path(place).name)}\S*: KB\d\d\d .*\. .*\.", output):
        return f"it does not name the place: {output}"
    return ""


def _plant(journal: Path, files: object, folders: list[str]) -> None:
    for name in ("new", "old"):
        (journal / name).mkdir(parents=True)
        (journal / name / "0").write_text("planted", encoding="utf-8")
    (journal / "files.json").write_text(json.dumps([files, folders]), encoding="utf-8")


def _link_new(journal: Path, outside: Path) -> None:
    _plant(journal, [["facts/x.yaml", None, None]], [])
    shutil.rmtree(journal / "new")
    (journal / "new").symlink_to(outside)


def _pipe(journal: Path, _: Path) -> None:
    journal.mkdir()
    os.mkfifo(journal / "files.json")


PLANTED: dict[str, Callable[[Path, Path], object]] = {
    "a name above the folder": lambda journal, _: _plant(journal, [["../outside/new", None, None]], []),
    "a hook of git": lambda journal, _: _plant(journal, [[".git/hooks/pre-commit", None, None]], []),
    "a hook of Mercurial": lambda journal, _: _plant(journal, [["facts/../.HG/hgrc", None, None]], []),
    "an absolute name": lambda journal, outside: _plant(journal, [[str(outside / "new"), None, None]], []),
    "a folder outside": lambda journal, outside: _plant(journal, [], [str(outside / "empty")]),
    "a link for its files": _link_new,
    "a link for the journal": lambda journal, outside: journal.symlink_to(outside),
    "other values": lambda journal, _: _plant(journal, {"a": 1}, []),
    "a pipe": _pipe,
}


@pytest.mark.parametrize("state", [".commit.kb-tmp", ".undo.kb-tmp"])
@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_journal_changes_nothing_outside(kind: str, state: str, make_kb: Callable[..., Path], tmp_path: Path) -> None:
    top, outside = make_kb(), tmp_path / "outside"
    (outside / "empty").mkdir(parents=True)
    (outside / "0").write_text("words", encoding="utf-8")
    PLANTED[kind](top / state, outside)
    code, output = run(["format", "--content", str(top)])
    assert code in {3, 5, 6}, output
    assert sorted(path.name for path in outside.iterdir()) == ["0", "empty"]
    with pytest.raises(KbError, match="KB707"):
        atomic.write_folder(top, {"a": ["1"]})
    assert sorted(path.name for path in outside.iterdir()) == ["0", "empty"]
    assert not [*top.glob(".git/**/*"), *top.glob(".HG")]


@pytest.mark.parametrize("target", [".git/config", ".git/hooks/post-checkout", ".git"])
def test_no_link_leads_into_a_repository_of_git(target: str, make_kb: Callable[..., Path]) -> None:
    """Its hooks are programs, and its settings name programs and may hold passwords."""
    top = make_kb()
    (top / ".git" / "hooks").mkdir(parents=True)
    (top / ".git" / "config").write_text("[core]\n", encoding="utf-8")
    for name in ("facts/link.yaml", "queries/link.rq", ".vscode/settings.json"):
        place = top / name
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(top / target)
        with pytest.raises(KbError, match=r"KB113|KB102"):
            boundary.open_file(place)
        with pytest.raises(KbError, match="KB701"):
            atomic.write_file(place, ["x"])
    for command in (["schema"], ["format"], ["query", "link", "--show"], ["validate"]):
        code, output = run([*command, "--content", str(top)])
        assert code in {3, 5}, output
        assert "version control" in output
    files = [path for path in (top / ".git").rglob("*") if path.is_file()]
    assert [path.read_text(encoding="utf-8") for path in files] == ["[core]\n"]


NODES_IN_THE_WAY: dict[str, Callable[[Path, Path], object]] = {
    "a pipe": lambda place, _: os.mkfifo(place),
    "a file": lambda place, _: place.write_text("words", encoding="utf-8"),
    "a link to a folder": lambda place, outside: place.symlink_to(outside),
    "a link to a file": lambda place, outside: place.symlink_to(outside / "0"),
    "a link to nothing": lambda place, _: place.symlink_to("nothing"),
}


@pytest.mark.parametrize("kind", NODES_IN_THE_WAY)
def test_what_stands_at_the_place_of_temporary_files_is_removed_and_not_followed(
    kind: str, make_kb: Callable[..., Path], tmp_path: Path
) -> None:
    top, outside, made = make_kb(), tmp_path / "outside", tmp_path / "made"
    outside.mkdir()
    (outside / "0").write_text("words", encoding="utf-8")
    NODES_IN_THE_WAY[kind](top / ".staged.kb-tmp", outside)
    NODES_IN_THE_WAY[kind](tmp_path / ".made.new.kb-tmp", outside)
    assert run(["schema", "--content", str(top)])[0] == 0
    assert run(["export", "--content", str(top), "-o", f"{made}/"])[0] == 0
    assert (outside / "0").read_text(encoding="utf-8") == "words"
    assert [path.name for path in outside.iterdir()] == ["0"]
    assert not [path for folder in (top, tmp_path) for path in folder.glob(".*.kb-tmp")]


@pytest.mark.parametrize("kind", [kind for kind in NODES_IN_THE_WAY if kind != "a file"])
def test_a_store_is_not_built_through_what_is_no_file(kind: str, make_kb: Callable[..., Path], tmp_path: Path) -> None:
    top, outside, store = make_kb(), tmp_path / "outside", tmp_path / "store"
    outside.mkdir()
    (outside / "0").write_text("words", encoding="utf-8")
    store.mkdir()
    NODES_IN_THE_WAY[kind](store / "build-0", outside)
    assert run(["build", "--content", str(top), "--store", str(store)])[0] == 0
    (store / "current").unlink()
    NODES_IN_THE_WAY[kind](store / "current", outside)
    code, output = run(["build", "--content", str(top), "--store", str(store)])
    assert (code, "KB651" in output) == (3, True), output
    assert (outside / "0").read_text(encoding="utf-8") == "words"
    assert [path.name for path in outside.iterdir()] == ["0"]
