"""``kb propose``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options, problem_reports, stdin, text_table
from kb.escaping import count_of
from kb.importers.vocabularies import read_vocabulary
from kb.model import Record
from kb.problems import Problem, exit_code, fail, quote
from kb.proposals import candidates, foreign_records, store
from kb.proposals import prompt as prompts
from kb.proposals.gate import Gate, Verdict, to_dict
from kb.proposals.readers import ProposalReader
from kb.rdf.iris import names_of
from kb.verification.cite import make_finder


@click.command
@options.declare("propose")
def command(
    source: str,
    content: Path,
    texts: tuple[str, ...],
    proposer: str,
    map_: Path | None,
    words: Path | None,
    vocabulary_files: tuple[Path, ...],
    fmt: str,
    *,
    prompt: bool,
    dry_run: bool,
) -> int:
    """Propose facts: from a document, or from a file of proposals.

    SOURCE is the id of a document, whose sentences are searched for the names of terms; or a file of proposals (- for standard
    input). The words of each must stand in the text and state the claim (docs/proposals.md). They are stored in proposals/, where
    'kb review' shows those that pass. --prompt prints the task for a language model instead; its answers are such a file. Exit
    code 1: some are refused.
    """
    kb, left_out = problem_reports.load_sound(content)
    unread: list[Problem] = []
    gate = Gate(kb, make_finder(kb, texts, unread))
    left_out |= console.report_left_out(unread)
    problems: list[Problem] = []
    if prompt:
        text = gate.finder.texts.get(kb.find_document(source).id)
        if text is None:
            raise fail("KB445", f"The text of {quote(source)} is not available.", f"Name its file: --text {source}=PATH.")
        console.emit(f"{line}\n" for line in prompts.write(kb, text, proposer or "model:NAME"))
        return left_out
    if source in gate.finder.texts:
        listed = candidates.read_words(words) if words else []
        vocabularies = [read_vocabulary(path, names_of(kb)) for path in vocabulary_files]
        verdicts = list(candidates.propose(gate, source, listed, vocabularies))
        new = 0 if dry_run else store.add_proposals(content, ((verdict.document, verdict.record) for verdict in verdicts))
        return _report(verdicts, [], new, fmt) or left_out
    with stdin.spooled([source]) as (files, renamed):
        defaults = {"proposer": proposer} if proposer else {}
        reader = ProposalReader(gate.finder.texts, defaults, names_of(kb))
        if map_ is None:
            records = store.read_file(Path(files[0]), "proposal", problems, reader)
        else:
            excerpts = foreign_records.read_excerpts(map(Path, files), foreign_records.read_map(map_), problems)
            records = foreign_records.make_proposals(excerpts, kb.documents, defaults, reader.notes)
        verdicts = [gate.check(record) for record in records]
        problems = renamed(problems)
    for problem in reader.notes:
        console.note_problem(problem)
    new = 0 if dry_run else store.add_proposals(content, ((verdict.document, verdict.record) for verdict in verdicts))
    return _report(verdicts, problems, new, fmt) or left_out


def _report(verdicts: list[Verdict], problems: list[Problem], new: int, fmt: str) -> int:
    """Write the verdicts, and the lines that are no proposals; return the exit code."""
    if fmt == "json":
        console.emit_json([to_dict(verdict) for verdict in verdicts])
    else:
        text_table.write(("verdict", "place", "proposal"), map(word_verdict, verdicts))
        counts = Counter(verdict.verdict for verdict in verdicts)
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "none"
        console.emit([f"\n{count_of(len(verdicts), 'proposal')}: {told}. {new} new.\n"])
    console.note(*problems)
    refused = any(verdict.verdict == "refused" for verdict in verdicts)
    return exit_code(problems) or int(refused)


def word_verdict(verdict: Verdict) -> list[str]:
    """Return a row of a table: the verdict, the place, and the claim with what is to be decided."""
    place = str(verdict.locations[0]) if verdict.locations else str(verdict.record.place)
    reasons = " ".join(f"{problem.code} {problem.message}" for problem in verdict.problems)
    return [verdict.verdict, place, " ".join(filter(None, (verdict.claim or _word(verdict.record), reasons)))]


def _word(record: Record) -> str:
    """Put a proposal that has no claim yet into words."""
    parts: Iterable[Any] = (record.value.get(key, "") for key in ("subject", "predicate", "object"))
    return " ".join(part if isinstance(part, str) else str(part.get("value", "")) for part in parts if part)
