"""Make a table of drugs and their effects in the shape that public sets have: a row for each pair that a label states."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks import generate, names

COLUMNS = ("label_id", "rxcui", "drug", "umls_id", "effect", "frequency")


def rows(count: int, seed: int = 1, bad: float = 0.0) -> Iterator[tuple[str, ...]]:
    """Give ``count`` rows; of the bad ones some lack their effect and others have a frequency that nobody knows."""
    left = count
    for label in generate.labels(2 * count + 100, seed, bad):
        drug = names.drug(label.drug)
        for line in label.facts:
            fact = json.loads(line)
            kind, _, number = fact["object"].partition("-")
            is_bad = kind == "no" or "modality" not in fact or fact["modality"] == "perhaps"
            if kind == "effect" and fact["predicate"] == "has-side-effect" and not is_bad:
                cells = (f"C{int(number):07}", names.effect(int(number)), fact.get("frequency", "").replace("-", " "))
            elif is_bad:
                cells = ("", "", "") if left % 2 else ("C0000001", names.effect(1), "now and then")
            else:
                continue
            yield (f"L{label.number:06}", str(100_000 + label.drug), drug, *cells)
            left -= 1
            if not left:
                return


@click.command
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("count", type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option("--bad", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="The share of rows that do not fit.")
def main(path: Path, count: int, seed: int, bad: float) -> None:
    """Write a table of COUNT pairs to PATH: .tsv, .csv, either also .gz."""
    with gzip.open(path, "wt", 1, encoding="utf-8") if path.suffix == ".gz" else path.open("w", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="," if ".csv" in path.suffixes else "\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows(count, seed, bad))


if __name__ == "__main__":
    main()
