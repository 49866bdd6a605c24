"""Measure the dictionary on three public texts: how many facts of a gold list it proposes, and how many others.

``proposals.tsv`` lists facts of a drug label (``lipitor.xml``), an over-the-counter label (``cough.xml``) and a leaflet
(``metformin.html``), which are held elsewhere: the ends of each fact by their labels, and its sentence. The dictionary gets these
labels as terms, and nothing else. The list does not hold every fact of these texts: a proposal that it lacks may be true. Three
rules of the dictionary were changed after its errors on these texts.

::

    python -m benchmarks.proposals FOLDER [--all]
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections import Counter
from pathlib import Path

from kb import pipeline, resources
from kb.curation import document_records, init
from kb.importers.table_terms import make_id
from kb.model import Cue, KnowledgeBase, Predicate, Term
from kb.proposals.gate import Gate
from kb.proposals.lexicon import Dictionary
from kb.verification.cite import make_finder

_FILES = {"metformin": "leaflet/metformin.html", "cough": "spl/cough.xml", "lipitor": "spl/lipitor.xml"}
_TOPICS = {"metformin": "metformin", "cough": "triaminic", "lipitor": "lipitor"}
_ALIASES = {"lipitor": ("atorvastatin",)}
_DRUGS = {*_TOPICS.values(), "insulin", "sedatives", "tranquilizers"}
#: The kind of the objects of each predicate.
_KINDS = {
    "alleviates": "symptom",
    "can-have": "concept",
    "contraindicated-in": "condition",
    "has-drug-class": "drug-class",
    "has-side-effect": "symptom",
    "has-symptom": "symptom",
    "increases": "symptom",
    "inhibits": "substance",
    "is-a-type-of": "drug",
    "leads-to": "condition",
    "reduces": "process",
    "used-to-treat": "condition",
}
Claim = tuple[str, str, str, str, str]


def read_gold() -> dict[Claim, str]:
    """Return the facts of the list, each with its sentence."""
    with Path(__file__).with_suffix(".tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    return {
        (row["document"], make_id(row["subject"]), row["predicate"], make_id(label.strip()), row["polarity"]): row["sentence"]
        for row in rows
        for label in row["objects"].split(";")
    }


def make_base(folder: Path, top: Path) -> KnowledgeBase:
    """Make a knowledge base of the texts, with the labels of the list as terms."""
    init.create(top)
    for file in _FILES.values():
        details = document_records.DocumentDetails(licence="CC0-1.0")
        document_records.add_document(top, folder / file, details)
    base = pipeline.load_sound(top)[0]
    with Path(__file__).with_suffix(".tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    kinds = {label.strip(): _KINDS[row["predicate"]] for row in rows for label in row["objects"].split(";")}
    kinds |= {row["subject"]: "condition" for row in rows} | dict.fromkeys(_DRUGS, "drug") | {"alcohol": "substance"}
    terms = {make_id(label): Term(make_id(label), kind, label, label, _ALIASES.get(label, ())) for label, kind in kinds.items()}
    known = pipeline.load(resources.content()).predicates
    drug, condition = ("drug",), ("condition",)
    predicates = {name: known[name] for name in _KINDS if name in known}
    predicates["leads-to"] = known["leads-to"]._replace(subject=("condition", "drug", "substance"))
    for name, subject in (("contraindicated-in", drug), ("has-symptom", condition), ("increases", drug), ("inhibits", drug)):
        label = name.replace("-", " ")
        predicates[name] = Predicate(name, label, label, (*subject, "substance"), (_KINDS[name],), plain=("is", "can", "may"))
    documents = {name: document._replace(title=_TOPICS[name]) for name, document in base.documents.items() if name in _TOPICS}
    cues = (Cue("predicate", "has-symptom", "en", ("symptoms",)),)
    return base._replace(terms=terms, predicates=predicates, documents=documents, facts=(), mappings=(), cues=cues)


def main() -> None:
    """Print how many facts are proposed of each text, and with ``--all`` the others, too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder with the texts")
    parser.add_argument("--all", action="store_true", help="print the facts that are missed, and the proposals beside the list")
    options = parser.parse_args()
    gold, counts = read_gold(), Counter[str]()
    with tempfile.TemporaryDirectory() as top:
        kb = make_base(options.folder, Path(top) / "kb")
        dictionary = Dictionary(Gate(kb, make_finder(kb)))
        missed = dict(gold)
        for name in kb.documents:
            for verdict in dictionary.propose(name):
                fact = verdict.fact
                claim = (name, fact["subject"], fact["predicate"], str(fact["object"]), fact.get("polarity", ""))
                counts["ready"] += verdict.verdict == "ready"
                counts["listed"] += verdict.verdict == "ready" and claim in gold
                missed.pop(claim, None)
                if options.all and claim not in gold:
                    print("beside the list:", verdict.locations[0], verdict.claim)
    for claim, sentence in missed.items() if options.all else ():
        print("missed:", sentence, *claim)
    print(
        f"{len(gold) - len(missed)} of {len(gold)} facts; {counts['listed']} of {counts['ready']} ready proposals are in the list"
    )


if __name__ == "__main__":
    main()
