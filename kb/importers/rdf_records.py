"""Read records back from the RDF of a knowledge base, which ``kb export`` wrote.

``schemas/context.jsonld`` names the property of each key; it is read here in the other direction. So a key that is added to a
schema and to the context comes back without a line here, unless the compiler writes it in another form.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from kb.problems import Place, Problem
from kb.rdf import facts, value_groups
from kb.rdf.iris import DCTERMS, FOAF, KB, RDFS, SH, SSSOM, Names, word_iri
from kb.rdf.quads import Literal, Quad, iri, iri_value, is_iri, literal_value
from kb.rdf.terms import AGENT_SLOTS
from kb.schema import vocabulary

_ORCID, _ROR = "https://orcid.org/", "https://ror.org/"
_CREATOR, _NAME, _SEE = iri(f"{DCTERMS}creator"), iri(f"{FOAF}name"), iri(f"{RDFS}seeAlso")
_HEDGED, _QUANTITY = iri(f"{KB}HedgedValue"), iri(f"{KB}Quantity")
_NUMBER = re.compile(r"([0-9]{1,9})?\.?([0-9]{1,9})?")
_LAST_NAME = re.compile(r"(.*[^A-Za-z0-9]([A-Za-z][A-Za-z0-9]*)[_:/#])[A-Za-z0-9.-]+", re.DOTALL)

_GROUPS, _MEMBER = {kind: iri(name) for kind, name in value_groups.CLASSES.items()}, iri(f"{KB}member")

Value = dict[str, Any]
Rows = Mapping[str, Mapping[str, None]]


def _expand(name: str) -> str:
    """Return the term of a CURIE of the context, or of the IRI of an own word."""
    prefix, _, local = name.partition(":")
    return iri(name if local.startswith("//") else vocabulary.context()[prefix] + local)


@dataclass(frozen=True)
class Frame:
    """A class of nodes, by its name in the context.

    Args:
        type: The class, as a term.
        keys: The property of each key, as a term, with what the context says of its values.
        single: The keys that have at most one value; the others have lists.
    """

    type: str
    keys: Mapping[str, tuple[str, Mapping[str, Any]]]
    single: frozenset[str]


@vocabulary.by_vocabulary
def find_frame(name: str, kind: str = "", part: str = "") -> Frame:
    """Return the frame of a class, whose records are described by a schema or by a definition in it."""
    schema = vocabulary.schema(kind or name.lower())
    properties = (schema["$defs"][part] if part else schema)["properties"]
    scoped = {"note": vocabulary.context()["note"], **vocabulary.context()[name]["@context"]}
    meanings = {key: {"@id": own} if isinstance(own, str) else own for key, own in scoped.items() if own and key != "@vocab"}
    keys = {key: (_expand(meaning["@id"]), meaning) for key, meaning in meanings.items()}
    many = {"array", "object"}
    single = frozenset(
        key for key, own in properties.items() if many.isdisjoint(one.get("type") for one in (own, *own.get("anyOf", ())))
    )
    return Frame(_expand(vocabulary.context()[name]["@id"]), keys, single)


@vocabulary.by_vocabulary
def _list_wordings() -> dict[str, str]:
    """Return the parts of a fact that words of a sentence stand for, by the property of these words."""
    parts = vocabulary.schema("fact")["$defs"]["evidence"]["properties"]["as"]["properties"]
    return {iri(f"{word_iri(part)}{facts.WORDING_OF}"): part for part in parts}


class RdfRecords:
    """The records in the statements of one knowledge base.

    Args:
        quads: Its statements, in any graphs.
        base: Its base IRI.
        prefixes: Prefixes that are known beside those that the statements declare.
        source: What messages call it.
    """

    def __init__(self, quads: Iterable[Quad], base: str, prefixes: Mapping[str, str], source: str) -> None:
        self.base, self._source = base, source
        self.problems: list[Problem] = []
        self.nodes: defaultdict[str, dict[str, dict[str, None]]] = defaultdict(dict)
        self._types: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for subject, predicate, obj, _ in quads:
            self.nodes[subject].setdefault(predicate, {})[obj] = None
            if predicate == facts.TYPE:
                self._types[obj][subject] = None
        languages = [self._text(self.nodes[iri(base)], f"{DCTERMS}language")] if iri(base) in self.nodes else []
        self.language = "".join(languages).lower()
        declared = [self.nodes[node] for node in self.find_values(iri(base), iri(f"{SH}declare")) if node in self.nodes]
        own = {self._text(row, f"{SH}prefix"): self._text(row, f"{SH}namespace") for row in declared}
        written = {"", "vocab", *Names(base, {}).prefixes}  # by every export, whatever it declares
        self.prefixes = own or {key: start for key, start in prefixes.items() if key not in written}
        self.names = Names(base, self.prefixes)

    def instances(self, frame: Frame) -> list[str]:
        """Return the nodes of a class, sorted."""
        return sorted(self._types[frame.type])

    def find_values(self, node: str, predicate: str) -> list[str]:
        """Return the values of a property, sorted."""
        return sorted(self.nodes[node].get(predicate, ())) if node in self.nodes else []

    def read(self, frame: Frame, node: str) -> Value:
        """Read what the context names of a node."""
        value: Value = {}
        for key, (predicate, meaning) in frame.keys.items():
            if meaning.get("@container") == "@language" and predicate in self.nodes.get(node, {}):
                value[key] = self._read_languages(self.find_values(node, predicate), is_single=key in frame.single)
                continue
            own = [self._convert(meaning, term) for term in self.find_values(node, predicate)]
            own = [one for one in own if one is not None]
            if len(own) > 1 and key in frame.single:
                message = f"{node} has several values of {predicate}."
                self.problems.append(Problem(Place(self._source), "KB821", message, "Export the knowledge base again."))
            if own:
                value[key] = own[0] if key in frame.single else own
        return value

    def _read_languages(self, terms: Iterable[str], *, is_single: bool) -> Any:
        """Return words, or words by their languages if some are in another than that of the knowledge base."""
        own = [literal_value(term) for term in terms if term.startswith('"')]
        tags = dict.fromkeys(literal.language for literal in own if literal.value)
        words = {tag: [literal.value for literal in own if literal.language == tag] for tag in tags}
        by_tag = {tag: values[0] if is_single else values for tag, values in words.items()}
        return next(iter(by_tag.values())) if set(by_tag) == {self.language} else by_tag

    def compact(self, address: str) -> str:
        """Return the CURIE of an IRI; if no prefix fits, one is made of the last name in it."""
        for prefix, start in self.names.matching(address):
            if re.fullmatch("[!-~]+", address[len(start) :]):
                return f"{prefix}:{address[len(start) :]}"
        match = _LAST_NAME.fullmatch(address)
        if match is None or match[2] in self.names.prefixes:
            return address
        self._declare(match[2], match[1])
        return self.compact(address)

    def _declare(self, prefix: str, start: str) -> None:
        self.prefixes[prefix] = start
        self.names = Names(self.base, self.prefixes)

    def _text(self, row: Rows, predicate: str) -> str:
        term = next(iter(row.get(iri(predicate), ())), "")
        return literal_value(term).value if term.startswith('"') else iri_value(term)

    def _convert(self, meaning: Mapping[str, Any], term: str) -> Any:
        """Convert a value as the context reads it; nothing if no record has it."""
        own, kind = meaning.get("@context", {}), meaning.get("@type")
        if term.startswith('"'):
            return self._convert_literal(literal_value(term), kind, is_object=own.get("value") == "@value")
        if not is_iri(term):
            return None
        if _HEDGED in self.find_values(term, facts.TYPE):
            term = next(iter(self.find_values(term, facts.VALUE)), term)
        if _QUANTITY in self.find_values(term, facts.TYPE):
            return self._read_quantity(term)
        for kind_of_group, group in _GROUPS.items():
            if group in self.find_values(term, facts.TYPE):
                return {kind_of_group: [self.name(member, "term") for member in self.find_values(term, _MEMBER)]}
        words = (
            word for word, name in own.items() if isinstance(name, str) and "@" not in f"{word}{name}" and _expand(name) == term
        )
        if (word := next(words, None)) or "@vocab" in own:  # then its words are all that it means
            return word
        start = KB if kind == "@vocab" else self.base + own["@base"] if "@base" in own else ""
        return iri_value(term).removeprefix(start)

    def _convert_literal(self, literal: Literal, kind: str | None, *, is_object: bool) -> Any:
        if is_object:
            tag = {"language": literal.language} if literal.language else {"datatype": self.compact(literal.datatype)}
            return {"value": literal.value, **tag}
        if kind == "xsd:integer" and re.fullmatch("-?[0-9]{1,18}", literal.value):
            return int(literal.value)
        return literal.value == "true" if kind == "xsd:boolean" else literal.value

    def _read_quantity(self, node: str) -> Value:
        value = self.read(find_frame("Quantity", "fact", "quantity"), node)
        is_range = "low" in value and "high" in value
        return {key: own for key, own in value.items() if key not in (("at-least", "at-most") if is_range else ("low", "high"))}

    def read_facts(self) -> Iterator[tuple[str, Value]]:
        """Yield the facts, each with the path that is its identity."""
        for node in self.instances(find_frame("Fact")):
            yield iri_value(node).removeprefix(self.base), self.read_fact(node)

    def read_fact(self, node: str) -> Value:
        """Read a fact with its evidence, in the order of its sentences."""
        value, frame = self.read(find_frame("Fact"), node), find_frame("Evidence", "fact", "evidence")
        value.pop("sentences", None)
        if isinstance(obj := value.get("object"), dict) and "language" in obj:
            tags = re.findall("(?<=;)[^/]+", node[:-1])  # the IRI has it as it was written; units of quantities may follow
            obj["language"] = next((tag for tag in tags if tag.lower() == obj["language"]), obj["language"])
        if "curator" in value:
            value["curator"] = self._name_agent(value["curator"])
        if "status" in value:
            value["status"] = {"is": value["status"], "reason": "".join(value.pop("reason", ()))}
        if "review" in value:
            review, nodes = find_frame("Review", "fact", "review"), sorted(value["review"], key=lambda one: (len(one), one))
            value["review"] = [self.read(review, iri(one)) for one in nodes]
            value["review"] = [{**one, "by": self._name_agent(str(one.get("by", "")))} for one in value["review"]]
        document = iri(f"{self.base}document/{value.get('document', '')}")
        start, basis = f"{iri_value(node)}/evidence/", self.find_values(document, facts.BASIS)
        pieces = [(one.removeprefix(start), self.read(frame, iri(one))) for one in value.get("evidence", ())]
        pieces.sort(key=lambda piece: (_order(piece[0].partition("/")[0]), "@" in piece[0], piece[0]))
        value["evidence"] = [self._finish_piece(name, piece, iri(start + name), basis) for name, piece in pieces]
        return value

    def _name_agent(self, address: str) -> str:
        """Return the name of an agent, whose IRI :meth:`kb.rdf.iris.Names.agent` made."""
        path = address.removeprefix(f"{self.base}agent/")
        kind, _, own = path.partition("/")
        if path in {address, "tool/lexicon"}:
            return path.removeprefix("tool/")
        return f"{kind}:{unquote(own)}" if own else f"person:{unquote(kind)}"

    def _finish_piece(self, name: str, piece: Value, node: str, basis: list[str]) -> Value:
        """Give a piece of evidence the parts that its IRI names, the words of each part, and a type if it is its own."""
        piece["sentence"] = str(piece.get("sentence", "")).rpartition("/")[2]
        parts = (name.rpartition("@")[0] if "@" in name else name).partition("/")[2]
        for key in ("supports", "disputes"):
            piece.pop(key, None)
        if parts.startswith("disputes/"):
            piece["direction"] = "disputes"
        if parts:
            piece["supports"] = parts.removeprefix("disputes/").split(".")
        if piece.pop("as", None):
            words, stated = _list_wordings(), self.nodes[node].items()
            piece["as"] = {words[key]: literal_value(min(own)).value for key, own in stated if key in words}
        if "basis" in piece:
            piece["basis"] = self.compact(piece["basis"])
            if basis == [iri(self.names.expand(piece["basis"]) or "")]:
                del piece["basis"]
        return piece

    def read_vocabulary(self, name: str) -> list[Value]:
        """Read the terms or the predicates."""
        frame = find_frame(name)
        return [{"id": self.name(node, name.lower()), **self.read(frame, node)} for node in self.instances(frame)]

    def name(self, node: str, kind: str) -> str:
        """Return the id in the IRI of a term, predicate or document."""
        return iri_value(node).removeprefix(f"{self.base}{kind}/")

    def read_mappings(self) -> Iterator[Value]:
        """Yield the mappings, with the slots of SSSOM that have no name of their own."""
        frame = find_frame("Mapping")
        for node in self.instances(frame):
            value = self.read(frame, node)
            target, (prefix, _, local) = "".join(value.pop("target", ())), value.get("object_id", "").partition(":")
            if local and prefix not in self.names.prefixes and target.endswith(local):
                self._declare(prefix, target.removesuffix(local))
            for key, own in self.nodes[node].items():
                if (slot := key[len(SSSOM) + 1 : -1]) in AGENT_SLOTS and key.startswith(f"<{SSSOM}"):
                    value[slot] = "|".join(map(self._read_agent, sorted(own)))
                elif key.startswith(f"<{SSSOM}") and len(own) == 1 and next(iter(own)).startswith('"'):
                    value.setdefault(slot, literal_value(next(iter(own))).value)
            for key in ("subject_id", "predicate_id", "mapping_justification"):
                value[key] = self.compact(value.get(key, ""))
            yield value

    def _read_agent(self, term: str) -> str:
        """Read an agent of a mapping: a CURIE where a prefix of the knowledge base fits."""
        return literal_value(term).value if term.startswith('"') else self.names.compact(iri_value(term)) or iri_value(term)

    def read_dataset(self) -> Value:
        """Read what the knowledge base says of itself."""
        value = self.read(find_frame("KnowledgeBase", "kb"), iri(self.base))
        creators = [self.read_creator(node) for node in self.find_values(iri(self.base), _CREATOR)]
        return {**value, "creators": creators, "prefixes": dict(sorted(self.prefixes.items()))}

    def read_creator(self, node: str) -> Value:
        """Read a creator, whose id is in its IRI or made of its ORCID iD or ROR iD."""
        row = self.nodes[node]
        address = self._text(row, _SEE[1:-1]) or iri_value(node)
        known = {
            key: address.removeprefix(start) for key, start in (("orcid", _ORCID), ("ror", _ROR)) if address.startswith(start)
        }
        name = iri_value(node).removeprefix(f"{self.base}agent/").rpartition("/")[2].lower()
        return {"id": name, "name": self._text(row, _NAME[1:-1]), **known}


def _order(sentence: str) -> tuple[int, ...]:
    match = _NUMBER.fullmatch(sentence.partition("@")[0][1:])
    return tuple(int(part or 0) for part in match.groups()) if match else ()
