"""Compare splitters of sentences on our cases in several languages, and on texts whose boundaries were checked by hand.

Our cases are tests/texts/boundaries/LANGUAGE.txt: a sentence a line, a block a paragraph. Those of other texts are positions in
``benchmarks/sentence_boundaries.json``, by the digest of their normal form; --texts names the folder that holds them. The other
splitters are in an environment of their own, whose Python --python names: pip install syntok pysbd sentencex.

    python benchmarks/sentence_boundaries.py --texts FOLDER --python /tmp/splitters/bin/python --write
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from kb.texts import normal_form, sentence_splitter

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "texts" / "boundaries"
CHECKED = ROOT / "benchmarks" / "sentence_boundaries.json"
UNSPACED = ("ja", "zh")
PEERS = ("syntok", "pysbd", "sentencex")
SPLIT = """
import json, sys
blocks, which = json.load(sys.stdin), sys.argv[1]
def offsets(text, language):
    if which == "syntok":
        from syntok import segmenter
        for paragraph in segmenter.analyze(text):
            for sentence in paragraph:
                tokens = list(sentence)
                yield tokens[-1].offset + len(tokens[-1].value)
    elif which == "pysbd":
        import pysbd
        from pysbd.languages import LANGUAGE_CODES
        known = language if language in LANGUAGE_CODES else "en"
        for span in pysbd.Segmenter(language=known, clean=False, char_span=True).segment(text):
            yield span.start + len(text[span.start:span.end].rstrip())
    else:
        import sentencex
        at = 0
        for sentence in sentencex.segment(language, text):
            at = text.find(sentence, at) + len(sentence)
            yield at - (len(sentence) - len(sentence.rstrip()))
json.dump([sorted(set(offsets(text, language))) for language, text in blocks], sys.stdout)
"""


class Case(NamedTuple):
    """A block of a text, with the positions at which its sentences end but for the last."""

    group: str
    language: str
    text: str
    ends: frozenset[int]


def read_cases() -> Iterator[Case]:
    """Yield our cases."""
    for path in sorted(CASES.glob("*.txt")):
        separator = "" if path.stem in UNSPACED else " "
        for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
            lines, ends, at = block.split("\n"), set[int](), 0
            for line in lines[:-1]:
                at += len(line)
                ends.add(at)
                at += len(separator)
            yield Case(path.stem, path.stem, separator.join(lines), frozenset(ends))


def read_texts(folder: Path) -> Iterator[Case]:
    """Yield the blocks of the texts of a folder whose boundaries were checked."""
    checked = {entry["words-sha256"]: entry for entry in json.loads(CHECKED.read_text(encoding="utf-8"))}
    for path in sorted(one for one in folder.rglob("*") if one.suffix in normal_form.MEDIATYPES):
        text = normal_form.read(path)
        entry = checked.get(text.digest)
        for block in text.blocks if entry else ():
            if entry and block.kind not in {"heading", "row"}:
                ends = {end - block.start for end in entry["ends"] if block.start < end < block.end}
                yield Case(entry["group"], "en", text.words[block.start : block.end], frozenset(ends))


def split_ours(cases: list[Case]) -> list[list[int]]:
    """Return the ends of sentences by our splitter."""
    return [[end for _, end in sentence_splitter.sentences(case.text, 0, len(case.text))] for case in cases]


def split_theirs(python: str, name: str) -> Callable[[list[Case]], list[list[int]]]:
    """Return a function that splits with another splitter."""

    def run(cases: list[Case]) -> list[list[int]]:
        blocks = json.dumps([(case.language, case.text) for case in cases])
        done = subprocess.run([python, "-c", SPLIT, name], input=blocks, capture_output=True, text=True, check=True)
        ends: list[list[int]] = json.loads(done.stdout)
        return ends

    return run


def measure(cases: list[Case], split: Callable[[list[Case]], list[list[int]]]) -> dict[str, tuple[int, int, int]]:
    """Return the boundaries found, missed and wrongly added, by group."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for case, ends in zip(cases, split(cases), strict=True):
        got = {end for end in ends if end < len(case.text.rstrip())}
        for at, number in enumerate((len(case.ends & got), len(case.ends - got), len(got - case.ends))):
            counts[case.group][at] += number
    return {group: (number[0], number[1], number[2]) for group, number in counts.items()}


def main() -> None:
    """Print the table, or write it into docs/documents.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--python", default="")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    cases = [*read_cases(), *(read_texts(given.texts) if given.texts else ())]
    splitters = {"kb": split_ours, **({name: split_theirs(given.python, name) for name in PEERS} if given.python else {})}
    results = {name: measure(cases, split) for name, split in splitters.items()}
    lines = [f"| text | boundaries | {' | '.join(results)} |", f"|---|---:|{'---:|' * len(results)}"]
    for group in dict.fromkeys(case.group for case in cases):
        real = sum(len(case.ends) for case in cases if case.group == group)
        rates = (
            f"{100 * good / max(1, sum((good, *bad))):.1f} %" for good, *bad in (result[group] for result in results.values())
        )
        lines.append(f"| {group} | {real} | {' | '.join(rates)} |")
    table = "\n".join(lines)
    print(table)
    if given.write:
        page = ROOT / "docs" / "documents.md"
        before, _, rest = page.read_text(encoding="utf-8").partition("<!-- boundaries -->\n")
        page.write_text(
            f"{before}<!-- boundaries -->\n{table}\n<!-- end -->{rest.partition('<!-- end -->')[2]}", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
