"""The names of vocabularies by the prefix of their identifiers, and the labels of types of evidence."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _names() -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return names


def name_of(curie: str) -> str:
    """Return the name of the vocabulary of an identifier; its prefix if the name is not known."""
    prefix = curie.partition(":")[0]
    return _names()["vocabularies"].get(prefix.lower(), prefix)


def evidence_label(curie: str) -> str:
    """Return the label of a type of evidence (ECO); the identifier itself if the label is not known."""
    return _names()["evidence"].get(curie, curie)
