"""Sets of exports: which formats, what each loses, and the folder of all of them with README and checksums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from kb import pipeline, queries
from kb.files import atomic
from kb.formats import registry
from kb.formats.registry import FORMATS, Format, find
from kb.model import KnowledgeBase
from kb.problems import KbError, Place, Problem, fail
from kb.queries import description
from kb.rdf import verifications
from kb.rdf.facts import Model, holds_plainly
from kb.rdf.iris import names_of
from kb.rdf.quads import Quad
from kb.schema import vocabulary
from kb.sparql import result_formats


def choose(names: Sequence[str], output: str, statements: str, *, many: bool) -> list[Format]:
    """Choose the formats that were asked for.

    Args:
        names: What ``--format`` names.
        output: The file, whose suffix decides where nothing is named; ``-`` or empty for none.
        statements: The statement model, which every format must be able to carry.
        many: Whether several formats can be written, and all are where none is named.

    Raises:
        KbError: A format is unknown (KB702) or cannot carry the model (KB703).
    """
    suffix = Path(output).suffix
    if names:
        chosen = [registry.find(name) for name in names]
    elif many:
        chosen = [each for each in FORMATS if registry.carries(each, statements)]
    else:
        chosen = [
            registry.find(suffix) if suffix else registry.find("trig" if statements in {"named-graphs", "nanopubs"} else "turtle")
        ]
    if len(chosen) > 1 and not many:
        raise fail("KB702", "Several formats need a folder.", "End --output with a slash.")
    for each in chosen:
        registry.require(each, statements)
    return chosen


#: Statement models whose losses are told of a knowledge base that is held in memory.
HELD = frozenset({"plain", "nanopubs"})


def shared_losses(fmt: Format, documents: int, outdated: int) -> Iterator[str]:
    """Tell what an export leaves out whatever the statement model.

    Args:
        fmt: The format.
        documents: How many documents there are.
        outdated: How many results of verification no longer hold.
    """
    if not fmt.graphs:
        yield f"{fmt.title} is written without named graphs; the triples of {documents + 3} graphs stand in one."
    if outdated:
        yield f"{outdated} results of verification are out of date and left out; 'kb verify --record' renews them."


def losses(kb: KnowledgeBase, fmt: Format, statements: str) -> Iterator[str]:
    """Tell what an export leaves out."""
    recorded = sum(len(each.verified) for each in kb.documents.values())
    outdated = recorded - sum(len(each.verified) for each in verifications.with_current_results(kb)) if recorded else 0
    yield from shared_losses(fmt, len(kb.documents), outdated)
    if statements == "nanopubs":
        yield f"{len(kb.terms)} terms and {len(kb.predicates)} predicates are left out but for labels of those that facts name."
        yield f"mappings are left out: {len(kb.mappings)}."
        uncited = sum(len(each.sentences) for each in kb.documents.values()) - sum(map(len, kb.covered().values()))
        yield f"sentences that no fact rests on are left out: {uncited}, with what was decided on them."
        yield "the description of the dataset is left out; nanopublications name it, its licence and its creators."
    if statements == "plain":
        left = [fact for fact in kb.facts if not holds_plainly(fact, kb.predicates[fact.predicate])]
        yield f"{len(left)} of {len(kb.facts)} facts hold only with their hedge or condition and have no bare triple."
        dropped = Counter(name for fact in kb.facts for name in fact.qualifiers)
        words = ", ".join(f"{name} {dropped[name]}" for name in vocabulary.qualifiers() if dropped[name])
        yield f"qualifiers are left out: {words}."
        yield f"evidence is left out: {sum(len(fact.evidence) for fact in kb.facts)} pieces."


def folder(
    kb: KnowledgeBase,
    formats: Sequence[Format],
    statements: Model,
    *,
    complete: bool,
    others: Mapping[str, tuple[bytes, str]] = MappingProxyType({}),
) -> dict[str, bytes]:
    """Make the files of a folder of exports.

    Args:
        kb: The knowledge base.
        formats: The formats to write.
        statements: The statement model.
        complete: Whether to add the answers to the named queries.
        others: Files that are no RDF: path below the folder to content and description.

    Returns:
        Path below the folder to content.
    """
    quads, names = pipeline.compile_all(kb, statements), names_of(kb)
    made = {f"{kb.dataset.id}.{fmt.extension}": "".join(pipeline.write(quads, fmt, names)).encode("utf-8") for fmt in formats}
    what = {f"{kb.dataset.id}.{fmt.extension}": _describe(kb, fmt, statements) for fmt in formats}
    if complete:
        for name, content, described in _answers(kb, queries.compile_base(kb, quads if statements == "full" else ())):
            made[name], what[name] = content.encode("utf-8"), described
    made |= {name: content for name, (content, _) in others.items()}
    what |= {name: described for name, (_, described) in others.items()}
    made["README.md"] = "".join(_readme(kb, made, what, statements, len({quad[:3] for quad in quads}))).encode("utf-8")
    made["SHA256SUMS"] = checksums(made)
    return made


def _answers(kb: KnowledgeBase, base: queries.Compiled) -> Iterator[tuple[str, str, str]]:
    """Give the answers to the named queries, and the queries themselves in the form of SHACL."""
    turtle, names = find("turtle"), base.names
    for query, answer in queries.answer_named_queries(base):
        if answer.form == "graph":
            text = "".join(turtle.lines([Quad(*triple, "") for triple in answer.triples], names))
            yield f"queries/{query.name}.ttl", text, f"{query.question} {len(answer.triples)} triples."
            continue
        for fmt in map(result_formats.find, ("csv", "json")):
            text = "".join(fmt.lines(answer))
            yield f"queries/{query.name}.{fmt.extension}", text, f"{query.question} {len(answer.rows)} rows."
    asked = [*description.questions(queries.named_queries(base), names, "", kb.dataset.language), *description.prefixes(names)]
    text = "".join(turtle.lines([Quad(*triple, "") for triple in sorted(set(asked))], names))
    yield (
        "queries.ttl",
        text,
        "The named queries as SHACL executables, as editors read them (the form of sparql-examples).",
    )


def checksums(made: Mapping[str, bytes]) -> bytes:
    """Write SHA256SUMS for files, as sha256sum does."""
    return "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(made.items())).encode("utf-8")


def _describe(kb: KnowledgeBase, fmt: Format, statements: str) -> str:
    return " ".join([f"{fmt.title}.", *(f"{each[0].upper()}{each[1:]}" for each in losses(kb, fmt, statements))])


def _readme(kb: KnowledgeBase, made: dict[str, bytes], what: dict[str, str], statements: str, triples: int) -> Iterator[str]:
    about = kb.dataset
    yield f"# {about.title}\n\n{about.description}\n\n"
    yield f"Version {about.version}, {about.issued}. Licence: <{about.license}>. {len(kb.facts)} facts, {triples} triples.\n\n"
    if about.disclaimer:
        yield f"{about.disclaimer}\n\n"
    model = "" if statements == "full" else f" --statements {statements}"
    yield f"These files are made by `kb export{model} -o exports/`; do not edit them. `SHA256SUMS` holds their digests.\n\n"
    if statements == "rdf12":
        yield "Statements are RDF 1.2 reifiers: only readers that know RDF 1.2 take these files.\n\n"
    yield "| file | bytes | what |\n|---|---:|---|\n"
    for name, content in made.items():
        yield f"| [{name}]({name}) | {len(content)} | {what[name]} |\n"


def write(path: Path, made: Mapping[str, bytes]) -> None:
    """Write a folder of exports, all of its files or none."""
    atomic.write_folder(path, {name: [content] for name, content in made.items()})


def others(path: Path, made: Mapping[str, bytes]) -> list[str]:
    """Name the files of a folder that an export does not make, those of earlier contents among them."""
    there = (str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())
    return sorted(name for name in there if name not in made)


def stale(path: Path, made: Mapping[str, bytes]) -> list[str]:
    """Name the files of a folder that are missing, differ from what would be written, or would not be written at all.

    Raises:
        KbError: A file cannot be read.
    """
    found = []
    for name, content in made.items():
        file = path / name
        try:
            if not file.is_file() or file.read_bytes() != content:
                found.append(Problem(Place(str(file)), "KB706", "It is not up to date.", "Run 'kb export' again."))
        except OSError as error:
            raise KbError(
                [Problem(Place(str(file)), "KB102", f"It cannot be read: {error.strerror}.", "Check its permissions.")]
            ) from error
    left = (Place(str(path / name)) for name in others(path, made))
    found.extend(
        Problem(place, "KB706", "It is not made from this content.", "Remove it, or keep it elsewhere.") for place in left
    )
    return [str(each) for each in found]
