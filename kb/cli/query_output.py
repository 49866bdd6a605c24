"""What ``kb query`` does around a query: finding it, and delivering its answer."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from kb import queries as asking
from kb import resources
from kb.cli import console
from kb.files import text_file
from kb.queries.compiled import Compiled
from kb.sparql import syntax
from kb.sparql.library import Query
from kb.sparql.values import Answer

if TYPE_CHECKING:
    from kb.queries.explanation import Explained, Grounds

_SUFFIXES = (".rq", ".sparql", ".ru")
_HEADED = ("", "table", "csv", "tsv")


def _misuse(message: str) -> Exception:
    from click import UsageError

    return UsageError(message)


class Wanted(NamedTuple):
    """How an answer is wanted: its format, file, and most rows, with or without the names of its columns."""

    fmt: str | None
    output: Path | None
    limit: int | None
    header: bool = True
    explain: bool = False

    @property
    def path(self) -> Path | None:
        """The file to write to; nothing is standard output."""
        return None if self.output is None or str(self.output) == "-" else self.output

    @property
    def format(self) -> str:
        """The format: what was asked for, or what the suffix of the file names."""
        return self.fmt or (self.path.suffix.lstrip(".") if self.path and self.path.suffix else "")


def listed(kb: Compiled, wanted: Wanted) -> None:
    """List the named queries: in groups on a terminal, elsewhere as a table with their groups."""
    from kb.sparql import library

    queries = sorted(asking.named_queries(kb), key=lambda query: (library.group_rank(query.group), query.name))
    if not sys.stdout.isatty():
        console.table(
            ["name", "group", "question"], ([each.name, each.group, each.question] for each in queries), header=wanted.header
        )
        return
    groups = dict.fromkeys(query.group for query in queries)
    parts = [
        (library.group_title(group), [[each.name, each.question] for each in queries if each.group == group]) for group in groups
    ]
    console.grouped(parts, f"{len(queries)} questions. Ask one: kb query NAME; read it: kb query NAME --show")


def find(kb: Compiled, name: str | None, execute: str | None, stdin: TextIO) -> Query:
    """Find the query that the user means."""
    if execute is not None:
        return asking.parse_query(execute, Path("<query>"))
    if name == "-":
        return asking.parse_query(stdin.read(text_file.LARGEST), Path("<query>"))
    if name and (name.endswith(_SUFFIXES) or "/" in name):
        return asking.read_query(Path(name))
    return asking.find_query(kb, name or "")


def standalone(kb: Compiled, query: Query) -> str:
    """Write a query so that any SPARQL engine can run it: with the declarations that it lacks."""
    return syntax.with_declarations(query.text, kb.names.prefixes, kb.names.base)


_SORTS = {"pred": "predicate", "term": "term", "document": "document", "kb": "word"}


def absent(kb: Compiled, query: Query) -> Iterator[str]:
    """Say which names in its own namespaces a query asks for that the knowledge base does not have, with the nearest."""
    names = dict.fromkeys(_own_names(kb, query))
    known = {prefix: _known(kb, prefix) for prefix, _ in names}
    for prefix, name in names:
        if name not in known[prefix]:
            from difflib import get_close_matches

            near = [] if query.question else get_close_matches(name, known[prefix], n=1)
            hint = f" Did you mean '{prefix}{'/' if prefix == 'document' else ':'}{near[0]}'?" if near else ""
            yield f"note: this knowledge base has no {_SORTS[prefix]} '{name}', which the query asks for.{hint}"


def _known(kb: Compiled, prefix: str) -> Collection[str]:
    """Give the names that there are: of ``kb:``, the words of the ontology."""
    if prefix != "kb":
        return kb.labels[_SORTS[prefix]]
    text = (resources.schemas() / "ontology.ttl").read_text(encoding="utf-8")
    return sorted({*kb.labels["word"], *re.findall(r"\bkb:([A-Za-z][\w-]*)", text)})


def _own_names(kb: Compiled, query: Query) -> Iterator[tuple[str, str]]:
    """Find the names of a query that are in namespaces of the knowledge base, as prefix and the rest."""
    starts = {kb.names.prefixes[prefix]: prefix for prefix in ("pred", "term", "kb")} | {kb.names.document(""): "document"}
    for reference in syntax.references(query.text, kb.names.prefixes, kb.names.base):
        iri = "" if reference.is_declaration else reference.iri or ""
        for start, prefix in starts.items():
            if iri.startswith(start) and re.fullmatch(r"[A-Za-z0-9][\w-]*", iri[len(start) :]):
                yield prefix, iri[len(start) :]


def parameters(params: tuple[str, ...]) -> dict[str, str]:
    """Take apart ``NAME=VALUE``."""
    pairs = [each.partition("=") for each in params]
    for index, (name, equals, _) in enumerate(pairs):
        if not (name and equals):
            message = f"'{name}' is not of the form NAME=VALUE."
            raise _misuse(message)
        if name in {other for other, _, _ in pairs[:index]}:
            message = f"The parameter '{name}' is given twice."
            raise _misuse(message)
    return {name: value for name, _, value in pairs}


def deliver(answer: Answer, kb: Compiled, query: Query, wanted: Wanted) -> None:
    """Write an answer in the format that was asked for, or that the output's suffix names."""
    from kb.sparql import result_formats

    chosen, path = wanted.format, wanted.path
    if not wanted.header and (answer.form != "select" or chosen not in _HEADED):
        raise _misuse("--no-header goes with rows as table, csv or tsv.")
    answer = _cut(answer, wanted.limit)
    if answer.form == "graph":
        from kb.formats import registry
        from kb.rdf.quads import Quad

        pieces = registry.find(chosen or "turtle").lines([Quad(*triple, "") for triple in answer.triples], kb.names)
    elif chosen in {"", "table"}:
        if path is not None:
            raise _misuse("A table goes to standard output; for a file choose --format json, xml, csv or tsv.")
        _table(answer, kb, query, header=wanted.header)
        return
    else:
        pieces = result_formats.find(chosen).lines(answer)
        if not wanted.header:
            next(pieces)
    _write(pieces, path)


def _write(pieces: Iterator[str], path: Path | None) -> None:
    if path is None:
        console.emit(pieces)
        return
    from kb.files import atomic

    atomic.write_file(path, pieces)


def _cut(answer: Answer, limit: int | None) -> Answer:
    """Cut rows or triples off, and say so."""
    whole = len(answer.triples) if answer.form == "graph" else len(answer.rows)
    if limit is None or whole <= limit:
        return answer
    what = "triples" if answer.form == "graph" else "rows"
    console.note(f"note: only the first {limit:,} of {whole:,} {what} are given, because of --limit.")
    return answer._replace(rows=answer.rows[:limit], triples=answer.triples[:limit])


def _table(answer: Answer, kb: Compiled, query: Query, *, header: bool) -> None:
    from kb.rdf.quads import is_iri
    from kb.sparql import result_formats

    if answer.form == "ask":
        console.emit([f"{str(answer.truth).lower()}\n"])
        return
    shown = [
        index
        for index, name in enumerate(answer.variables)
        if not query.columns or name in query.columns or any(row[index] and not is_iri(row[index] or "") for row in answer.rows)
    ]
    rows = result_formats.cells(answer, kb.names)
    columns = [answer.variables[index] for index in shown]
    console.table(columns, ([row[index] for index in shown] for row in rows), header=header)
    hidden = " IRIs are left out of the table; --format csv has them." if len(shown) < len(answer.variables) else ""
    if query.question:
        count = "1 row" if len(answer.rows) == 1 else f"{len(answer.rows):,} rows"
        console.note(f"\n{query.question} {count}.{hidden}")


def explained(found: Explained, kb: Compiled, query: Query, wanted: Wanted) -> None:
    """Write an answer with what each row rests on."""
    from kb.sparql import result_formats

    answer = _cut(found.answer, wanted.limit)
    rows = zip(result_formats.cells(answer, kb.names), found.grounds, strict=False)
    if wanted.format == "json":
        from kb.queries.result import plain

        values = [
            dict(zip(answer.variables, (str(plain(term)) if term else None for term in row), strict=True)) for row in answer.rows
        ]
        facts = [[{**each._asdict(), "fact": each.fact[1:-1]} for each in grounds] for grounds in found.grounds]
        made = [{"row": row, "facts": each} for row, each in zip(values, facts, strict=False)]
        console.emit_json({"rows": made, "unknown": list(found.unknown)})
        return
    if wanted.format not in {"", "table"} or wanted.path:
        raise _misuse("--explain writes a text, or --format json, to standard output.")
    console.emit(_grounds(answer, query, rows))
    for each in found.unknown:
        console.note(f"note: {each}")


def _grounds(answer: Answer, query: Query, rows: Iterator[tuple[list[str], tuple[Grounds, ...]]]) -> Iterator[str]:
    shown = query.columns or answer.variables
    for cells, grounds in rows:
        named = zip(answer.variables, cells, strict=True)
        yield "  ".join(f"{name}: {cell}" for name, cell in named if cell and name in shown) + "\n"
        for each in grounds:
            yield f"    {each.says}\n"
            yield f"        {each.document}, {', '.join(each.sentences)}\n"
            yield from (f"        “{quote}”\n" for quote in each.quotes)
        if not grounds:
            yield "    (names no fact)\n"
