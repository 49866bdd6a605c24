"""maplib (Rust and Polars): OTTR templates over flat tables; N-Triples, since each graph of a document would need a call.

Notes have no language tag, which a template would need a parameter for.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
from maplib import Model

from benchmarks.peers.model import BASE, KB, NOTE, OA, PROV, QUALIFIERS, RDF

_SENTENCE = pl.format(f"{BASE}document/{{}}/{{}}", "document", "sentence")


_FACT = {
    **{f"{RDF}{end}": end for end in ("subject", "predicate", "object")},
    f"{PROV}hadPrimarySource": "source",
    f"{KB}proposition": "proposition",
    NOTE: "note",
    **{KB + name: name for name in QUALIFIERS},
}
_OPTIONAL = frozenset({"note", *QUALIFIERS})


def _template(name: str, triples: dict[str, str]) -> str:
    """Write an OTTR template of a node: a triple for each predicate, with the parameter that is its object."""
    given = [f"{'? ' if each in _OPTIONAL else ''}{'' if each == 'note' else 'ottr:IRI '}?{each}" for each in triples.values()]
    body = ", ".join(f"ottr:Triple(?node, <{verb}>, ?{each})" for verb, each in triples.items())
    return f"<{BASE}{name}> [{', '.join(['ottr:IRI ?node', *given])}] :: {{ {body} }} ."


TEMPLATES = "\n".join(
    [
        "@prefix ottr: <http://ns.ottr.xyz/0.4/> .",
        _template("Fact", _FACT),
        _template("Type", {f"{RDF}type": "type"}),
        _template("Evidence", {f"{OA}hasTarget": "sentence", f"{KB}modality": "modality"}),
        _template("Link", {f"{KB}evidence": "evidence", f"{PROV}wasDerivedFrom": "sentence"}),
        _template("Supports", {f"{KB}supports": "part"}),
        f"<{BASE}Plain> [ottr:IRI ?node, ottr:IRI ?verb, ottr:IRI ?object] :: {{ ottr:Triple(?node, ?verb, ?object) }} .",
    ]
)


def _iri(column: str, start: str) -> pl.Expr:
    return pl.when(pl.col(column).is_not_null()).then(pl.format(f"{start}{{}}", column))


def _ends() -> list[pl.Expr]:
    columns = (("about", "subject", "term/"), ("verb", "predicate", "predicate/"), ("effect", "object", "term/"))
    return [_iri(column, BASE + start).alias(name) for column, name, start in columns]


def main(folder: Path, target: Path) -> None:
    """Run maplib over the tables of a folder."""
    model = Model()
    model.add_template(TEMPLATES)

    def read(name: str) -> pl.DataFrame:
        return pl.read_csv(folder / f"{name}.csv", infer_schema=False)

    facts, evidence = read("facts"), read("evidence")
    node = _iri("path", BASE).alias("node")
    qualifiers = [_iri(name, KB if listed else f"{BASE}term/").alias(name) for name, listed in QUALIFIERS.items()]
    source = _iri("document", f"{BASE}document/").alias("source")
    model.map(f"{BASE}Fact", facts.select(node, *_ends(), source, pl.col("proposition"), pl.col("note"), *qualifiers))
    for kind in (f"{RDF}Statement", f"{KB}Fact"):
        model.map(f"{BASE}Type", facts.select(node, pl.lit(kind).alias("type")))
    model.map(f"{BASE}Type", evidence.select(node, pl.lit(f"{KB}Evidence").alias("type")))
    model.map(f"{BASE}Evidence", evidence.select(node, _SENTENCE.alias("sentence"), _iri("modality", KB).alias("modality")))
    link = _iri("fact", BASE).alias("node"), node.alias("evidence"), _SENTENCE.alias("sentence")
    model.map(f"{BASE}Link", evidence.select(*link))
    model.map(f"{BASE}Supports", read("supports").select(node, _iri("part", KB).alias("part")))
    subject, verb, obj = _ends()
    model.map(f"{BASE}Plain", read("plain").select(subject.alias("node"), verb.alias("verb"), obj))
    model.write(str(target), format="ntriples")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
