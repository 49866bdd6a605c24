"""Several values of one qualifier: how the model spells them, in words, and their RDF.

Inside the model, they are text: ``any-of,liver-disease,old-age``, the terms sorted; the comma tells them from ids and quantities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kb.model import SEPARATOR, split_values
from kb.rdf.iris import KB, RDF, SKOS
from kb.rdf.quads import iri, literal

#: What stands between the IRI of a fact and the qualifier that has several values.
GROUP = "/group/"
#: The class of the node, by how its members belong together.
CLASSES = {"all-of": f"{KB}AllOf", "any-of": f"{KB}AnyOf"}
_MARKS = {"all-of": "all of", "any-of": "any of"}


def spell(value: Mapping[str, Sequence[str]]) -> str:
    """Spell several values, as records have them."""
    ((kind, members),) = value.items()
    return SEPARATOR.join((kind, *sorted(members)))


def word(text: str, name: Callable[[str], str]) -> str:
    """Put several values into words: ``any of (liver disease, old age)``; each member has a name."""
    kind = text.partition(SEPARATOR)[0]
    return f"{_MARKS[kind]} ({', '.join(map(name, split_values(text)))})"


def compile_rows(text: str, terms: str, words: str, language: str) -> tuple[str, ...]:
    """Compile the rows of the node of several values, sorted; ``terms`` is the start of the terms' IRIs, with its bracket."""
    rows = [f" {iri(f'{RDF}type')} {iri(CLASSES[text.partition(SEPARATOR)[0]])}"]
    rows += [f" {iri(f'{KB}member')} {terms}{member}>" for member in split_values(text)]
    rows += [f" {iri(f'{SKOS}prefLabel')} {literal(words, language=language)}"] if words else []
    return tuple(sorted(rows))
