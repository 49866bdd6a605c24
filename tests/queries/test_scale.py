"""Named queries over a thousand facts: the work of each grows with the facts, even where it pairs them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from benchmarks import generate
from kb import queries, resources
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.queries.store_build import build_store, open_store
from kb.sparql import engines, library
from kb.sparql.values import Answer, Question

#: Seconds of processor time that a query may take over so few facts. Most take a tenth of one; pairing all with all took minutes.
BOUND = 5.0
#: Every pair of effects of every drug is an answer of tens of thousands of rows; people name one of the two.
GIVEN = {"effects-together": {"one": "effect-0"}}


@pytest.mark.long("seventy queries over thousands of facts")
def test_every_named_query_is_answered_over_thousands_of_facts(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("many")
    generate.write(folder / "content", 1_000)
    build_store(folder / "content", folder / "store")
    base = open_store(folder / "store")
    names = list(library.list_query_files(resources.content()))
    texts = [queries.bind_query(base, queries.find_query(base, name), GIVEN.get(name, {})) for name in names]

    def timed() -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
        load, ask = engines.import_engine("oxigraph")

        def ask_all(store: Any, question: Question) -> Answer:
            taken = [time.process_time()]
            for text in texts:
                ask(store, replace(question, text=text))
                taken.append(time.process_time())
            return Answer("select", ("seconds",), tuple((str(end - start),) for start, end in pairwise(taken)))

        return load, ask_all

    question = Question(b"", "", base.names.prefixes, base.names.base, store=base.store)
    answer = sandbox.answer(timed, question, Limits(seconds=600))
    slow = {name: row[0] for name, row in zip(names, answer.rows, strict=True) if float(row[0] or 0) > BOUND}
    assert not slow
