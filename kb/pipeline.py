"""The order of the work, on one page: load, validate, resolve, compile, write.

| | one record, fact or document | a whole knowledge base |
|---|---|---|
| load, validate alone, resolve | ``build/step.py`` | ``build/reading.py``, in memory or in temporary files |
| validate against each other | ``build/step.py`` | ``build/joining.py``; ``build/refusals.py`` explains what was refused |
| compile | ``rdf/facts.py``, ``rdf/documents.py`` | ``rdf/compilation.py`` in memory, ``build/writing.py`` in bounded memory |
| write | ``formats/registry.py`` | ``formats/streaming.py`` |

The folders ``records``, ``checks`` and ``formats`` do not import each other; they exchange plain values: records, values of the
model, statements, problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from kb.build import assembly, joining, reading, refusals, writing
from kb.build.joining import Complete, Joiner, JoinResult
from kb.build.reading import BuildInput
from kb.build.step import Step
from kb.build.writing import BuildPlan
from kb.checks import shacl
from kb.files import atomic
from kb.files.temporary import TemporaryFolder
from kb.formats import nquads, registry, streaming
from kb.formats.registry import Format
from kb.model import Dataset, KnowledgeBase
from kb.problems import KbError, Problem, collect
from kb.progress import track
from kb.rdf.compilation import Compilation
from kb.rdf.facts import Model
from kb.rdf.iris import Names, names_of
from kb.rdf.quads import Quad

#: How much of the compiled graph is validated with the SHACL shapes.
Shapes = Literal["none", "sample", "all"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check.

    Args:
        kb: The knowledge base, if it was requested and its metadata is valid.
        about: Its metadata, if that is valid.
        problems: Everything that is wrong, in order.
        counts: How many records of each kind were read.
        shaped: How many facts were validated with the SHACL shapes.
        outdated: How many results of verification are out of date.
    """

    kb: KnowledgeBase | None
    about: Dataset | None
    problems: Sequence[Problem]
    counts: dict[str, int]
    shaped: int = 0
    outdated: int = 0


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to process a knowledge base that may not fit into memory.

    Args:
        folder: The folder for temporary files; empty to hold everything in memory.
        workers: How many processes may work on it.
        more: Files of more facts, folders or patterns.
    """

    folder: str = ""
    workers: int = 1
    more: Sequence[str] = ()


def check(
    path: Path | str, *, shapes: Shapes = "none", keep: bool = True, workers: int = 1, more: Sequence[str] = ()
) -> CheckResult:
    """Load and check a knowledge base; report all problems in one run.

    Args:
        path: The folder that holds ``kb.yaml``.
        shapes: How much of the compiled graph to validate with the SHACL shapes, if there are no other problems.
        keep: Whether to return the knowledge base, and so to hold all of it in memory.
        workers: How many processes may work on it, if the knowledge base is not returned.
        more: Files of more facts, folders or patterns such as ``more/*.jsonl``.

    Raises:
        KbError: The folder holds no knowledge base.
    """
    if keep:
        return _check(Path(path), shapes, BuildOptions(more=more), keep=True)[0]
    with TemporaryFolder() as folder:
        return _check(Path(path), shapes, BuildOptions(folder, workers, more))[0]


def load(path: Path | str, *, with_texts: bool = True) -> KnowledgeBase:
    """Load a knowledge base that has no problems.

    Args:
        path: The folder that holds ``kb.yaml``.
        with_texts: Whether to check the texts of its documents too.

    Raises:
        KbError: It has problems; all of them.
    """
    complete = joining.complete if with_texts else joining.add_results
    checked = _check(Path(path), "none", complete=complete, keep=True)[0]
    if checked.kb is None or checked.problems:
        raise KbError(checked.problems)
    return checked.kb


def _check(
    path: Path,
    shapes: Shapes,
    options: BuildOptions = BuildOptions(),
    complete: Complete = joining.complete,
    *,
    keep: bool = False,
) -> tuple[CheckResult, BuildPlan | None]:
    read = reading.read(path, options.folder, options.workers, options.more)
    return check_input(read, shapes, options.workers, complete, keep=keep)


def check_input(
    read: BuildInput,
    shapes: Shapes = "none",
    workers: int = 1,
    complete: Complete = joining.complete,
    *,
    keep: bool = False,
) -> tuple[CheckResult, BuildPlan | None]:
    """Validate and resolve what was read; return the result, and what compiling and writing need."""
    problems = [*collect(refusals.find_record_problems(read))]
    about = read.dataset()
    base = about or read.placeholder_dataset()
    if base is None:
        return CheckResult(None, None, collect(problems), read.counts), None
    kb, joined, loaded = read.vocabulary(base), JoinResult(), None
    facts, documents, keep = read.source("fact"), read.source("document"), keep and about is not None
    if read.is_complete:  # with a file missing, many names would seem unknown
        step = Step(kb.dataset, kb.terms, kb.predicates)
        joiner = Joiner(facts, documents, step, read.folder, joining.add_results if keep else complete)
        joined = joining.check_all(joiner, facts, workers)
        problems.extend(collect(refusals.find_reference_problems(read, kb, joined)))
    if keep:
        loaded = assembly.assemble(read, kb, problems, complete)
    elif not read.is_complete:
        assembly.assemble_documents(read, kb, problems, complete)
    shaped = 0
    if shapes != "none" and not problems:
        part = assembly.assemble(read, kb, []) if shapes == "all" else assembly.sample(read, kb)
        shaped = len(part.facts)
        graph = "".join(nquads.quads(compile_all(part), names_of(part)))
        problems.extend(shacl.check(graph, lambda iri: assembly.find_place(iri, part)))
    checked = CheckResult(loaded, about, collect(problems), read.counts, shaped, joined.outdated)
    return checked, BuildPlan(kb, facts, documents, joined)


class Statements:
    """The statements of a checked knowledge base, compiled when they are read.

    Args:
        plan: What to compile.
        folder: The folder for temporary files.
        workers: How many processes may write lines.
    """

    def __init__(self, plan: BuildPlan, folder: str, workers: int) -> None:
        self.plan, self._folder, self._workers = plan, folder, workers
        self.names = plan.names

    def lines(self) -> Iterator[bytes]:
        """Return the statements as sorted N-Quads, in chunks of whole lines."""
        return writing.lines(self.plan, self._folder, self._workers)

    def quads(self) -> Iterator[Quad]:
        """Return the statements in no order."""
        return writing.quads(self.plan)


@contextmanager
def stream(
    path: Path, *, model: Model = "full", shapes: Shapes = "none", workers: int = 1, more: Sequence[str] = ()
) -> Iterator[tuple[CheckResult, Statements]]:
    """Check a knowledge base and yield its statements, in bounded memory.

    Args:
        path: The folder that holds ``kb.yaml``.
        model: How facts are written.
        shapes: How much to validate with the SHACL shapes before.
        workers: How many processes may work on it; the statements do not depend on it.
        more: Files of more facts, folders or patterns such as ``more/*.jsonl``.

    Yields:
        The result of the check, and the statements.

    Raises:
        KbError: There are problems; all of them.
    """
    with TemporaryFolder() as folder:
        checked, plan = _check(path, shapes, BuildOptions(folder, workers, more))
        if plan is None or checked.problems:
            raise KbError(checked.problems)
        yield checked, Statements(replace(plan, model=model), folder, workers)


def build(  # noqa: PLR0913 - each of them is a choice of the caller
    path: Path,
    output: Path,
    *,
    fmt: str = "",
    model: Model = "full",
    shapes: Shapes = "none",
    workers: int = 1,
    more: Sequence[str] = (),
) -> CheckResult:
    """Check a knowledge base and write it in one format, in bounded memory.

    Args:
        path: The folder that holds ``kb.yaml``.
        output: The file, whose suffixes decide on format and compression.
        fmt: The format, where the suffix does not name it.
        model: How facts are written.
        shapes: How much to validate with the SHACL shapes before.
        workers: How many processes may work on it; the bytes do not depend on it.
        more: Files of more facts, folders or patterns such as ``more/*.jsonl``.

    Raises:
        KbError: There are problems, all of them; or the file cannot be written.
    """
    chosen, compress = streaming.find(output.name, fmt, model)
    with stream(path, model=model, shapes=shapes, workers=workers, more=more) as (checked, statements):
        chunks = compress(streaming.write(chosen, statements, statements.names))
        atomic.write_file(output, track("writing", chunks, len))
    return checked


def compile_all(kb: KnowledgeBase | Path | str, model: Model = "full") -> list[Quad]:
    """Compile a knowledge base into statements, in no order.

    Args:
        kb: The knowledge base, or its folder.
        model: How facts are written.
    """
    return Compilation(load(kb) if isinstance(kb, Path | str) else kb).quads(model)


def write(quads: Iterable[Quad], fmt: Format, names: Names) -> Iterator[str]:
    """Write statements in a format, in pieces of text."""
    return fmt.lines(quads, names)


def export(kb: KnowledgeBase | Path | str, fmt: str = "turtle", model: Model = "full") -> str:
    """Write a knowledge base as text.

    Args:
        kb: The knowledge base, or its folder.
        fmt: The format, by name, suffix or media type.
        model: How facts are written.

    Raises:
        KbError: There is no such format.
    """
    base = load(kb) if isinstance(kb, Path | str) else kb
    return "".join(write(compile_all(base, model), registry.find(fmt), names_of(base)))
