"""STORE: engines that answer SPARQL over a dataset, one module each, all with the same two functions.

``load(question)`` reads the data and warms the engine up; what it gives is passed to ``ask``, which answers. Between
the two the sandbox closes every way out, so ``ask`` must neither open files nor import modules.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from kb.answers import Answer, Question

#: The engines by name; the first is the one that is used unless another is named.
ENGINES = ("oxigraph", "rdflib")


def engine(name: str) -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
    """Give the two functions of an engine, importing it now."""
    module = import_module(f"kb.stores.{name}")
    return module.load, module.ask
