"""The line on Apache Spark: pieces of files are read, judged and compiled by the workers, each by the one step.

The driver reads what is small (``kb.yaml``, terms, predicates, mappings), cuts the rest into pieces, and sends the step
along. Workers read their pieces themselves; parts are cut by document and brought together, so that duplicates meet
wherever they stood. Nothing is left to a task that another attempt at it would not do again with the same bytes, so
tasks may be lost and repeated. A build that did not end leaves no ``_SUCCESS``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from kb import pipeline
from kb.build import parts, writing
from kb.build.chunks import Piece, cut
from kb.build.joining import Joined
from kb.build.reading import Reading
from kb.build.step import Step
from kb.build.writing import BuildPlan
from kb.cluster import edges, shards, staging
from kb.cluster.hadoop import Files
from kb.cluster.shards import Cuts, Shard
from kb.model import KnowledgeBase
from kb.problems import Problem, fail
from kb.records import folder

_LARGE = ("document", "fact")
_GATHERED = 10_000  # lines of the driver that move through the engine at once
_PROBLEM = "file string, line int, column int, code string, message string, remedy string"


class Settings(NamedTuple):
    """How to run.

    Args:
        master: The cluster, as Spark names it; if not given, what the environment or ``spark-submit`` says, or all cores here.
        shards: How many shards to write; as many as their size asks for, if not given.
        compress: Whether to write shards with gzip.
        piece_bytes: About how many bytes of a file one task reads.
        staging: A folder that every worker sees, for what has to be laid out first; the driver's own if not given.
        conf: Further settings of Spark.
    """

    master: str = ""
    shards: int | None = None
    compress: bool = False
    piece_bytes: int = 32 * 1024 * 1024
    staging: str = ""
    conf: Mapping[str, str] = {}


class Built(NamedTuple):
    """What a build made: numbers, and what is wrong; where something is, no quads are written."""

    counts: dict[str, int]
    shards: int
    problems: list[Problem]


def build(content: str, output: str, settings: Settings = Settings()) -> Built:
    """Build a knowledge base on Spark.

    Args:
        content: The folder of the knowledge base: one that every worker can read by the same path, or any path that Hadoop
            knows, which is then laid out for them first; so are Parquet files.
        output: Where to, as any path that Hadoop knows: ``quads/``, ``edges/``, ``labels/``, ``manifest.json`` and, when
            all is done, ``_SUCCESS``; or ``problems/``.
        settings: How to run.

    Raises:
        KbError: Spark is not installed (KB713), there is no knowledge base, or the output holds other things (KB794).
    """
    session = start(settings)
    try:
        if not staging.needs(content):
            return _Build(session, Path(content), output, settings).run()
        with TemporaryDirectory(prefix="kb-spark-", dir=settings.staging or None) as folder:
            return _Build(session, staging.stage(session, content, Path(folder)), output, settings).run()
    finally:
        session.stop()


def start(settings: Settings) -> Any:
    """Start a session, or take the one that runs.

    Raises:
        KbError: Spark is not installed (KB713).
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise fail(
            "KB713", "The engine 'spark' needs PySpark, which is not installed.", "Run: pip install 'linked-kb[spark]'."
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if settings.master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder: Any = SparkSession.builder
    builder = builder.appName("kb build")
    if settings.master or "SPARK_MASTER" not in os.environ:
        builder = builder.master(settings.master or "local[*]")
    for key, value in {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", **settings.conf}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


class _Build:
    """One build."""

    def __init__(self, session: Any, content: Path, output: str, settings: Settings) -> None:
        self._session, self._context = session, session.sparkContext
        self._content, self._settings = content, settings
        self._files = Files(session, output)
        self._folder_problems: list[Problem] = []
        self._small: list[tuple[Path, str]] = []

    def run(self) -> Built:
        """Read, judge, and write."""
        self._files.claim()
        pieces = self._pieces()
        read = self._context.parallelize(list(enumerate(pieces)), max(1, len(pieces))).map(shards.read)
        read.persist(_on_disk())
        reading = self._reading(pieces, read)
        problems = list(pipeline.found_alone(reading))
        about = reading.about() or reading.stand_in()
        if about is None:
            return self._refuse(reading, problems)
        kb = reading.vocabulary(about)
        cuts = shards.choose((part.run for part in reading.parts if part.run.kind in _LARGE), self._settings.shards)
        step = self._context.broadcast(Step(kb.dataset, kb.terms, kb.predicates))
        found = read.flatMap(partial(shards.slices, cuts=cuts)).partitionBy(len(cuts), int)
        make = partial(_shard, cuts=cuts, pieces=pieces, step=step, folder_=self._content)
        joined = _merged(found.mapPartitionsWithIndex(partial(_judge, make=make)).collect())
        problems.extend(pipeline.explain(reading, kb, joined))
        if problems:
            return self._refuse(reading, problems)
        return self._write(reading, kb, joined, found, make)

    def _pieces(self) -> list[Piece]:
        files = list(folder.files(self._content, self._folder_problems))
        self._small = [(path, kind) for path, kind in files if kind not in _LARGE]
        return list(cut(((path, kind) for path, kind in files if kind in _LARGE), self._settings.piece_bytes))

    def _reading(self, pieces: list[Piece], read: Any) -> Reading:
        """Give what was read, but for the values of facts and documents, which stay with the workers."""
        small = list(cut(self._small))
        large = [part for _, part in sorted(read.mapValues(_without_data).collect(), key=lambda each: int(each[0]))]
        return Reading(self._content, (*small, *pieces), (*map(parts.read, small), *large), tuple(self._folder_problems))

    def _refuse(self, reading: Reading, problems: Iterable[Problem]) -> Built:
        ordered = sorted(set(problems))
        rows = [(each.place.file, each.place.line, each.place.column, each.code, each.message, each.remedy) for each in ordered]
        self._session.createDataFrame(rows, _PROBLEM).coalesce(1).write.parquet(self._files.path("problems"))
        return Built(reading.counts, 0, ordered)

    def _write(self, reading: Reading, kb: KnowledgeBase, joined: Joined, found: Any, make: Any) -> Built:
        written = self._context.accumulator({}, _accumulated())
        plan = BuildPlan(kb, reading.source("fact"), reading.source("document"), joined)
        head = self._context.parallelize(list(_texts(writing.outside(plan))), 1)
        body = found.mapPartitionsWithIndex(partial(_quads, make=make))
        noted = head.union(body).mapPartitionsWithIndex(partial(_noted, written=written))
        codec = "org.apache.hadoop.io.compress.GzipCodec" if self._settings.compress else None
        noted.saveAsTextFile(self._files.path("_quads"), codec)
        names = self._files.publish_quads()
        rows = found.mapPartitionsWithIndex(partial(_edges, make=make))
        table = self._session.createDataFrame(rows, edges.schema(), verifySchema=False)
        table.write.parquet(self._files.path("edges"))
        labels = self._session.createDataFrame(list(edges.labels(kb)), "sort string, id string, kind string, label string")
        labels.coalesce(1).write.parquet(self._files.path("labels"))
        counts = {**reading.counts, "quads": sum(lines for lines, _ in written.value.values())}
        listed = [{"file": name, "quads": written.value[at][0], "sha256": written.value[at][1]} for at, name in enumerate(names)]
        manifest = {"knowledge base": kb.dataset.id, "version": kb.dataset.version, "counts": counts, "shards": listed}
        self._files.write("manifest.json", json.dumps(manifest, indent=1) + "\n")
        self._files.write("_SUCCESS", "")
        return Built(counts, len(names), [])


def _on_disk() -> Any:
    from pyspark import StorageLevel

    return StorageLevel.DISK_ONLY


def _without_data(part: parts.Part) -> parts.Part:
    return part._replace(run=part.run._replace(data=b""))


def _shard(number: int, found: Iterable[Any], cuts: Cuts, pieces: list[Piece], step: Any, folder_: Path) -> Shard:  # noqa: PLR0913, PLR0917 - all but the first two are bound once
    return Shard(number, cuts, found, pieces, step.value, folder_)


def _judge(number: int, found: Iterable[Any], make: Any) -> Iterator[tuple[int, Joined]]:
    joined = make(number, found).judge()
    joined.documents[:] = [each._replace(covered=b"") for each in joined.documents]  # who compiles them finds it again
    yield number, joined


def _quads(number: int, found: Iterable[Any], make: Any) -> Iterator[str]:
    yield from make(number, found).quads()


def _edges(number: int, found: Iterable[Any], make: Any) -> Iterator[tuple[Any, ...]]:
    yield from make(number, found).edges()


def _noted(number: int, texts: Iterable[str], written: Any) -> Iterator[str]:
    """Pass chunks on, without the last line end, which the engine adds; note how many lines and their digest."""
    lines, digest = 0, sha256()
    for text in texts:
        lines += text.count("\n")
        digest.update(text.encode("utf-8"))
        yield text.removesuffix("\n")
    written.add({number: (lines, digest.hexdigest())})


def _accumulated() -> Any:
    """Make the sum of what tasks note: a task that ran twice notes the same twice."""
    from pyspark.accumulators import AccumulatorParam

    class Noted(AccumulatorParam[dict[int, Any]]):  # type: ignore[misc] # of an extra
        def zero(self, value: dict[int, Any]) -> dict[int, Any]:  # noqa: ARG002 - Spark's signature
            return {}

        def addInPlace(self, value1: dict[int, Any], value2: dict[int, Any]) -> dict[int, Any]:  # noqa: N802 - as above
            return {**value1, **value2}

    return Noted()


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    """Gather lines into texts of some size."""
    left = iter(lines)
    while group := list(islice(left, _GATHERED)):
        yield b"".join(group).decode("utf-8")


def _merged(found: Iterable[tuple[int, Joined]]) -> Joined:
    """Put together what the shards found, in their order."""
    whole = Joined()
    for _, joined in sorted(found, key=lambda each: each[0]):
        whole.add(joined)
    return whole
