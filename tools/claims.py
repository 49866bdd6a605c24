"""Measure the check of claims: how many wrong facts it flags, how many true ones, and how long it takes.

``python -m tools.claims FILE ...`` prints a table over the given files and folders:

- ``NAME.yaml``: a document (``NAME.txt`` or ``NAME.html`` beside it) with its terms, and true and wrong facts in one line each
  (``tests/verification/claims`` has some);
- ``CASES.json``: wrong facts on a knowledge base (``--content``, ``--text``): a list of ``kind`` and ``fact``;
- ``SENTENCES.txt``: sentences of which none states that zolam causes nausea;
- a folder with ``kb.yaml``: a knowledge base, all of whose facts are true.

``--show`` prints each wrong fact that is not flagged, and each true one that is.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from kb import pipeline, resources
from kb.document_parts import Sentence
from kb.model import Document, Fact, KnowledgeBase, Predicate, Record, Term
from kb.problems import Place
from kb.records import resolve
from kb.texts import normal_form, sentence_splitter, sources
from kb.texts.normal_form import Text
from kb.verification.verify import verify_records

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "verification" / "claims"
_EVIDENCE = re.compile(
    r"(?P<words>.*?)(?: @(?P<cell>[^\[~{]+?))?(?: \[(?P<parts>[^\]]*)\])?(?: ~(?P<modality>\S+))?(?: \{(?P<wordings>[^}]*)\})?"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A fact, whether it is true, and of which kind of fault if not."""

    kind: str
    fact: Fact
    is_true: bool = False


@dataclass(slots=True)
class Figures:
    """What was counted of a group of cases: by kind, how many there are, and how many are flagged."""

    counts: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    seconds: float = 0.0

    def add(self, kind: str, *, is_flagged: bool) -> None:
        """Count a case."""
        self.counts[kind][0] += 1
        self.counts[kind][1] += is_flagged

    def total(self, *, is_true: bool) -> tuple[int, int]:
        """Return how many true or wrong facts there are, and how many of them are flagged."""
        chosen = [counts for kind, counts in self.counts.items() if (kind == "true") == is_true]
        return sum(count for count, _ in chosen), sum(flagged for _, flagged in chosen)


def list_corpus(*folders: str) -> list[Path]:
    """List the documents of folders of the corpus."""
    return [path for folder in folders for path in sorted((CORPUS / folder).glob("*.yaml"))]


def read_corpus(path: Path) -> tuple[KnowledgeBase, Text, list[Case]]:
    """Read a document with its terms and its facts."""
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = normal_form.read(next(file for file in map(path.with_suffix, (".txt", ".html", ".xml")) if file.exists()))
    document = make_document(path.stem, value["title"], value.get("language", "en"), text)
    terms = {}
    for name, line in value["terms"].items():
        kind, *labels = (part.strip() for part in line.split("|"))
        labels = labels or [name.replace("-", " ")]
        unit = re.fullmatch(r"([\d.,]+) (\w+)", labels[0]) if kind == "strength" else None
        value_of, unit_of = unit.groups() if unit else ("", "")
        terms[name] = Term(name, kind, labels[0], "", tuple(labels[1:]), value_of, unit_of)
    base = _shipped()
    predicates = {**base.predicates, **_further_predicates(base)}
    base = base._replace(documents={document.id: document}, terms=terms, predicates=predicates, facts=(), cues=())
    cases = [Case("true", _parse(line, document, text), is_true=True) for line in value.get("stated", ())]
    cases += [Case(kind, _parse(line, document, text)) for kind, lines in value.get("wrong", {}).items() for line in lines]
    return base, text, cases


def make_document(name: str, title: str, language: str, text: Text) -> Document:
    """Make the record of a text."""
    passages = sentence_splitter.split(text)
    sentences = tuple(
        Sentence(one.id, one.start, one.end, normal_form.digest(text.words[one.start : one.end])) for one in passages
    )
    sizes = (text.bytes, len(text.words))
    return Document(name, title, language, "", "held-elsewhere", text.sha256, *sizes, sentences, text.mediatype)._replace(
        words_sha256=text.digest
    )


def _shipped() -> KnowledgeBase:
    return pipeline.load(resources.content(), with_texts=False)


def _further_predicates(base: KnowledgeBase) -> dict[str, Predicate]:
    example = pipeline.load(resources.example(), with_texts=False).predicates
    made = {
        name: Predicate(name, name.replace("-", " "), "", ("drug",), ("symptom",))
        for name in ("causes", "prevents", "contraindicated-in", "inhibits", "increases")
    }
    return {name: predicate for name, predicate in {**example, **made}.items() if name not in base.predicates}


def _parse(line: str, document: Document, text: Text) -> Fact:
    """Parse a fact in one line: subject, predicate, object, modality and qualifiers, then the evidence after bars."""
    claim, *pieces = line.split(" | ")
    subject, predicate, obj, modality, *qualifiers = claim.split()
    value: dict[str, Any] = {"subject": subject, "predicate": predicate, "object": obj, "modality": modality}
    value |= dict(qualifier.split("=") for qualifier in qualifiers)
    value["evidence"] = [_parse_evidence(piece, document, text) for piece in pieces]
    return resolve.parse_fact(Record("fact", value, Place(line), stem=document.id))


def _parse_evidence(piece: str, document: Document, text: Text) -> dict[str, Any]:
    match = _EVIDENCE.fullmatch(piece.strip())
    if match is None:
        raise ValueError(piece)
    holding = [one for one in document.sentences if match["words"] in text.words[one.start : one.end]]
    if not holding:
        raise ValueError(f"no sentence of {document.id} has {match['words']!r}")
    evidence: dict[str, Any] = {"sentence": holding[0].id}
    if match["cell"]:  # words of the sentence at which the evidence points, such as those of a cell
        start = text.words.index(match["cell"], holding[0].start)
        evidence |= {"start": start, "end": start + len(match["cell"])}
    if match["parts"]:
        evidence["supports"] = [part.strip() for part in match["parts"].split(",")]
    if match["modality"]:
        evidence["modality"] = match["modality"]
    if match["wordings"]:
        evidence["as"] = dict(part.strip().split(": ", 1) for part in match["wordings"].split(";"))
    return evidence


def read_sentences(path: Path) -> tuple[KnowledgeBase, Text, list[Case]]:
    """Read sentences that do not state that zolam causes nausea, each as the evidence of that fact, under two predicates."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    text = normal_form.parse("\n\n".join(lines).encode("utf-8"), "text/plain", str(path))
    blocks = [(text.words.index(line), line) for line in lines]
    sentences = tuple(
        Sentence(f"s1.{number}", start, start + len(line), normal_form.digest(line))
        for number, (start, line) in enumerate(blocks, 1)
    )
    document = make_document(path.stem.replace(" ", "-"), "Sentences", "en", text)._replace(sentences=sentences)
    terms = {"zolam": Term("zolam", "drug", "zolam", ""), "nausea": Term("nausea", "symptom", "nausea", "")}
    base = _shipped()
    predicates = {**base.predicates, **_further_predicates(base)}
    base = base._replace(documents={document.id: document}, terms=terms, predicates=predicates, facts=(), cues=())
    values = [
        {"subject": "zolam", "predicate": predicate, "object": "nausea", "modality": "is", "evidence": [{"sentence": one.id}]}
        for one in sentences
        for predicate in ("causes", "has-side-effect")
    ]
    facts = [resolve.parse_fact(Record("fact", value, Place("sentences"), stem=document.id)) for value in values]
    return base, text, [Case("no claim", fact) for fact in facts]


def read_cases(path: Path, content: Path, given: Iterable[str]) -> tuple[KnowledgeBase, dict[str, Text], list[Case]]:
    """Read wrong facts on a knowledge base; terms that it does not have are made of their ids."""
    base, texts = read_base(content, given)
    cases = []
    for value in json.loads(path.read_text(encoding="utf-8")):
        fact = resolve.parse_fact(Record("fact", value["fact"], Place(str(path)), stem=next(iter(base.documents))))
        cases.append(Case(value["kind"], fact))
        for name in (fact.subject, fact.object):
            if isinstance(name, str) and name not in base.terms:
                base = base._replace(terms={**base.terms, name: Term(name, "concept", name.replace("-", " "), "")})
    return base, texts, cases


def read_base(content: Path, given: Iterable[str]) -> tuple[KnowledgeBase, dict[str, Text]]:
    """Read a knowledge base with its available texts."""
    base = pipeline.load(content, with_texts=False)
    return base, sources.read_texts(base.documents.values(), content, sources.parse_options(given, base.documents))


def measure(base: KnowledgeBase, texts: dict[str, Text], cases: Sequence[Case], *, show: bool = False) -> Figures:
    """Check every case, and count those that are flagged."""
    figures = Figures()
    started = time.process_time()
    facts = tuple(case.fact._replace(path=f"fact/{case.fact.document}/{at}") for at, case in enumerate(cases))
    run = verify_records(base._replace(facts=facts), texts)
    figures.seconds = time.process_time() - started
    for fact, case in zip(facts, cases, strict=True):
        judged = run.judgements[fact.path]
        figures.add(case.kind, is_flagged=bool(judged.findings))
        if show and bool(judged.findings) == case.is_true:
            result = "flagged" if case.is_true else "missed"
            print(f"{result}: {case.kind}: {_write(fact)}: {[one.message for one in judged.findings]}")
    return figures


def _write(fact: Fact) -> str:
    names = [f"{name}={value}" for name, value in fact.qualifiers.items() if name != "modality"]
    return " ".join([fact.subject, fact.predicate, str(fact.object), fact.qualifiers["modality"], *names, str(fact.sentences)])


def measure_file(path: Path, content: Path, given: Sequence[str], *, show: bool = False) -> Figures:
    """Measure a file or folder."""
    if path.is_dir():
        base, texts = read_base(path, given)
        return measure(
            base, texts, [Case("true", fact, is_true=True) for fact in base.facts if fact.document in texts], show=show
        )
    if path.suffix == ".json":
        base, texts, cases = read_cases(path, content, given)
        return measure(base, texts, cases, show=show)
    base, text, cases = read_sentences(path) if path.suffix == ".txt" else read_corpus(path)
    return measure(base, {next(iter(base.documents)): text}, cases, show=show)


def table(groups: dict[str, list[Figures]], *, with_time: bool = True) -> Iterator[str]:
    """Yield the rows of a table: for each group, wrong and true facts with how many are flagged, and the time of a fact."""
    columns = ["files", "wrong facts", "flagged", "true facts", "flagged", *["milliseconds a fact"] * with_time]
    yield f"| {' | '.join(columns)} |\n|---|{'---:|' * (len(columns) - 1)}\n"
    for name, figures in groups.items():
        wrong, true = ([sum(one.total(is_true=is_true)[at] for one in figures) for at in (0, 1)] for is_true in (False, True))
        shares = [f"{flagged} ({flagged / count:.1%})" if count else "-" for count, flagged in (wrong, true)]
        count = wrong[0] + true[0]
        spent = f"{sum(one.seconds for one in figures) * 1000 / count:.1f}" if count else "-"
        yield f"| {name} | {wrong[0]} | {shares[0]} | {true[0]} | {shares[1]} |{f' {spent} |' if with_time else ''}\n"


def kinds(figures: Iterable[Figures]) -> Iterator[str]:
    """Yield the rows of a table of the kinds of wrong facts."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in figures:
        for kind, pair in one.counts.items():
            counts[kind] = [first + second for first, second in zip(counts[kind], pair, strict=True)]
    yield "| kind of wrong fact | cases | flagged |\n|---|---:|---:|\n"
    yield from (f"| {kind} | {count} | {flagged} |\n" for kind, (count, flagged) in sorted(counts.items()) if kind != "true")


def main() -> None:
    """Measure the given files and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--content", type=Path, default=resources.content())
    parser.add_argument("--text", action="append", default=[])
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    groups = {str(path): [measure_file(path, options.content, options.text, show=options.show)] for path in options.files}
    print("".join(table(groups)))
    print("".join(kinds(one for figures in groups.values() for one in figures)))


if __name__ == "__main__":
    main()
