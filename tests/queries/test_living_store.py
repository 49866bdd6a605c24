"""The living store of a large knowledge base is what a build from scratch would be, after any edits, kills and damages."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kb import pipeline, queries, resources
from kb.files import fingerprint
from kb.problems import KbError, Problem
from kb.queries import compiled_cache, store_build
from kb.sparql.engines import disk_store, store_integrity
from tests.conftest import DIGEST, small_kb

Files = dict[str, Any]

LABELS = "SELECT ?label { ?term a kb:Drug ; skos:prefLabel ?label }"


@pytest.fixture
def _large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every knowledge base one that gets a store, in a cache of its own."""
    monkeypatch.setattr(compiled_cache, "LEAST_SIZE", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders whose store was built anew."""
    made: list[Path] = []
    build_anew = store_build.build_anew

    def counting(folder: Path, *arguments: Any, **options: Any) -> Any:
        made.append(folder)
        return build_anew(folder, *arguments, **options)

    monkeypatch.setattr(store_build, "build_anew", counting)
    return made


pytestmark = pytest.mark.usefixtures("_large")


class Editor:
    """Makes random edits of a knowledge base; many leave it valid, and of the others, some later one is likely to mend it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, random.Random(seed)
        self.files: Files = {**small_kb(), "facts/leaflet.yaml": [], "predicates.yaml": self.predicates(), "terms/more.yaml": []}
        self.files["terms/more.yaml"] = [self.term(number) for number in range(4)]
        for number in range(3):
            self.files[f"documents/paper-{number}.yaml"] = self.document(f"paper-{number}")
            self.files[f"facts/paper-{number}.yaml"] = self.facts(f"paper-{number}", 5)
        self.files["facts/all.jsonl"] = self.facts("leaflet", 4)
        self.write()

    @staticmethod
    def predicates() -> list[dict[str, Any]]:
        (one,) = small_kb()["predicates.yaml"]
        other = {**one, "id": "eases", "label": "eases", "plain": ["is"], "qualifiers": ["severity"]}
        return [{**one, "plain": ["can", "is"]}, other]

    def term(self, number: int) -> dict[str, Any]:
        aliases = [f"name {self.chance.randrange(99)} of {number}" for _ in range(self.chance.randrange(3))]
        label = f"sign {number} {self.chance.choice(['', chr(0xE9), chr(0xA0) + 'x'])}".strip()
        return {"id": f"sign-{number}", "kind": "symptom", "label": label, "definition": "Made up.", "aliases": aliases}

    def document(self, name: str) -> dict[str, Any]:
        record: dict[str, Any] = small_kb()["documents/leaflet.yaml"]
        record = {**record, "id": name, "title": f"Paper {self.chance.randrange(99)}"}
        if self.chance.random() < 0.3:
            record["sentences"] = [
                *record["sentences"],
                {"id": "s1.3", "start": 71, "end": 90, "sha256": DIGEST, "exempt": {"reason": "heading"}},
            ]
            record["sentences"][-1].pop("exempt")
        return record

    def facts(self, document: str, count: int) -> list[dict[str, Any]]:
        """Make facts, some of which other documents state too."""
        chosen = self.chance.sample(range(12), count)
        return [self.fact(document, number) for number in chosen]

    def fact(self, document: str, number: int) -> dict[str, Any]:
        obj: Any = f"sign-{number % 4}" if number < 8 else {"value": f"{number}.50", "datatype": "xsd:decimal"}
        predicate = "has-side-effect" if number % 3 else "eases"
        fact = {"document": document, "subject": "examplol", "predicate": predicate, "object": obj}
        fact["modality"] = self.chance.choice(["can", "can", "is", "may"])
        if predicate == "has-side-effect" and self.chance.random() < 0.2:
            fact["trigger"] = "stopping"
        return {**fact, "evidence": [{"sentence": self.chance.choice(["s1.1", "s1.2"])}]}

    def write(self) -> None:
        for path in self.folder.rglob("*"):
            if path.is_file() and str(path.relative_to(self.folder)) not in self.files:
                path.unlink()
        for name, value in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(each) for each in value] if name.endswith(".jsonl") else [json.dumps(value, indent=1)]
            text = "".join(f"{line}\n" for line in lines)
            if not path.exists() or path.read_text("utf-8") != text:
                path.write_text(text, encoding="utf-8")

    def edit(self) -> str:
        """Make one edit; return its name."""
        edits = [getattr(self, name) for name in dir(self) if name.startswith("edit_")]
        edit = self.chance.choice(edits)
        edit()
        self.write()
        return str(edit.__name__)

    def some(self, start: str) -> str:
        return self.chance.choice(sorted(name for name in self.files if name.startswith(start)))

    def edit_label_of_a_term_that_restricts_facts(self) -> None:
        for name, terms in self.files.items():
            if name.startswith("terms/"):
                for term in terms:
                    if term["id"] == "stopping":
                        term["label"] = f"stopping {self.chance.randrange(9)}"

    def edit_add_document(self) -> None:
        name = f"paper-{self.chance.randrange(6)}"
        self.files[f"documents/{name}.yaml"] = self.document(name)
        self.files[f"facts/{name}.yaml"] = self.facts(name, self.chance.randrange(1, 6))

    def edit_drop_document(self) -> None:
        name = f"paper-{self.chance.randrange(6)}"
        for place in (f"documents/{name}.yaml", f"facts/{name}.yaml"):
            self.files.pop(place, None)
        self.files["facts/all.jsonl"] = [
            fact for fact in self.files["facts/all.jsonl"] if fact["document"] != name
        ] or self.facts("leaflet", 1)

    def edit_change_document(self) -> None:
        name = self.some("documents/")
        self.files[name] = self.document(self.files[name]["id"])

    def edit_rename_document(self) -> None:
        name = self.some("documents/")
        self.files[f"documents/file-{self.chance.randrange(99)}.yaml"] = self.files.pop(name)

    def edit_copy_document(self) -> None:
        if self.chance.random() < 0.2:
            self.files["documents/copy.yaml"] = self.files[self.some("documents/")]
        else:
            self.files.pop("documents/copy.yaml", None)

    def edit_facts(self) -> None:
        name = self.some("facts/paper") if any(name.startswith("facts/paper") for name in self.files) else "facts/all.jsonl"
        facts = self.files[name]
        index = self.chance.randrange(len(facts)) if facts else 0
        if facts:
            facts[index] = self.fact(facts[index]["document"], self.chance.randrange(12))

    edit_facts_again = edit_facts_once_more = edit_facts

    def edit_add_fact(self) -> None:
        name = self.some("documents/")
        document = self.files[name]["id"]
        self.files["facts/all.jsonl"].append(self.fact(document, self.chance.randrange(12)))

    def edit_drop_fact(self) -> None:
        name = self.some("facts/")
        if len(self.files[name]) > 1:
            self.files[name].pop(self.chance.randrange(len(self.files[name])))

    def edit_move_facts(self) -> None:
        """Move the facts of a document to a file of another name."""
        name = self.some("facts/")
        if name.endswith(".yaml"):
            self.files[f"facts/moved-{self.chance.randrange(9)}.yaml"] = self.files.pop(name)

    def edit_mend(self) -> None:
        """Remove facts twice over, and those of documents that do not exist."""
        ids = {value["id"] for name, value in self.files.items() if name.startswith("documents/")}
        met: set[str] = set()
        for name in [name for name in self.files if name.startswith("facts/")]:
            kept = []
            for fact in self.files[name]:
                key = json.dumps([fact[part] for part in ("document", "predicate", "object")] + [fact.get("trigger")])
                if fact["document"] in ids and key not in met:
                    met.add(key)
                    kept.append(fact)
            if kept or name == "facts/leaflet.yaml":
                self.files[name] = kept
            else:
                del self.files[name]
        self.files.setdefault("facts/all.jsonl", self.facts("leaflet", 1))
        known = {term["id"] for name in self.files if name.startswith("terms/") for term in self.files[name]}
        self.files["terms/more.yaml"] += [self.term(number) for number in range(4) if f"sign-{number}" not in known]
        self.files.pop("documents/copy.yaml", None)

    edit_mend_again = edit_mend_once_more = edit_mend_more = edit_mend

    def edit_terms(self) -> None:
        terms = self.files["terms/more.yaml"]
        index = self.chance.randrange(len(terms))
        terms[index] = self.term(int(terms[index]["id"].rpartition("-")[2]))

    def edit_add_or_drop_term(self) -> None:
        terms = self.files["terms/more.yaml"]
        number = self.chance.randrange(4, 8) if self.chance.random() < 0.8 else 0
        others = [term for term in terms if term["id"] != f"sign-{number}"]
        self.files["terms/more.yaml"] = others if len(others) < len(terms) else [*terms, self.term(number)]

    def edit_kind(self) -> None:
        term = self.chance.choice(self.files["terms/more.yaml"])
        term["kind"] = "event" if self.chance.random() < 0.3 else "symptom"

    def edit_predicate_words(self) -> None:
        self.files["predicates.yaml"][0]["label"] = f"has effect {self.chance.randrange(9)}"

    def edit_predicate(self) -> None:
        self.files["predicates.yaml"][1]["plain"] = self.chance.choice([["is"], ["can"], ["can", "is"]])

    def edit_add_or_drop_predicate(self) -> None:
        predicates = self.files["predicates.yaml"]
        self.files["predicates.yaml"] = (
            predicates[:2] if len(predicates) > 2 else [*predicates, {**predicates[1], "id": "soothes", "label": "soothes"}]
        )

    def edit_about(self) -> None:
        self.files["kb.yaml"]["version"] = f"1.0.{self.chance.randrange(9)}"
        if self.chance.random() < 0.1:
            self.files["kb.yaml"]["prefixes"]["EX"] = "https://example.org/ex/"

    def edit_whitespace(self) -> None:
        path = self.folder / self.some("")
        if path.suffix == ".yaml":
            path.write_text(f"{path.read_text('utf-8')}\n", encoding="utf-8")


def fail(problem: Problem) -> None:
    pytest.fail(str(problem))


def dump(store: ox.Store) -> set[str]:
    return {f"{quad}" for graph in store.named_graphs() for quad in store.quads_for_pattern(None, None, None, graph)}


def expected(folder: Path) -> tuple[set[str], dict[str, Any]] | Sequence[Problem]:
    """Return the statements and the labels of a knowledge base, compiled in memory, or its problems."""
    checked = pipeline.check(folder)
    if checked.problems or not checked.kb:
        return checked.problems
    store = ox.Store()
    store.load(
        "".join(f"{' '.join(quad)} .\n" for quad in pipeline.compile_all(checked.kb)).encode(), format=ox.RdfFormat.N_QUADS
    )
    return dump(store), {kind: dict(known) for kind, known in queries.compile_base(checked.kb).labels.items()}


def compare(folder: Path) -> bool:
    """Open the living store, and compare it with what is expected; return whether the knowledge base is valid."""
    wanted = expected(folder)
    if isinstance(wanted, list):
        with pytest.raises(KbError) as error:
            compiled_cache.open_living(folder, fail)
        assert error.value.problems == wanted
        return False
    base = compiled_cache.open_living(folder, fail)
    assert base
    assert base.store
    made = disk_store.open_build(compiled_cache.locate(folder))
    statements, labels = wanted
    assert dump(disk_store.open_read_only(made.disk_store)) == statements
    assert (made.manifest["quads"], made.manifest["facts"]) == (len(statements), len(pipeline.load(folder).facts))
    assert base.labels == labels
    assert set(base.graphs) == {statement.rpartition(" ")[2][1:-1] for statement in statements}
    return True


def follow_edits(folder: Path, count: int, seed: int) -> int:
    """Compare the store with what is expected after each of some edits; return after how many of them it was valid."""
    editor = Editor(folder, seed)
    editor.edit_mend()
    editor.write()
    assert compare(folder)
    valid = 0
    for _ in range(count):
        editor.edit()
        is_valid = compare(folder)
        valid += is_valid
        if not is_valid and editor.chance.random() < 0.5:  # else most edits would be compared with problems alone
            editor.edit_mend()
            editor.write()
    return valid


def test_after_each_edit_the_store_is_that_of_a_build_from_scratch(tmp_path: Path, builds: list[Path]) -> None:
    valid = follow_edits(tmp_path / "kb", 30, seed=1)
    assert valid > 15
    assert len(builds) < 30 - valid + 8


@pytest.mark.long("five hundred edits, each compared with a build from scratch")
@pytest.mark.parametrize("seed", range(2, 7))
def test_after_each_of_five_hundred_edits_the_store_is_that_of_a_build_from_scratch(tmp_path: Path, seed: int) -> None:
    assert follow_edits(tmp_path / "kb", 100, seed) > 40


def ask(folder: Path) -> Any:
    return queries.ask(queries.open_base(folder), LABELS).rows


def edit(folder: Path, label: str) -> None:
    path = folder / "terms/terms.yaml"
    path.write_text(path.read_text("utf-8").replace('"label": "examplol"', f'"label": "{label}"'), encoding="utf-8")


def test_text_and_results_of_verification_are_followed(tmp_path: Path, builds: list[Path]) -> None:
    folder = tmp_path / "kb"
    shutil.copytree(resources.example(), folder)
    assert compare(folder)
    results = folder / "verification/zelorin-leaflet.yaml"
    content = results.read_text("utf-8")
    results.unlink()
    assert compare(folder)
    results.write_text(content, encoding="utf-8")
    assert compare(folder)
    assert len(builds) == 1
    text = folder / "documents/zelorin-leaflet.txt"
    text.write_text(text.read_text("utf-8").replace("e", "i", 1), encoding="utf-8")
    assert not compare(folder)


def test_a_store_that_is_current_is_opened_and_nothing_is_compiled(
    make_kb: Callable[..., Path], builds: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_kb()
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))
    monkeypatch.setattr(fingerprint, "SETTLING_TIME", 0)
    assert ask(folder) == (('"examplol"@en',),)
    made = sorted((compiled_cache.locate(folder)).glob("build-*"))
    monkeypatch.setattr(fingerprint, "file_sha256", None)  # the stat of all files says enough
    assert ask(folder) == (('"examplol"@en',),)
    assert (len(builds), sorted((compiled_cache.locate(folder)).glob("build-*"))) == (1, made)


def test_named_queries_come_change_and_go(make_kb: Callable[..., Path], builds: list[Path]) -> None:
    folder = make_kb()
    own = len(queries.named_queries(queries.open_base(folder)))
    path = folder / "queries/mine.rq"
    path.parent.mkdir()
    for title in ("One", "Another"):
        path.write_text(f"# title: {title}\n# question: Which?\n# columns: [label]\n{LABELS}\n", encoding="utf-8")
        base = queries.open_base(folder)
        assert queries.find_query(base, "mine").title == title
        assert len(queries.named_queries(base)) == own + 1
    path.unlink()
    base = queries.open_base(folder)
    with pytest.raises(KbError, match="KB601"):
        queries.find_query(base, "mine")
    assert len(builds) == 1


def test_readers_keep_the_former_build_until_they_are_done(make_kb: Callable[..., Path]) -> None:
    folder = make_kb()
    former = queries.open_base(folder)
    edit(folder, "other")
    assert ask(folder) == (('"other"@en',),)
    edit(folder, "others")
    assert queries.ask(former, LABELS).rows == (('"examplol"@en',),)
    store = compiled_cache.locate(folder)
    assert len(list(store.glob("build-*"))) == 2
    del former
    gc.collect()
    (folder / "kb.yaml").write_text((folder / "kb.yaml").read_text("utf-8").replace("1.0.0", "1.0.1"), encoding="utf-8")
    ask(folder)
    assert len(list(store.glob("build-*"))) == 1


def test_a_damaged_store_is_made_anew_with_a_note_whatever_is_damaged(make_kb: Callable[..., Path], builds: list[Path]) -> None:
    folder = make_kb()
    ask(folder)
    names = store_integrity.list_files(published(folder))
    names = [name for name in names if not name.endswith(".log")]
    for number, name in enumerate([*names, "../current"], 2):
        path = published(folder) / name
        if not path.exists():  # RocksDB numbers its files anew
            path = next(path.parent.glob(f"*{path.suffix}"))
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
        notes: list[Problem] = []
        assert queries.ask(queries.open_base(folder, notes.append), LABELS).rows == (('"examplol"@en',),)
        assert [note.code for note in notes] == ["KB653"], name
        assert len(builds) == number


def published(folder: Path) -> Path:
    store = compiled_cache.locate(folder)
    return store / (store / "current").read_text("ascii").split()[0]


def test_a_cache_that_cannot_be_written_costs_time_only(make_kb: Callable[..., Path]) -> None:
    folder = make_kb()
    store = compiled_cache.locate(folder)
    store.mkdir(parents=True)
    (store / "other").write_text("x")
    notes: list[Problem] = []
    base = queries.open_base(folder, notes.append)
    assert base.store is None
    assert [note.code for note in notes] == ["KB651"]
    assert queries.ask(base, LABELS).rows == (('"examplol"@en',),)


RUN = """
import os, signal, sys
from pathlib import Path
from kb import queries
from kb.queries import compiled_cache
compiled_cache.LEAST_SIZE = 0
calls = 0
def trace(name, *_):
    global calls
    if name in {"open", "os.rename", "os.link", "os.mkdir", "os.remove", "shutil.rmtree"} and "living" in str(_):
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(trace)
base = queries.open_base(Path(sys.argv[1]))
print(queries.ask(base, sys.argv[3]).rows[0][0], calls)
"""


def run(folder: Path, step: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, str(folder), str(step), LABELS], capture_output=True, text=True, check=False, env=os.environ
    )


@pytest.mark.long("a process for each of many steps")
def test_after_a_kill_at_any_step_the_next_question_is_answered_right(make_kb: Callable[..., Path]) -> None:
    folder = make_kb()
    ask(folder)
    label, step = "examplol", 1
    while True:
        before, label = label, f"label {step}"
        path = folder / "terms/terms.yaml"
        path.write_text(path.read_text("utf-8").replace(f'"label": "{before}"', f'"label": "{label}"'), encoding="utf-8")
        killed = run(folder, step)
        assert ask(folder) == ((f'"{label}"@en',),)
        assert compare(folder)
        if killed.returncode == 0:
            break
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        step += 2
    assert step > 10


@pytest.mark.long("processes that edit and ask at the same time")
def test_of_several_processes_one_follows_an_edit_and_all_answer_right(make_kb: Callable[..., Path], builds: list[Path]) -> None:
    folder = make_kb()
    ask(folder)
    with ThreadPoolExecutor(4) as threads:
        for number in range(6):
            edit(folder, f"label {number}") if not number else edit_again(folder, number)
            answers = list(threads.map(lambda _: run(folder, 0), range(4)))
            assert [answer.stdout.rpartition(" ")[0] for answer in answers] == [f'"label {number}"@en'] * 4
    assert len(list(compiled_cache.locate(folder).glob("build-*"))) <= 2  # the former one stays while somebody reads it
    assert len(builds) == 1


def edit_again(folder: Path, number: int) -> None:
    path = folder / "terms/terms.yaml"
    path.write_text(path.read_text("utf-8").replace(f"label {number - 1}", f"label {number}"), encoding="utf-8")


def test_only_a_large_knowledge_base_gets_a_store(make_kb: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_kb()
    monkeypatch.setattr(compiled_cache, "LEAST_SIZE", sum(path.stat().st_size for path in folder.rglob("*.yaml")) + 1)
    assert queries.open_base(folder).store is None
    monkeypatch.setattr(compiled_cache, "LEAST_SIZE", 1)
    assert queries.open_base(folder).store is not None


def test_stores_that_were_not_used_for_longest_are_removed(make_kb: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_cache, "MAX_STORES", 2)
    folders = [make_kb(f"kb-{number}") for number in range(3)]
    for folder in folders:
        queries.open_base(folder)
    assert [compiled_cache.locate(folder).exists() for folder in folders] == [False, True, True]


def test_other_engines_get_the_statements_of_the_store(make_kb: Callable[..., Path]) -> None:
    base = queries.open_base(make_kb())
    assert queries.ask(base, LABELS, engine="rdflib").rows == (('"examplol"@en',),)
