"""Make a knowledge base of any size in the shape of drug labels: the same bytes for the same seed, in bounded memory.

A label (a document) is about one of 5,000 drugs and names effects out of 8,000, of which few are frequent and most are
rare; a few labels are long and most are short. Each label follows from the seed and its number alone, so that a larger
knowledge base begins with the facts of a smaller one, however many files it is cut into. All names are made up.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import click

from benchmarks import names
from benchmarks.sinks import COMPRESSIONS, Sinks

DRUGS, EFFECTS, CONDITIONS, SUBSTANCES = 5_000, 8_000, 600, 400
MODALITIES = ("can", "may", "is", "sometimes", "potential")
FREQUENCIES = ("very-common", "common", "uncommon", "rare", "very-rare")
SEVERITIES = ("mild", "moderate", "severe")
TRIGGER = "sudden-stopping"

#: What is done to a good record to make it bad, by the code that tells of it.
BAD = ("KB201", "KB204", "KB301", "KB304", "KB305", "KB307", "KB311")

ABOUT = {
    "id": "generated",
    "title": "Generated",
    "description": "Made up for measuring.",
    "version": "1.0.0",
    "base": "https://example.org/generated/",
    "license": "https://creativecommons.org/publicdomain/zero/1.0/",
    "language": "en",
    "issued": "2026-01-31",
    "creators": [{"id": "generator", "name": "A generator"}],
    "prefixes": {},
}


def _predicate(name: str, label: str, ends: tuple[str, str], qualifiers: list[str], **more: Any) -> dict[str, Any]:
    definition = f"Made up for measuring: {label}."
    ends_of = {"subject": [ends[0]], "object": [ends[1]]}
    return {"id": name, "label": label, "definition": definition, **ends_of, "qualifiers": qualifiers, **more}


PREDICATES = [
    _predicate(
        "has-side-effect",
        "has side effect",
        ("drug", "symptom"),
        ["frequency", "severity", "listing"],
        plain=["is", "can", "may"],
    ),
    _predicate("used-to-treat", "used to treat", ("drug", "condition"), ["listing"], plain=["is"]),
    _predicate("interacts-with", "can interact with", ("drug", "substance"), ["listing"], plain=["is", "can"], symmetric=True),
    _predicate("has-withdrawal-symptom", "has withdrawal symptom", ("drug", "symptom"), ["trigger"], requires=["trigger"]),
]


def _skewed(count: int, exponent: float) -> list[float]:
    """Give cumulative weights by Zipf's law: the n-th of ``count`` has 1/(n+3) to the power of ``exponent``."""
    return list(accumulate((rank + 3) ** -exponent for rank in range(count)))


_DRUG_WEIGHTS, _EFFECT_WEIGHTS = _skewed(DRUGS, 0.7), _skewed(EFFECTS, 1.0)


class Label(NamedTuple):
    """One document with its facts.

    Args:
        number: Its number, from 0.
        drug: The number of the drug that it is about.
        first: How many sentences the first section has; they name effects.
        second: How many the second has; they grade them.
        facts: Each fact as a line of JSON.
        bad: How many facts were made bad, by code.
    """

    number: int
    drug: int
    first: int
    second: int
    facts: list[str]
    bad: Counter[str]

    @property
    def name(self) -> str:
        """The id of the document."""
        return f"label-{self.number}"


def labels(count: int, seed: int = 1, bad: float = 0.0) -> Iterator[Label]:
    """Give labels with ``count`` facts in all, the last one cut where the count is reached.

    Args:
        count: How many facts.
        seed: What decides on everything.
        bad: The share of facts that are made bad, 0 to 1; the others stay as they would be without.
    """
    number, left = 0, count
    while left > 0:
        label = _label(number, seed)
        del label.facts[left:]
        left -= len(label.facts)
        _spoil(label, seed, bad)
        yield label
        number += 1


def facts(count: int, seed: int = 1, bad: float = 0.0) -> Iterator[dict[str, Any]]:
    """Give the same facts as records."""
    for label in labels(count, seed, bad):
        yield from map(json.loads, label.facts)


def _label(number: int, seed: int) -> Label:
    chance = random.Random(seed * 1_000_003 + number)
    drug = chance.choices(range(DRUGS), cum_weights=_DRUG_WEIGHTS)[0]
    size = min(1500, max(1, int(math.exp(chance.gauss(4.1, 0.9)))))
    first, second = max(1, size * 2 // 3), max(1, size // 6)
    start = f'{{"document":"label-{number}","subject":"drug-{drug}","predicate":'
    made = [_side_effect(start, each, first, second, chance) for each in _effects(size, chance)]
    made += [_other(start, kind, each, 1 + chance.randrange(first)) for kind, each in _others(chance)]
    return Label(number, drug, first, second, made, Counter())


def _effects(size: int, chance: random.Random) -> list[int]:
    """Draw effects, each once, the frequent ones more often."""
    met: dict[int, None] = {}
    while len(met) < size:
        met.update(dict.fromkeys(chance.choices(range(EFFECTS), cum_weights=_EFFECT_WEIGHTS, k=size - len(met))))
    return list(met)


def _side_effect(start: str, effect: int, first: int, second: int, chance: random.Random) -> str:
    draw = chance.getrandbits(40)
    modality = MODALITIES[(0, 0, 0, 0, 1, 1, 1, 2, 3, 4)[draw % 10]]
    text = f'{start}"has-side-effect","object":"effect-{effect}","modality":"{modality}"'
    if draw >> 4 & 7 < 5:
        text += f',"frequency":"{FREQUENCIES[(draw >> 7) % 5]}"'
    graded = draw >> 12 & 3 == 0
    if graded:
        text += f',"severity":"{SEVERITIES[(draw >> 14) % 3]}"'
    if draw >> 18 & 7 < 3:
        text += ',"listing":"open-list"'
    if draw >> 21 & 63 == 0:
        text += f',"note":{names.NOTES[(draw >> 27) % len(names.NOTES)]}'
    text += f',"evidence":[{{"sentence":"s1.{1 + effect * 7919 % first}"}}'
    if graded:
        hedge = ',"modality":"usually"' if draw >> 30 & 1 else ""
        text += f',{{"sentence":"s2.{1 + (draw >> 31) % second}","supports":["severity"]{hedge}}}'
    return text + "]}"


def _others(chance: random.Random) -> Iterator[tuple[str, int]]:
    """Draw what a label says beside effects: what the drug is for, what it interacts with, what stopping it may do."""
    for kind, kinds, most in (("condition", CONDITIONS, 3), ("substance", SUBSTANCES, 4), ("withdrawal", EFFECTS, 2)):
        yield from ((kind, each) for each in sorted(chance.sample(range(kinds), chance.randrange(most + 1))))


def _other(start: str, kind: str, number: int, sentence: int) -> str:
    evidence = f'"evidence":[{{"sentence":"s1.{sentence}"}}]}}'
    if kind == "condition":
        return f'{start}"used-to-treat","object":"condition-{number}","modality":"is",{evidence}'
    if kind == "substance":
        return f'{start}"interacts-with","object":"substance-{number}","modality":"can",{evidence}'
    return f'{start}"has-withdrawal-symptom","object":"effect-{number}","modality":"may","trigger":"{TRIGGER}",{evidence}'


def _spoil(label: Label, seed: int, share: float) -> None:
    """Make some facts bad, each in one way that one rule tells of."""
    chance = random.Random(seed * 2_000_003 + label.number)
    for index in range(1, len(label.facts) if share else 0):
        if chance.random() < share:
            code = chance.choice(BAD)
            label.facts[index] = label.facts[0] if code == "KB311" else _bad(json.loads(label.facts[index]), code, index)
            label.bad[code] += 1


def _bad(record: dict[str, Any], code: str, index: int) -> str:
    if code == "KB201":
        del record["modality"]
    elif code == "KB204":
        record["modality"] = "perhaps"
    elif code == "KB301":
        record["object"] = f"no-such-{index}"
    elif code == "KB304":
        record["evidence"][0]["sentence"] = f"s9.{index + 1}"
    elif code == "KB305":
        record["subject"] = record["object"]
    else:
        record["degree"] = "very"
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def document(label: Label, seed: int = 1) -> dict[str, Any]:
    """Give the record of a label's document: a heading and sentences in each of two sections."""
    chance = random.Random(seed * 3_000_017 + label.number)
    ids = [f"s{section}.{number}" for section, last in ((1, label.first), (2, label.second)) for number in range(last + 1)]
    ends = list(accumulate(30 + length for length in chance.randbytes(len(ids))))
    sentences = [
        {"id": each, "start": start, "end": end - 1, "sha256": f"{chance.getrandbits(256):064x}"}
        for each, start, end in zip(ids, [0, *ends], ends, strict=False)
    ]
    return {
        "id": label.name,
        "title": f"Label {label.number} of {names.drug(label.drug)}",
        "language": "en",
        "rights": "Made up.",
        "text": "held-elsewhere",
        "sha256": f"{chance.getrandbits(256):064x}",
        "bytes": ends[-1] + len(ids),
        "characters": ends[-1],
        "sentences": sentences,
    }


def term(kind: str, number: int) -> dict[str, Any]:
    """Give the record of a term; some labels and aliases go beyond ASCII."""
    label, aliases = names.label(kind, number)
    record = {"id": f"{kind}-{number}", "kind": "symptom" if kind == "effect" else kind, "label": label, "definition": "Made up."}
    return {**record, "aliases": aliases} if aliases else record


class Written(NamedTuple):
    """What was written: numbers of records, and how many facts are bad by the code that tells of them."""

    facts: int
    documents: int
    terms: int
    bad: dict[str, int]


def write(  # noqa: PLR0913 - each of them is a choice of the command line
    folder: Path, count: int, *, seed: int = 1, bad: float = 0.0, files: int = 1, compression: str = "none"
) -> Written:
    """Write a whole knowledge base with ``count`` facts.

    Args:
        folder: Where to; it is made.
        count: How many facts.
        seed: What decides on everything.
        bad: The share of facts that are made bad.
        files: Over how many files documents and facts are spread, label by label in turn.
        compression: One of ``COMPRESSIONS``; Parquet is for facts alone, documents are then JSON Lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kb.yaml").write_text(json.dumps(ABOUT, indent=1), encoding="utf-8")
    used: dict[str, set[int]] = {"drug": set(), "effect": set(), "condition": set(), "substance": set()}
    total, met, spoilt = 0, 0, Counter[str]()
    with (
        Sinks(folder / "documents", files, compression, "document") as papers,
        Sinks(folder / "facts", files, compression) as claims,
    ):
        for label in labels(count, seed, bad):
            papers.write(label.number, [json.dumps(document(label, seed), ensure_ascii=False, separators=(",", ":"))])
            claims.write(label.number, label.facts)
            used["drug"].add(label.drug)
            _note_terms(label.facts, used)
            total, met = total + len(label.facts), met + 1
            spoilt += label.bad
    terms = [term(kind, number) for kind in used for number in sorted(used[kind])]
    terms.append({"id": TRIGGER, "kind": "event", "label": "sudden stopping", "definition": "Made up."})
    for room, records in (("terms", terms), ("predicates", PREDICATES)):
        (folder / room).mkdir(exist_ok=True)
        text = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)
        (folder / room / "all.jsonl").write_text(text, encoding="utf-8")
    return Written(total, met, len(terms), dict(sorted(spoilt.items())))


def _note_terms(lines: list[str], used: dict[str, set[int]]) -> None:
    for line in lines:
        kind, _, number = line.partition('"object":"')[2].partition('"')[0].partition("-")
        if kind in used:
            used[kind].add(int(number))


@click.command
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("count", type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option("--bad", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="The share of facts that are bad.")
@click.option("--files", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Files to spread the facts over.")
@click.option("--compression", type=click.Choice(COMPRESSIONS), default="none", show_default=True)
def main(**options: Any) -> None:
    """Write a generated knowledge base with COUNT facts to FOLDER, and say as JSON what it holds."""
    print(json.dumps(write(**options)._asdict(), indent=2))


if __name__ == "__main__":
    main()
