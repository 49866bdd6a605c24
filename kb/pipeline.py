"""The order of the line, on one page: load, validate, resolve, compile, export.

Rooms do not know each other; only this module does. They meet in plain values: records, values of the model, quads,
problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kb import resources, stores
from kb.answers import Answer, Question, Refusal
from kb.checks import documents as document_checks
from kb.checks import labels, references, schema, shacl
from kb.formats import lines
from kb.formats.table import Format
from kb.formats.table import find as find_format
from kb.graph import dataset, documents, facts, ontology, vocabulary
from kb.iris import Names
from kb.links import resolve
from kb.links.values import resolve_value
from kb.model import Dataset, KnowledgeBase, Record
from kb.problems import KbError, Place, Problem, fail
from kb.quads import Quad, iri_value
from kb.queries import guard, library, sandbox
from kb.queries.library import Parameter, Query
from kb.queries.sandbox import Limits
from kb.records import folder, text, yaml

_RESOLVERS: dict[str, Callable[[Record], Any]] = {
    "document": resolve.document,
    "term": resolve.term,
    "predicate": resolve.predicate,
    "fact": resolve.fact,
    "mapping": resolve.mapping,
}


#: How much of a graph is held against its shapes.
Shapes = Literal["none", "sample", "all"]

#: SHACL engines are slow; since JSON Schema and shapes agree, of a larger knowledge base a sample of this size is enough.
LARGEST_SHAPED = 200


class Checked(NamedTuple):
    """What a check found.

    Args:
        kb: The knowledge base, if one could be made of the records.
        problems: Everything that is wrong, in order.
        counts: How many records of each kind were read.
        shaped: How many facts were held against the SHACL shapes.
    """

    kb: KnowledgeBase | None
    problems: list[Problem]
    counts: dict[str, int]
    shaped: int = 0


def names_of(kb: KnowledgeBase) -> Names:
    """Give the names of a knowledge base."""
    return Names(kb.dataset.base, kb.dataset.prefixes)


def check(path: Path, *, shapes: Shapes = "none") -> Checked:
    """Read and check a knowledge base; find all problems in one run.

    Args:
        path: The folder that holds ``kb.yaml``.
        shapes: Whether to hold the compiled graph against the SHACL shapes too, if all else is well: not at all, a
            sample of a large knowledge base, or all of it.

    Raises:
        KbError: There is no knowledge base at all.
    """
    records, unreadable = folder.read(path)
    counts = {kind: sum(record.kind == kind for record in records) for kind in ("kb", *_RESOLVERS)}
    problems = list(unreadable)
    good: list[Record] = []
    bad: list[Record] = []
    for record in records:
        found = [*text.characters(record), *schema.check(record)]
        problems.extend(found)
        (bad if found else good).append(record)
    for record in good:
        problems.extend(labels.check(record) if record.kind in {"term", "predicate", "document"} else ())
    problems.extend(references.duplicate_ids(good))
    if not unreadable and not counts["fact"] and not counts["document"]:
        problems.append(Problem(Place(str(path)), "KB405", "It has neither facts nor documents.", "Add some."))
    about = next((resolve.dataset(each) for each in good if each.kind == "kb"), None)
    shaped = 0
    kb = _assemble(path, good, about or next((resolve.stand_in(each) for each in bad if each.kind == "kb"), None))
    if kb is not None and not unreadable:  # with a file missing, half of what is named would seem unknown
        problems.extend(_check_together(kb, bad))
        if shapes != "none" and not problems:
            part = kb if shapes == "all" else sample(kb)
            shaped = len(part.facts)
            graph = "".join(lines.quads(compile_all(part), names_of(kb)))
            problems.extend(shacl.check(graph, lambda iri: _place_of(iri, kb)))
    return Checked(kb if about else None, sorted(set(problems)), counts, shaped)


def check_everything(path: Path, *, shapes: Shapes = "sample") -> Checked:
    """Check the records, the shapes and the named queries, as ``kb validate`` does."""
    checked = check(path, shapes=shapes)
    found = _check_queries(path, names_of(checked.kb) if checked.kb else None)
    return checked._replace(problems=sorted({*checked.problems, *found}))


def sample(kb: KnowledgeBase) -> KnowledgeBase:
    """Give a small knowledge base whole, or facts spread over a large one with all that they name."""
    if len(kb.facts) <= LARGEST_SHAPED:
        return kb
    picked = kb.facts[:: len(kb.facts) // (LARGEST_SHAPED // 2)]
    named = {name for fact in picked for name in (fact.subject, fact.object, *fact.qualifiers.values())}
    cited = {(fact.document, sentence) for fact in picked for sentence in fact.sentences}
    documents_ = {name: kb.documents[name] for name in sorted({fact.document for fact in picked})}
    return kb._replace(
        facts=picked,
        terms={name: term for name, term in kb.terms.items() if name in named},
        documents={
            name: each._replace(sentences=tuple(one for one in each.sentences if (name, one.id) in cited))
            for name, each in documents_.items()
        },
        mappings=(),
    )


def _place_of(iri: str, kb: KnowledgeBase) -> Place:
    """Find the record that a node of the graph comes from."""
    path = iri.removeprefix(kb.dataset.base)
    room, _, name = path.partition("/")
    found: Any = None
    if room == "fact":
        found = next((fact for fact in kb.facts if path == fact.path or path.startswith(f"{fact.path}/evidence/")), None)
    elif room in {"term", "predicate", "document"}:
        known: Mapping[str, Any] = {"term": kb.terms, "predicate": kb.predicates, "document": kb.documents}[room]
        found = known.get(name.partition("/")[0])
    return found.record.place if found and found.record else Place(str(kb.folder))


def _check_together(kb: KnowledgeBase, bad: Iterable[Record]) -> Iterator[Problem]:
    names = names_of(kb)
    broken = frozenset(
        (each.kind, each.value["id"]) for each in bad if isinstance(each.value, dict) and isinstance(each.value.get("id"), str)
    )
    yield from references.check(kb, names, broken)
    yield from references.shared_labels(kb)
    yield from document_checks.check(kb)


def _assemble(path: Path, records: Iterable[Record], about: Dataset | None) -> KnowledgeBase | None:
    """Resolve each record on its own and put the values together."""
    if about is None:
        return None
    values: dict[str, list[Any]] = {kind: [] for kind in _RESOLVERS}
    for record in records:
        if record.kind in _RESOLVERS:
            values[record.kind].append(_RESOLVERS[record.kind](record))
    return KnowledgeBase(
        folder=path,
        dataset=about,
        documents={each.id: each for each in sorted(values["document"], key=lambda each: each.id)},
        terms={each.id: each for each in sorted(values["term"], key=lambda each: each.id)},
        predicates={each.id: each for each in sorted(values["predicate"], key=lambda each: each.id)},
        facts=tuple(sorted(values["fact"], key=lambda each: each.path)),
        mappings=tuple(sorted(values["mapping"], key=lambda each: (each.subject, each.match, each.object))),
    )


def load(path: Path) -> KnowledgeBase:
    """Read a knowledge base that must be in order, for export, query and the like.

    Raises:
        KbError: It has problems; all of them.
    """
    checked = check(path)
    if checked.kb is None or checked.problems:
        raise KbError(checked.problems)
    return checked.kb


def compile_all(kb: KnowledgeBase, model: facts.Model = "full") -> list[Quad]:
    """Compile a knowledge base into quads, unsorted.

    Args:
        kb: The knowledge base.
        model: How to write statements.
    """
    names, language = names_of(kb), kb.dataset.language
    step = facts.Compiler(names, kb.predicates, kb.documents, language, model).compile
    covered = kb.covered()
    quads = [quad for fact in kb.facts for quad in step(fact)]
    for term in kb.terms.values():
        quads.extend(vocabulary.compile_term(term, names, language))
    for predicate in kb.predicates.values():
        quads.extend(vocabulary.compile_predicate(predicate, names, language))
    for mapping in kb.mappings:
        quads.extend(vocabulary.compile_mapping(mapping, names))
    for document in kb.documents.values():
        quads.extend(documents.compile_document(document, covered.get(document.id, {}), names, language))
    quads.extend(dataset.compile_dataset(kb, names))
    used = {term for quad in quads for term in (quad.predicate, quad.object)}
    quads.extend(ontology.compile_used(used, names))
    return quads


def write(quads: Iterable[Quad], fmt: Format, names: Names) -> Iterator[str]:
    """Write quads in a format, in pieces of text."""
    return fmt.lines(quads, names)


def export(kb: KnowledgeBase, fmt: str = "turtle", model: facts.Model = "full") -> str:
    """Write a knowledge base as text.

    Args:
        kb: The knowledge base.
        fmt: The format, by name, suffix or media type.
        model: How to write statements.

    Raises:
        KbError: There is no such format.
    """
    return "".join(write(compile_all(kb, model), find_format(fmt), names_of(kb)))


def find_query(kb: KnowledgeBase, name: str) -> Query:
    """Find a named query: among those of the knowledge base, then among the shipped ones.

    Raises:
        KbError: There is none of that name (KB601), or its heading is wrong (KB609).
    """
    known = {**library.files(resources.content()), **library.files(kb.folder)}
    if name not in known:
        remedy = references.nearest(name, known, f"Known are: {', '.join(known)}.")
        raise fail("KB601", f"There is no query '{name[:60]}'.", remedy)
    return read_query(known[name])


def read_query(path: Path) -> Query:
    """Read a query file.

    Raises:
        KbError: It cannot be read, or its heading is wrong (KB609).
    """
    return parse_query(text.read_text(path, str(path)), path)


def parse_query(whole: str, path: Path) -> Query:
    """Take a query and its heading apart; one without a heading has no question and no parameters.

    Raises:
        KbError: Its heading is wrong (KB609).
    """
    heading = library.heading(whole)
    if not re.search("^title:", heading, re.MULTILINE):
        return Query(path.stem, path.stem, "", (), (), {}, whole, path)
    about: Any = yaml.parse(heading, str(path)).value
    found = list(schema.check(Record("query", about, Place(str(path), 1))))
    if found:
        raise KbError(Problem(each.place, "KB609", each.message, each.remedy) for each in found)
    parameters = {name: Parameter(**each) for name, each in about.get("parameters", {}).items()}
    columns, keywords = tuple(about["columns"]), tuple(about.get("keywords", ()))
    return Query(path.stem, about["title"], about["question"], columns, keywords, parameters, whole, path)


def _check_queries(path: Path, names: Names | None) -> Iterator[Problem]:
    """Check headings, parameters and, where the prefixes are known, syntax and columns of a folder's named queries."""
    queries = []
    for file in library.files(path).values():
        try:
            query = read_query(file)
            library.bind(query, dict.fromkeys(query.parameters, "UNDEF"))
            queries.append(query)
        except KbError as error:
            yield from error.problems
            continue
        if not query.question:
            message = "The query has no heading with title, question and columns."
            yield Problem(Place(str(file), 1), "KB609", message, "Write one in comment lines at its top; see docs/records.md.")
    if queries and names is not None:
        yield from _run_dry(queries, names)


def _run_dry(queries: list[Query], names: Names) -> Iterator[Problem]:
    """Ask queries of an empty store: what is wrong with them shows all the same."""

    def all_of_them() -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
        load, answer_one = stores.engine("oxigraph")

        def answer_all(store: Any, question: Question) -> Answer:
            rows = []
            for index, query in enumerate(queries):
                try:
                    found = answer_one(store, question._replace(text=query.text))
                    rows.append((str(index), "", *found.variables))
                except Refusal as refusal:
                    rows.append((str(index), refusal.message, str(refusal.line), str(refusal.column)))
            return Answer("select", rows=tuple(rows))

        return load, answer_all

    for row in sandbox.answer(all_of_them, Question("", "", names.prefixes, names.base), Limits()).rows:
        query, refused, rest = queries[int(row[0] or 0)], row[1], [each or "" for each in row[2:]]
        if refused:
            place = Place(str(query.path), int(rest[0]), int(rest[1]))
            yield Problem(place, "KB602", f"The query cannot be read: {refused}.", "Correct the query there.")
        for column in [] if refused else [each for each in query.columns if each not in rest]:
            message = f"The heading promises the column '{column}', which the query does not give."
            yield Problem(Place(str(query.path), 1), "KB609", message, "Select it, or take it out of 'columns'.")


def bind_query(kb: KnowledgeBase, query: Query, values: Mapping[str, str]) -> str:
    """Bind the parameters of a query to what a user typed.

    Raises:
        KbError: The query has no such parameter, or the value is not of its type (KB607).
    """
    bound = {}
    for name, value in values.items():
        if name not in query.parameters:
            known = ", ".join(query.parameters) or "none"
            raise fail("KB607", f"'{query.name}' has no parameter '{name[:60]}'.", f"It takes: {known}.")
        bound[name] = resolve_value(query.parameters[name].type, value, kb, names_of(kb))
    return library.bind(query, bound)


def ask(kb: KnowledgeBase, sparql: str, engine: str = "oxigraph", limits: Limits = Limits()) -> Answer:  # noqa: B008 - frozen
    """Ask a knowledge base a question in SPARQL, in a process that can reach nothing else.

    Args:
        kb: The knowledge base.
        sparql: The query; every prefix of the knowledge base may be used.
        engine: ``oxigraph`` or ``rdflib``.
        limits: What it may cost.

    Raises:
        KbError: The query is wrong or refused, or a limit was hit.
    """
    return _ask(compile_all(kb), names_of(kb), sparql, engine, limits)


def _ask(quads: list[Quad], names: Names, sparql: str, engine: str, limits: Limits) -> Answer:
    graphs = {iri_value(each) for each in {quad.graph for quad in quads}}
    refused = list(guard.check(sparql, graphs, names.prefixes, names.base))
    if refused:
        raise KbError(refused)
    question = Question("".join(f"{' '.join(quad)} .\n" for quad in quads), sparql, names.prefixes, names.base)
    return _steady(sandbox.answer(lambda: stores.engine(engine), question, limits), sparql)


def _steady(answer: Answer, sparql: str) -> Answer:
    """Put what the query leaves unordered into order, so that the same question gives the same bytes."""
    if answer.form == "graph":
        return answer._replace(triples=tuple(sorted(set(answer.triples))))
    if guard.fixes_order(sparql):
        return answer
    return answer._replace(rows=tuple(sorted(answer.rows, key=lambda row: [term or "" for term in row])))


def named_queries(kb: KnowledgeBase) -> list[Query]:
    """Give the named queries that a knowledge base can be asked: its own and the shipped ones."""
    known = {**library.files(resources.content()), **library.files(kb.folder)}
    return [read_query(known[name]) for name in sorted(known)]


def answers(kb: KnowledgeBase) -> Iterator[tuple[Query, Answer]]:
    """Answer the named queries of a knowledge base's own folder."""
    quads, names = compile_all(kb), names_of(kb)
    for path in library.files(kb.folder).values():
        query = read_query(path)
        yield query, _ask(quads, names, query.text, stores.ENGINES[0], Limits())
