"""Make proposals of annotated texts: mentions of things, and relations between them, as tools for annotation have them.

The type of a relation is the word for its predicate, and the words of the mentions are those for its ends. The quote is the
sentence around them. What annotations do not say, such as the modality, is left to the gate.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, islice, product
from typing import Any, NamedTuple

from kb.problems import quote
from kb.proposals.resolution import AS_STATED
from kb.schema import vocabulary
from kb.texts import sentence_splitter
from kb.texts.normalisation import LEAST_WORDS

Span = tuple[int, int]

# What tools call the ends of a relation.
_ENDS = {
    "subject": ("subject", "subj", "arg1", "source", "governor", "cause", "agent"),
    "object": ("object", "obj", "arg2", "target", "dependent", "theme", "patient"),
}
_ROLES = {name: end for end, names in _ENDS.items() for name in names}
_NOT_PARTS = {"document", "predicate", "quote", "proposer", "terms", "note"}
_CURIE = re.compile(r"[A-Za-z][\w.-]*:[\w.-]+", re.ASCII)
_WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_BULLET = " \t\r\n-*\u2022\u2013"
_MOST_TRIED, _MOST_PLACES = 1_000, 20  # pairs of mentions, and sentences with both, for a relation between identifiers
_LONGEST_NOTE, _LONGEST_LABEL = 4_000, 200


class Mention(NamedTuple):
    """Words of a text that name a thing: their spans as the tool counts them, their type, and an identifier of the thing."""

    words: str
    spans: tuple[Span, ...] = ()
    label: str = ""
    identifier: str = ""


class Relation(NamedTuple):
    """A relation: its type, the mentions in its roles and the one that states it, by id, its attributes, and its line.

    With ``by_identifier``, the roles hold identifiers of things, wherever the text mentions them.
    """

    label: str
    roles: tuple[tuple[str, str], ...]
    trigger: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    line: int = 0
    by_identifier: bool = False


@dataclass
class AnnotatedText:
    """An annotated text.

    Args:
        document: The name of its document, if the tool gives one.
        words: Its text, if it is known.
        mentions, relations: Mentions and relations, by id.
        loose: How many mentions are in no relation, and how many relations have no two ends, after :meth:`propose`.
    """

    document: str = ""
    words: str = ""
    mentions: dict[str, Mention] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    loose: tuple[int, int] = (0, 0)

    def propose(self) -> Iterator[tuple[int, dict[str, Any] | str]]:
        """Yield each proposal, or why a relation makes none, with the line of the relation."""
        used, incomplete = set[str](), 0
        for given in self.relations.values():
            relations = list(self._expand(given)) if given.by_identifier else [given]
            incomplete += not relations
            for relation in relations:
                references = [reference for _, reference in relation.roles] + [relation.trigger][: bool(relation.trigger)]
                if unknown := [reference for reference in references if reference not in self.mentions]:
                    reason = "is a relation, too" if unknown[0] in self.relations else "is not annotated"
                    yield relation.line, f"{quote(relation.label)} relates to {quote(unknown[0])}, which {reason}."
                    continue
                used.update(references)
                made = self._make(relation, [self.mentions[reference] for reference in references])
                incomplete += not made
                if made:
                    yield relation.line, made
        self.loose = len(self.mentions.keys() - used), incomplete

    def _expand(self, relation: Relation) -> Iterator[Relation]:
        """Yield a relation between identifiers once for each sentence that mentions all of them."""
        named = [self._identified.get(_key(identifier), [identifier]) for _, identifier in relation.roles]
        together: dict[Span, tuple[str, ...]] = {}
        for names in islice(product(*named), _MOST_TRIED):
            spans = [self._locate(self.mentions[name]) for name in names if name in self.mentions]
            sentences = {self._find_sentence(span[0]) for span in spans if span}
            if not self.words or len(spans) < len(names):
                together[0, 0] = names
            elif len(sentences) == 1 and None not in spans:
                together.setdefault(sentences.pop(), names)
        for names in list(together.values())[:_MOST_PLACES]:
            roles = tuple((role, name) for (role, _), name in zip(relation.roles, names, strict=True))
            yield relation._replace(roles=roles)

    def _make(self, relation: Relation, mentions: list[Mention]) -> dict[str, Any]:
        """Make a proposal of a relation between mentions; nothing if it has no two ends."""
        known = vocabulary.schema("proposal")["properties"].keys() - _NOT_PARTS
        parts, left = dict[str, Mention](), list[tuple[str, Mention]]()
        for (role, _), mention in zip(relation.roles, mentions, strict=False):
            part = _ROLES.get(role.lower(), role.lower().rstrip("0123456789"))
            if (part := _ROLES.get(part, part)) in known and part not in parts:
                parts[part] = mention
            else:
                left.append((role, mention))
        parts |= {part: left.pop(0)[1] for part in _ENDS if part not in parts and left}
        if not parts.keys() >= _ENDS.keys():
            return {}
        notes = [f"{role}: {mention.words}" for role, mention in left]
        given: dict[str, str] = {}
        for name, value in relation.attributes:
            if name.lower().startswith("negat"):
                given["polarity"] = "negated"
            elif name.lower() in known - _ENDS.keys() and value:
                given[name.lower()] = value
            else:
                notes.append(f"{name}: {value}" if value else name)
        made = {
            "document": self.document,
            "predicate": " ".join(_WORD_BREAK.sub(" ", relation.label).split()),
            **{part: mention.words for part, mention in parts.items()},
            "polarity": AS_STATED if relation.by_identifier else "",
            **given,
            "quote": self._quote(mentions, self.mentions.get(relation.trigger)),
            "terms": [term for mention in parts.values() if len(term := _describe(mention)) > 1],
            "note": "; ".join(notes)[:_LONGEST_NOTE],
        }
        return {key: value for key, value in made.items() if value}

    def _quote(self, mentions: list[Mention], trigger: Mention | None) -> list[dict[str, Any]]:
        """Return the stretches of text that state a relation: the words of its trigger, or else those around its mentions."""
        if trigger and len(trigger.words.split()) >= LEAST_WORDS:
            mentions = [trigger]
        spans = [span for mention in mentions if (span := self._locate(mention))]
        if not spans and self.words:
            return [{"words": mention.words} for mention in mentions]
        sentences: dict[Span, list[Span]] = {}
        for span in sorted(spans):
            sentences.setdefault(self._find_sentence(span[0]), []).append(span)
        pieces = []
        for sentence, held in sentences.items():
            first, last = held[0][0], max(end for _, end in held)
            before = self.words[max(sentence[0], self.words.rfind("\n", 0, first) + 1) : first].lstrip(_BULLET)
            after = self.words[last : sentence[1]].partition("\n")[0].rstrip()
            pieces.append({"words": f"{before}{self.words[first:last]}{after}", "start": first - len(before)})
        return pieces

    def _find_sentence(self, at: int) -> Span:
        """Return the span of the sentence around an offset."""
        paragraph = bisect_right(self._paragraphs, at) - 1
        if paragraph not in self._sentences:
            ends = [*self._paragraphs[1:], len(self.words)]
            self._sentences[paragraph] = list(
                sentence_splitter.sentences(self.words, self._paragraphs[paragraph], ends[paragraph])
            )
        spans = self._sentences[paragraph]
        place = bisect_right(spans, at, key=lambda span: span[1])
        return spans[place] if place < len(spans) else (at, at)

    @cached_property
    def _paragraphs(self) -> list[int]:
        return [0, *(match.end() for match in _PARAGRAPH.finditer(self.words))]

    @cached_property
    def _sentences(self) -> dict[int, list[Span]]:
        return {}

    def is_identifier(self, word: str) -> bool:
        """Return whether a mention has this identifier."""
        return _key(word) in self._identified

    @cached_property
    def _identified(self) -> dict[str, list[str]]:
        """The mentions of each identifier."""
        found: dict[str, list[str]] = {}
        for name, mention in self.mentions.items():
            for identifier in re.split("[|;,]", mention.identifier):
                if key := _key(identifier).strip("-"):  # a hyphen stands for none
                    found.setdefault(key, []).append(name)
        return found

    @cached_property
    def _offsets(self) -> tuple[array[int], ...]:
        """For each code point, and the end, its offset in UTF-16 units and in bytes."""
        widths = zip(*map(count_units, self.words), strict=True)
        return tuple(array("I", accumulate(width, initial=0)) for width in islice(widths, 1, None))

    def _locate(self, mention: Mention) -> Span | None:
        """Return where the words of a mention stand, by its spans in code points, UTF-16 or bytes; else their only place."""
        for offsets in (range(len(self.words) + 1), *(() if self.words.isascii() else self._offsets)):
            spans = [(bisect_left(offsets, start), bisect_left(offsets, end)) for start, end in mention.spans]
            if spans and " ".join(self.words[start:end] for start, end in spans).split() == mention.words.split():
                return min(spans)[0], max(end for _, end in spans)
        at = self.words.find(mention.words) if mention.words else -1
        return (at, at + len(mention.words)) if at >= 0 and self.words.find(mention.words, at + 1) < 0 else None


def count_units(text: str) -> tuple[int, int, int]:
    """Return the length of a text in code points, UTF-16 units and bytes."""
    return len(text), len(text.encode("utf-16-le", "replace")) // 2, len(text.encode("utf-8", "replace"))


def _key(identifier: str) -> str:
    """Return an identifier without its prefix, which some relations leave out, and without the type before it."""
    return re.split("[|:]", identifier)[-1]


def _describe(mention: Mention) -> dict[str, str]:
    """Describe the thing that a mention names, in case it is a new term."""
    kind = mention.label.lower() if mention.label.lower() in vocabulary.values("kind") else ""
    match = mention.identifier if _CURIE.fullmatch(mention.identifier) else ""
    told = {"label": mention.words, "kind": kind, "match": match} if len(mention.words) <= _LONGEST_LABEL else {}
    return {key: value for key, value in told.items() if value}
