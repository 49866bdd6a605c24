"""Choose the language of the labels that a query reads, in the one place that knows how.

A label has a value in each language. Where a pattern ends in a property of labels, a filter keeps those values of its node that
are in the language asked for, or else in that of the knowledge base, or else all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kb.problems import fail, quote
from kb.rdf.quads import literal_value
from kb.rdf.quantities import is_amount
from kb.sparql import syntax
from kb.sparql.library import Query
from kb.sparql.syntax import SparqlToken
from kb.sparql.values import Answer

_LABELS = {"skos:prefLabel", "skos:altLabel", "skos:definition", "rdfs:label"}
_IN_PATTERNS = {"A", "TRUE", "FALSE"}
_MOST_NAMED = 12  # texts in another language that a note names


@dataclass
class _Frame:
    """A bracket that is open: what its triples are about, and the tokens of the path that leads from there.

    ``pending`` is what follows the triples that are open; ``is_subject`` says that a subject is next.
    """

    bracket: str
    subject: str = ""
    is_subject: bool = True
    path: list[SparqlToken] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)


def choose_labels(text: str, languages: Sequence[str], language: str = "") -> str:
    """Rewrite a query so that it reads each label in one language.

    Args:
        text: The query.
        languages: Those of the labels, that of the knowledge base first; with one, the query stays as it is.
        language: The language to prefer, by default that of the knowledge base.
    """
    if len(languages) < 2:
        return text
    tags = [tag.lower() for tag in dict.fromkeys((language or languages[0], languages[0]))]
    edits: list[tuple[int, int, str]] = []
    frames, last, is_template = [_Frame("")], SparqlToken("symbol", "", 0), False
    for token in syntax.tokens(text):
        is_template = token.text != "}" if is_template else token.text == "{" and last.keyword == "CONSTRUCT"
        if not is_template:
            _read(token, frames, edits, tags)
        last = token
    for start, end, words in reversed(edits):
        text = f"{text[:start]}{words}{text[end:]}"
    return text


def _read(token: SparqlToken, frames: list[_Frame], edits: list[tuple[int, int, str]], tags: Sequence[str]) -> None:
    """Read a token of a pattern: open or close a bracket, or add to the triples of the innermost one."""
    frame = frames[-1]
    if token.kind == "close" or token.text == "." or (token.keyword and token.keyword not in _IN_PATTERNS):
        if frame.pending:
            edits.append((token.start, token.start, f"{' '.join(frame.pending)} "))
        frame.pending, frame.path, frame.is_subject = [], [], True
    if token.kind == "open":
        frame.path.append(token)  # what leads through a bracket is no plain path
        frame.subject = "" if frame.is_subject and token.text == "[" else frame.subject
        frames.append(_Frame(token.text, is_subject=token.text != "["))
    elif token.kind == "close":
        if len(frames) > 1:
            frames.pop()
        frames[-1].is_subject = token.text == "}" or (frames[-1].is_subject and token.text == ")")
    elif frame.bracket == "(" or token.text == "." or (token.keyword and token.keyword not in _IN_PATTERNS):
        return
    elif frame.is_subject:
        frame.subject, frame.is_subject, frame.path = token.text, False, []
    elif token.text == ";":
        frame.path = []
    else:
        if token.kind == "variable" and frame.bracket == "{":
            edits += _end_path(token, frame, tags)
        frame.path.append(token)


def _end_path(variable: SparqlToken, frame: _Frame, tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Add the filter of a variable that a path of labels leads to; of a longer path, name the node before its last step."""
    path = [token.text for token in frame.path]
    if path[-1:] and path[-1] in _LABELS and path[-2:-1] == ["/"] and "|" not in path:
        node = f"{variable.text}_node_"
        filter_ = _condition(node, path[-1], variable.text, tags)
        frame.pending.append(f" . {node} {path[-1]} {variable.text} FILTER({filter_})")
        return [(frame.path[-2].start, variable.end, f" {node}")]
    if frame.subject and _LABELS & set(path) and all(text == "|" or ":" in text for text in path):
        frame.pending.append(f" FILTER({_condition(frame.subject, ''.join(path), variable.text, tags)})")
    return []


def _condition(node: str, label: str, variable: str, tags: Sequence[str]) -> str:
    tag, *rest = tags
    other = f"{variable}_{tag.replace('-', '_')}_"
    others = f'NOT EXISTS {{ {node} {label} {other} FILTER(LCASE(LANG({other})) = "{tag}") }}'
    more = f" && ({_condition(node, label, variable, rest)})" if rest else ""
    return f'LCASE(LANG({variable})) = "{tag}" || ({others}{more})'


def word_in(query: Query, languages: Sequence[str], language: str = "") -> str:
    """Return the text of a named question with labels in a language; a query without a question stays as it is.

    Raises:
        KbError: No labels are in the language, or the query is no named question (KB607).
    """
    if language and language.lower() not in map(str.lower, languages):
        raise fail("KB607", f"No label is in {quote(language)}.", f"The labels are in: {', '.join(languages)}.", "language")
    if language and not query.question:
        raise fail("KB607", "Only named questions choose the language of labels.", "Filter by LANG in the query.", "language")
    return choose_labels(query.text, languages, language) if query.question else query.text


def note_other_languages(answer: Answer, language: str) -> list[str]:
    """Tell which texts of an answer are in another language than the one that was asked for, but for numbers with a unit."""
    texts = {term for row in answer.rows for term in row if term and term.startswith('"')} if language else set()
    literals = map(literal_value, texts)
    others = sorted(one.value for one in literals if one.language not in {"", language.lower()} and not is_amount(one.value))
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    shown = f"{', '.join(others[:_MOST_NAMED])}{more}"
    return [f"Not in {language}: {shown}."] if others else []
