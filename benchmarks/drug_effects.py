"""Make a table of drugs and effects with the oddities of public ones: no header, terms at two levels, and placebo arms.

A row has two ids of a drug, the id of the effect in the label, 'placebo' or nothing, a frequency (words, percentages, limits or
ranges), its least and greatest share, the level of the term, its id, and its name. Names differ in case, some are bad.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks import names

_WORDS = ("postmarketing", "rare", "infrequent", "frequent", "common", "uncommon", "very rare", "very common", "potential")
_DRUGS, _EFFECTS = 1_000, 4_500


def rows(count: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Give ``count`` rows."""
    random_number = random.Random(seed)
    for number in range(count):
        drug, effect = random_number.randrange(_DRUGS), int(random_number.paretovariate(0.6)) % _EFFECTS
        text, least, most = _frequency(random_number)
        name = names.effect(effect)
        name = name.upper() if number % 97 == 0 else name.capitalize() if number % 3 else name
        name = f"{name}\u200b" if number % 2_003 == 0 else name
        ids = (f"CID1{drug:08}", f"CID0{drug:08}", f"C{effect:07}")
        placebo = "placebo" if random_number.random() < 0.15 else ""
        yield (*ids, placebo, text, least, most, "PT" if number % 2 else "LLT", ids[2], name)


def _frequency(random_number: random.Random) -> tuple[str, str, str]:
    """Make a frequency as text, and its limits."""
    share = round(10 ** random_number.uniform(-4, -0.1), 4) or 0.0001
    percent = f"{share * 100:.3g}%"
    kind = random_number.random()
    if kind < 0.3:
        return random_number.choice(_WORDS[:-1] if random_number.random() < 0.98 else _WORDS), "0", "1"
    if kind < 0.4:
        return f"<{percent}", "0", str(share)
    if kind < 0.6:
        middle = random_number.choice([" - ", "-", " to ", "% to ", "%-"])
        return f"{share * 100:.3g}{middle}{min(100, share * 300):.3g}%", str(share), str(min(1, share * 3))
    return (percent if kind < 0.995 else "0%"), str(share), str(share)


@click.command
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("count", type=click.IntRange(1))
def main(path: Path, count: int) -> None:
    """Write a table of COUNT rows to PATH."""
    path.write_text("".join("\t".join(row) + "\n" for row in rows(count)), encoding="utf-8")


if __name__ == "__main__":
    main()
