"""Engines that answer SPARQL over a dataset, one module each, all with the same two functions.

``load(question)`` reads the data and warms the engine up; its result is passed to ``ask``, which answers. Between
the two the sandbox forbids opening files and sockets, so ``ask`` must neither open files nor import modules.

::

    oxigraph     in memory or over a store on disk: the default
    disk_store   builds, publishes and opens stores on disk
    store_changes    changes the statements of a store
    store_integrity  compares the files of a store with what was written
    rdflib       in memory: slower, for comparison
    remote       an endpoint elsewhere, by the SPARQL 1.1 Protocol
    conventions  what answers and errors of the local engines have in common
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from kb.sparql.values import Answer, Question


def import_engine(name: str) -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
    """Import an engine and return its functions ``load`` and ``ask``; ``name`` is one of ``values.ENGINES``."""
    module = import_module(f"kb.sparql.engines.{name}")
    return module.load, module.ask
