"""The names of vocabularies, by the prefix of their identifiers."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return names


def name_of(curie: str) -> str:
    """Return the name of the vocabulary of an identifier; its prefix if the name is not known."""
    prefix = curie.partition(":")[0]
    return _names().get(prefix.lower(), prefix)
