"""Knowledge bases as Hypothesis draws them: valid ones, of the records that tests of the schemas draw."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from kb.files import characters
from kb.rdf import quantities, reviews, value_groups
from kb.records.resolve import parse_fact_value
from kb.schema import vocabulary

Record = dict[str, Any]
Strategy = st.SearchStrategy[Record]

#: Own words of every form, whose names and order do not follow from each other.
OWN: Record = {
    "vocabulary": {
        "kinds": {
            "vessel-2a": {"definition": "What holds.", "superclass": "amphora", "links": {"closeMatch": ["EX:v", "EX:w"]}},
            "amphora": {"label": "an amphora", "definition": "It has two handles.", "superclass": "concept"},
        },
        "qualifiers": {
            "wear": {
                "definition": "How worn.",
                "values": {"worn": {"definition": "W.", "links": {"exactMatch": ["EX:1"]}}},
                "units": [],
            },
            "found-at": {"label": "place", "definition": "Where.", "kinds": ["amphora", "anatomy"], "restricts": True},
            "beside": {"definition": "With what.", "kinds": ["any"]},
            "age": {"definition": "How old.", "units": ["h", "mg"], "restricts": True},
            "grade": {
                "definition": "How good.",
                "values": {"poor": {"definition": "P.", "label": "p"}, "fine": {"definition": "F."}},
            },
        },
    }
}
_TEXT = "Once [upon] a time: 'there' was \"a\" #tag — {élan}, 10 % off!\nNo; yes & ~. \\ 中文 😀 end."
_FREE = {"modality", "polarity"}


@st.composite
def draw_base(draw: st.DrawFn, facts: Strategy, terms: Strategy, predicates: Strategy) -> dict[str, list[Record]]:
    """Draw the records of a knowledge base with the vocabulary in use, by kind."""
    kinds = list(vocabulary.values("kind"))
    named = {f"t{number}-{kind}": kind for number, kind in enumerate([*kinds, *kinds])}
    known: list[Record] = [{"id": name, "kind": kind, "label": f"l {name}", "definition": "It."} for name, kind in named.items()]
    for term in known[:2]:
        more = _tidy(draw(terms))
        term |= {key: more[key] for key in ("definition", "note", "aliases", "value", "unit") if key in more}
    known[2] |= {
        "label": {"en": "l two", "pt-BR": "dois"},
        "aliases": {"fr": ["deux", "une paire"]},
        "definition": {"en": "Two."},
    }
    known.append({**known[0], "id": "old", "label": "l old", "note": "It is gone.", "deprecated": True, "replaced-by": "t0-drug"})
    relation = _tidy(draw(predicates)) | {"id": "is-p0", "label": "p 0", "subject": kinds}
    relation |= {
        "object": [*kinds, "literal", "quantity"],
        "qualifiers": [name for name in vocabulary.qualifiers() if name not in _FREE],
    }
    relations = [{key: value for key, value in relation.items() if key not in {"requires", "symmetric"}}]
    relations.append(
        {"id": "is-p1", "label": "p 1", "definition": "Both ways.", "subject": kinds, "object": kinds, "symmetric": True}
    )
    documents = [draw(_documents(f"d{number}", list(named))) for number in range(draw(st.integers(1, 3)))]
    if len(documents) > 1 and "standing" in documents[0]:
        documents[1]["replaces"] = ["d0"]
    stated: dict[str, Record] = {}
    for _ in range(draw(st.integers(1, 3))):
        fact = _place(draw, _tidy(draw(facts)), named, draw(st.sampled_from(documents)))
        obj = fact["object"]
        same = {name: fact[name] for name in vocabulary.restricting_qualifiers() if name in fact}
        stated[json.dumps([fact["document"], fact["subject"], fact["predicate"], obj, same])] = fact
    cited = {(fact["document"], piece["sentence"]) for fact in stated.values() for piece in fact["evidence"]}
    for document in documents:
        for sentence in document["sentences"]:
            if (document["id"], sentence["id"]) in cited:
                sentence.pop("exempt", None)
    mappings = draw(st.lists(_mappings(list(named)), max_size=3, unique_by=lambda row: (row["subject_id"], row["object_id"])))
    return {"term": known, "predicate": relations, "document": documents, "fact": list(stated.values()), "mapping": mappings}


def _tidy(value: Any) -> Any:
    """Replace texts that records must not hold, since they hide or reorder text; schemas do not refuse them."""
    if isinstance(value, dict):
        return {key: _tidy(own) for key, own in value.items()}
    if isinstance(value, list):
        return [_tidy(own) for own in value]
    is_odd = isinstance(value, str) and (not characters.is_clean(value) or not value.isascii() or value != value.strip())
    return "odd 'text': #1" if is_odd else value


@st.composite
def _documents(draw: st.DrawFn, name: str, terms: list[str]) -> Record:
    cuts = sorted({3, 30, 31, 58, 59, 80} | draw(st.sets(st.integers(1, len(_TEXT) - 1), max_size=8)))  # so that no gap is long
    spans = list(zip(cuts[::2], cuts[1::2], strict=False))
    sentences: list[Record] = []
    for number, (start, end) in enumerate(spans):
        digest = sha256(_TEXT[start:end].encode()).hexdigest()
        sentences.append({"id": f"s{1 + number // 3}.{1 + number % 3}", "start": start, "end": end, "sha256": digest})
        if draw(st.booleans()):
            reason = draw(st.sampled_from(list(vocabulary.values("reason"))))
            more: Strategy = st.fixed_dictionaries({}, optional={"note": st.just('Said: "no" #1')})
            sentences[-1]["exempt"] = {"reason": reason, **draw(more)}
            if number:
                sentences[-1]["exempt"]["by"] = ["s1.1"]
    data = _TEXT.encode()
    optional: dict[str, st.SearchStrategy[Any]] = {
        "license": st.just("https://creativecommons.org/publicdomain/zero/1.0/"),
        "source": st.just("https://example.org/a?b=c#d"),
        "evidence": st.sampled_from(["ECO:0000034", "ECO:0000303"]),
        "issued": st.sampled_from(["2020", "2020-02", "2020-02-29"]),
        "version": st.just("Rev. 2: a"),
        "retrieved": st.just("2026-01-01"),
        "note": st.just("A \\ note."),
        "identifiers": st.just(["doi:10.1/x", "pmid:1"]),
        "topic": st.lists(st.sampled_from(terms), max_size=2, unique=True),
        "standing": st.fixed_dictionaries(
            {"is": st.sampled_from(list(vocabulary.values("standing")))},
            optional={"since": st.just("2025-05-05"), "source": st.just("https://example.org/notice")},
        ),
        "sections": st.just([{"number": 1, "topic": "one"}, {"number": 2, "code": "ECO:0000034"}, {"number": 9}]),
    }
    return {
        "id": name,
        "title": 'A "title": #1',
        "language": draw(st.sampled_from(["en", "de-CH"])),
        "rights": "Ours.",
        "text": draw(st.sampled_from(["shipped", "held-elsewhere"])),
        "sha256": sha256(data).hexdigest(),
        "bytes": len(data),
        "characters": len(_TEXT),
        "sentences": sentences,
        **draw(st.fixed_dictionaries({}, optional=optional)),
    }


def _place(draw: st.DrawFn, fact: Record, named: dict[str, str], document: Record) -> Record:
    """Let a fact speak of the terms and sentences that there are."""
    qualifiers, ids = vocabulary.qualifiers(), list(named)
    fact |= {"document": document["id"], "subject": draw(st.sampled_from(ids)), "predicate": "is-p0"}
    places = {"object", *qualifiers}
    odd = {name: own for name, own in fact.items() if name in places and isinstance(own, dict) and not _fits(name, own)}
    fact = {name: value for name, value in fact.items() if name not in odd}
    if isinstance(fact.get("object", ""), str):
        fact["object"] = draw(st.sampled_from([name for name in ids if name != fact["subject"]]))
    for name in fact.keys() & qualifiers.keys():
        own = [term for term, kind in named.items() if kind in qualifiers[name].kinds]
        if own and isinstance(fact[name], str):
            fact[name] = draw(st.sampled_from(own))
        elif own and isinstance(fact[name], dict):
            fact[name] = {next(iter(fact[name])): draw(st.lists(st.sampled_from(own), min_size=2, max_size=4, unique=True))}
    sentences = draw(st.permutations(document["sentences"]))
    for piece, sentence in zip(fact["evidence"], sentences, strict=False):
        piece["supports"] = [part for part in piece.get("supports", ()) if part == "claim" or part in fact]
        piece["sentence"] = sentence["id"]
        if "start" in piece:
            piece.update({"start": sentence["start"], "end": sentence["end"]})
        piece.update(draw(st.fixed_dictionaries({}, optional={"basis": st.sampled_from(["ECO:0000034", "ECO:0000305"])})))
        piece.pop("as", None)
        if not piece.get("supports") or {"claim", "polarity", "modality"} & set(piece["supports"]):
            piece.pop("modality", None)
        parts = [name for name in ("subject", "predicate", "severity", "trigger") if name in fact]
        if draw(st.booleans()):
            piece["as"] = dict.fromkeys(draw(st.permutations(parts))[:2], "it") | {
                "object": draw(st.sampled_from(["it", "this … one"]))
            }
    fact["evidence"] = fact["evidence"][: len(sentences)]
    return _finish(draw, fact)


def _finish(draw: st.DrawFn, fact: Record) -> Record:
    """Let the first piece of evidence state the claim, and reviews be of the fact as it is."""
    for key in ("direction", "supports", "modality"):  # the first piece is for the claim, and what no other piece names
        fact["evidence"][0].pop(key, None)
    agents = [fact, *fact.get("review", ())]
    for one, key in ((one, key) for one in agents for key in ("curator", "by") if "odd" in one.get(key, "")):
        one[key] = draw(st.sampled_from(["person:jo", "model:a/b 1".replace(" ", "-"), "lexicon", "tool:é"]))
    for one in fact.get("review", ()):
        one["digest"] = reviews.digest_reviewed(parse_fact_value(fact, ""))
    return fact


def _fits(name: str, value: Record) -> bool:
    """Return whether a value that is no word is a literal of its datatype, or a quantity that fits its place."""
    if value.keys() <= value_groups.CLASSES.keys():
        return True
    if "datatype" in value or "language" in value or value.keys() == {"value"}:
        return bool(value["value"] != "odd 'text': #1")
    return not quantities.find_errors(name, quantities.spell(quantities.parse_record(value)))


@st.composite
def _mappings(draw: st.DrawFn, terms: list[str]) -> Record:
    number = draw(st.integers(0, len(terms) - 1))
    row = {
        "subject_id": f"term:{terms[number]}",
        "predicate_id": f"skos:{draw(st.sampled_from(['exact', 'close', 'broad', 'narrow', 'related']))}Match",
        "object_id": f"EX:{number:07}",
        "mapping_justification": "semapv:ManualMappingCuration",
    }
    texts = {"comment": 'Said: "a" #b', "object_label": "A label", "mapping_date": "2026-01-01", "author_id": "orcid:1|orcid:2"}
    foreign = {"mapping_set_id": "https://example.com/set", "license": "https://example.com/terms", "mapping_set_title": "Theirs"}
    optional = {key: st.just(value) for key, value in texts.items()}
    return {**row, **draw(st.fixed_dictionaries({}, optional=optional)), **draw(st.sampled_from([{}, foreign]))}


def declare(own: Record) -> Record:
    """Return a ``kb.yaml``, whose vocabulary is in use from then on."""
    about = {
        "id": "drawn",
        "title": "Drawn",
        "description": 'A knowledge base: "drawn".',
        "version": "1.0.0-rc.1",
        "base": "https://example.org/drawn/",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "language": "en",
        "issued": "2026-01-31",
        "creators": [
            {"id": "jo", "name": "Jo", "orcid": "0000-0002-1825-0097"},
            {"id": "org", "name": "Org", "ror": "05dxps055"},
        ],
        "keywords": ["b", "a"],
        "prefixes": {"ECO": "http://purl.obolibrary.org/obo/ECO_", "EX": "https://example.com/vocabulary#"},
        **own,
    }
    vocabulary.use(vocabulary.declare(about))
    return about


def write_base(drawn: dict[str, list[Record]], top: Path, own: Record | None = None) -> None:
    """Write a knowledge base, its facts in an order and with keys as they were drawn."""
    about = declare(own or {})
    for folder in ("documents", "facts", "terms", "mappings"):
        (top / folder).mkdir(parents=True)
    (top / "kb.yaml").write_text(json.dumps(about), encoding="utf-8")
    places = {"document": "documents/all", "fact": "facts/all", "term": "terms/all", "predicate": "predicates"}
    for kind, place in places.items():
        text = "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in drawn[kind])
        (top / f"{place}.jsonl").write_text(text, encoding="utf-8")
    for number, row in enumerate(drawn["mapping"]):
        cells = (f'"{cell.replace(chr(34), chr(34) * 2)}"' if '"' in cell else cell for cell in row.values())
        table = "\t".join(row) + "\n" + "\t".join(cells) + "\n"
        (top / "mappings" / f"m{number}.sssom.tsv").write_text(table, encoding="utf-8")
    for document in drawn["document"]:
        if document["text"] == "shipped":
            (top / "documents" / f"{document['id']}.txt").write_text(_TEXT, encoding="utf-8")
