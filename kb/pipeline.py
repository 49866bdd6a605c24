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

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from kb.build import joining, reading, refusals
from kb.build.joining import Complete, Joiner, JoinResult
from kb.build.reading import BuildInput
from kb.build.step import Step
from kb.build.writing import BuildPlan
from kb.checks import references, shacl
from kb.files import atomic
from kb.files.temporary import TemporaryFolder
from kb.formats import nquads, registry, streaming
from kb.metadata import Dataset
from kb.model import KnowledgeBase
from kb.problems import KbError, Problem, check_types, collect
from kb.progress import track
from kb.rdf.compilation import Compilation
from kb.rdf.facts import Model
from kb.rdf.iris import names_of
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
        documents: The file of each document, by its id, if all files could be read.
        warnings: The facts that have changed since their review (KB336); they stop nothing.
    """

    kb: KnowledgeBase | None
    about: Dataset | None
    problems: Sequence[Problem]
    counts: dict[str, int]
    shaped: int = 0
    outdated: int = 0
    documents: dict[str, str] | None = None
    warnings: Sequence[Problem] = ()


@check_types(shapes=get_args(Shapes))
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
        return check_input(reading.read(Path(path), facts=more), shapes, keep=True)[0]
    with TemporaryFolder() as folder:
        return check_input(reading.read(Path(path), folder, workers, more), shapes, workers)[0]


@check_types()
def load(path: Path | str, *, with_texts: bool = True) -> KnowledgeBase:
    """Load a knowledge base that has no problems.

    Args:
        path: The folder that holds ``kb.yaml``.
        with_texts: Whether to check the texts of its documents too.

    Raises:
        KbError: It has problems; all of them.
    """
    complete = joining.complete if with_texts else joining.add_results
    checked = check_input(reading.read(Path(path)), complete=complete, keep=True)[0]
    if checked.kb is None or checked.problems:
        raise KbError(checked.problems)
    return checked.kb


def load_sound(path: Path | str, *, with_texts: bool = True) -> tuple[KnowledgeBase, Sequence[Problem]]:
    """Load what is sound of a knowledge base, with the problems of the rest: a fault in one file does not stop work on others.

    Left out are records that cannot be read or break their schema, and facts and mappings that name what is left out or
    does not fit. The arguments are those of :func:`load`.

    Raises:
        KbError: Nothing can be said of its metadata, or a change of it is half done (KB707).
    """
    complete = joining.complete if with_texts else joining.add_results
    checked = check_input(reading.read(Path(path)), complete=complete, keep=True)[0]
    if checked.kb is None or any(problem.code == "KB707" for problem in checked.problems):
        raise KbError(checked.problems)
    return references.keep_sound(checked.kb, names_of(checked.kb)) if checked.problems else checked.kb, checked.problems


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
        step = Step(kb.dataset, kb.terms, kb.predicates, retired=kb.retired.values())
        joiner = Joiner(facts, documents, step, read.folder, joining.add_results if keep else complete)
        joined = joining.check_all(joiner, facts, workers)
        problems.extend(collect(refusals.find_reference_problems(read, kb, joined)))
    if keep:
        loaded = reading.assemble(read, kb, problems, complete)
    elif not read.is_complete:
        reading.assemble_documents(read, kb, problems, complete)
    shaped = 0
    if shapes != "none" and not problems:
        part = reading.assemble(read, kb, []) if shapes == "all" else reading.sample(read, kb)
        shaped = len(part.facts)
        graph = "".join(nquads.quads(compile_all(part), names_of(part)))
        problems.extend(shacl.check(graph, lambda iri: reading.find_place(iri, part)))
    checked = CheckResult(
        loaded, about, collect(problems), read.counts, shaped, joined.outdated, read.document_files, collect(joined.stale)
    )
    return checked, BuildPlan(kb, facts, documents, joined)


@contextmanager
def stream(
    path: Path, *, model: Model = "full", shapes: Shapes = "none", workers: int = 1, more: Sequence[str] = ()
) -> Iterator[tuple[CheckResult, BuildPlan]]:
    """Check a knowledge base and yield its statements, in bounded memory.

    Args:
        path: The folder that holds ``kb.yaml``.
        model: How facts are written.
        shapes: How much to validate with the SHACL shapes before.
        workers: How many processes may work on it; the statements do not depend on it.
        more: Files of more facts, folders or patterns such as ``more/*.jsonl``.

    Yields:
        The result of the check, and what compiles the statements when they are read.

    Raises:
        KbError: There are problems; all of them.
    """
    with TemporaryFolder() as folder:
        checked, plan = check_input(reading.read(path, folder, workers, more), shapes, workers)
        if plan is None or checked.problems:
            raise KbError(checked.problems)
        yield checked, replace(plan, model=model, folder=folder, workers=workers)


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


@check_types(model=get_args(Model))
def compile_all(kb: KnowledgeBase | Path | str, model: Model = "full") -> list[Quad]:
    """Compile a knowledge base into statements, in no order.

    Args:
        kb: The knowledge base, or its folder.
        model: How facts are written.
    """
    return Compilation(load(kb) if isinstance(kb, Path | str) else kb).quads(model)


@check_types(model=get_args(Model))
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
    return "".join(registry.find(fmt).lines(compile_all(base, model), names_of(base)))
