"""Build on Apache Spark: workers read, check and compile pieces of files, each by the same step as the local build.

The driver reads what is small (``kb.yaml``, terms, predicates, mappings), cuts the rest into pieces, and broadcasts the step.
Workers read their pieces themselves; parts are sliced by document and regrouped, so that duplicates are found in whichever file
they are. A task that is repeated writes the same bytes, so tasks may be lost. A build that fails leaves no ``_SUCCESS``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import Any

from kb.build import parts, refusals, writing
from kb.build.chunks import Piece, cut
from kb.build.joining import JoinResult, choose_bounds
from kb.build.reading import BuildInput
from kb.build.step import Step
from kb.build.writing import BuildPlan
from kb.cluster import edges, hadoop, shards
from kb.cluster.shards import Shard, ShardContext
from kb.files.temporary import TemporaryFolder
from kb.model import KnowledgeBase
from kb.problems import Problem, collect, fail
from kb.records import folder

_LARGE = ("document", "fact")
_SHARDS_PER_CLAIMS = 16  # a plain triple takes less than a sixteenth of the space of its fact
_PROBLEM = "file string, line int, column int, code string, message string, remedy string"


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Settings of a build on Spark."""

    master: str = ""  # the URL of the cluster; by default that of the environment or of ``spark-submit``, or all local cores
    shards: int | None = None  # the number of shards; by size, if not given
    compress: bool = False  # whether to compress shards with gzip
    piece_bytes: int = 32 * 1024 * 1024  # the size of the piece of a file that one task reads
    staging: str = ""  # a folder that every worker can read, for input that has to be copied; by default one of the driver
    conf: Mapping[str, str] = field(default_factory=dict)  # further settings of Spark


@dataclass(frozen=True, slots=True)
class ClusterBuild:
    """The result of a build: counts and problems; if there are problems, no quads are written."""

    counts: dict[str, int]
    shards: int
    problems: Sequence[Problem]


def build(content: str, output: str, settings: ClusterSettings = ClusterSettings()) -> ClusterBuild:
    """Build a knowledge base on Spark.

    Args:
        content: The folder of the knowledge base: one that every worker can read by the same path, or any path that Hadoop
            knows, which is then copied first, as Parquet files are.
        output: The output folder, as any path that Hadoop supports. ``quads/``, ``edges/``, ``labels/``, ``manifest.json`` and,
            at the end, ``_SUCCESS`` are written; or ``problems/``.
        settings: The settings.

    Raises:
        KbError: Spark is not installed (KB713), there is no knowledge base, or the output folder holds other files (KB794).
    """
    session = start(settings)
    try:
        if not hadoop.needs_copy(content):
            return _Build(session, Path(content), output, settings).run()
        with TemporaryFolder(Path(settings.staging) if settings.staging else None) as folder:
            return _Build(session, hadoop.copy_content(session, content, Path(folder)), output, settings).run()
    finally:
        session.stop()


def start(settings: ClusterSettings) -> Any:
    """Start a session, or return the one that is running.

    Raises:
        KbError: Spark is not installed (KB713).
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        message = "The engine 'spark' needs PySpark, which is not installed."
        raise fail("KB713", message, "Run: pip install 'linked-kb[spark]'.") from error
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
    def __init__(self, session: Any, content: Path, output: str, settings: ClusterSettings) -> None:
        self._session, self._context, self._content, self._settings = session, session.sparkContext, content, settings
        self._output = hadoop.OutputFolder(session, output)
        self._folder_problems: list[Problem] = []
        self._small: list[tuple[Path, str]] = []

    def run(self) -> ClusterBuild:
        """Read, check and write."""
        from pyspark import StorageLevel

        self._output.claim()
        pieces = self._pieces()
        read = self._context.parallelize(list(enumerate(pieces)), max(1, len(pieces))).map(shards.read_piece)
        read.persist(StorageLevel.DISK_ONLY)
        reading = self._reading(pieces, read)
        problems = list(refusals.find_record_problems(reading))
        about = reading.dataset() or reading.placeholder_dataset()
        if about is None:
            return self._refuse(reading, problems)
        kb = reading.vocabulary(about)
        runs = [part.run for part in reading.parts if part.run.kind in _LARGE]
        by_size = -(-sum(run.size for run in runs) // shards.SHARD_BYTES)
        bounds = choose_bounds(runs, self._settings.shards or max(1, by_size))
        step = Step(kb.dataset, kb.terms, kb.predicates, retired=kb.retired.values())
        context = self._context.broadcast(ShardContext(bounds, pieces, step, self._content))
        sliced = read.flatMap(partial(shards.slice_part, bounds=bounds)).partitionBy(len(bounds), int)
        joined = JoinResult()
        for _, result in sorted(sliced.mapPartitionsWithIndex(partial(_check, context=context)).collect(), key=itemgetter(0)):
            joined.add(result)
        problems.extend(refusals.find_reference_problems(reading, kb, joined))
        if problems:
            return self._refuse(reading, problems)
        return self._write(reading, kb, joined, sliced, context)

    def _pieces(self) -> list[Piece]:
        files = list(folder.find_inputs(self._content, self._folder_problems))
        self._small = [(path, kind) for path, kind in files if kind not in _LARGE]
        return list(cut(((path, kind) for path, kind in files if kind in _LARGE), self._settings.piece_bytes))

    def _reading(self, pieces: list[Piece], read: Any) -> BuildInput:
        """Return what was read, without the values of facts and documents, which stay with the workers."""
        small = list(cut(self._small))
        large = [part for _, part in sorted(read.mapValues(_without_data).collect(), key=lambda numbered: int(numbered[0]))]
        whole = BuildInput(self._content, (*small, *pieces), (*map(parts.read_part, small), *large), tuple(self._folder_problems))
        return whole.add_import_problems()

    def _refuse(self, reading: BuildInput, problems: Iterable[Problem]) -> ClusterBuild:
        ordered = collect(problems)
        rows = [(*problem.place, problem.code, problem.message, problem.remedy) for problem in ordered]
        self._session.createDataFrame(rows, _PROBLEM).coalesce(1).write.parquet(self._output.path("problems"))
        return ClusterBuild(reading.counts, 0, ordered)

    def _write(self, reading: BuildInput, kb: KnowledgeBase, joined: JoinResult, sliced: Any, context: Any) -> ClusterBuild:
        written = self._context.accumulator({}, _accumulator())
        plan = BuildPlan(kb, reading.source("fact"), reading.source("document"), joined)
        head = self._context.parallelize(list(shards.join_texts(line.decode("utf-8") for line in writing.write_rest(plan))), 1)
        body = sliced.mapPartitionsWithIndex(partial(_compile, context=context, method=Shard.quads))
        count = -(-sliced.getNumPartitions() // _SHARDS_PER_CLAIMS)
        lines = sliced.mapPartitionsWithIndex(partial(_compile, context=context, method=Shard.claims))
        choose = partial(shards.choose_claims_shard, shards=count)
        claims = lines.map(lambda line: (line, None)).repartitionAndSortWithinPartitions(count, choose)
        quads = self._context.union([head, claims.mapPartitions(shards.write_claims), body])
        counted = quads.mapPartitionsWithIndex(partial(_count, written=written))
        codec = "org.apache.hadoop.io.compress.GzipCodec" if self._settings.compress else None
        counted.saveAsTextFile(self._output.path("_quads"), codec)
        names = self._output.publish_quads()
        rows = sliced.mapPartitionsWithIndex(partial(_compile, context=context, method=Shard.edges))
        table = self._session.createDataFrame(rows, edges.spark_schema(), verifySchema=False)
        table.write.parquet(self._output.path("edges"))
        labels = self._session.createDataFrame(list(edges.label_rows(kb)), "sort string, id string, kind string, label string")
        labels.coalesce(1).write.parquet(self._output.path("labels"))
        counts = {**reading.counts, "quads": sum(lines for lines, _ in written.value.values())}
        listed = [{"file": name, "quads": written.value[at][0], "sha256": written.value[at][1]} for at, name in enumerate(names)]
        manifest = {"knowledge base": kb.dataset.id, "version": kb.dataset.version, "counts": counts, "shards": listed}
        self._output.write("manifest.json", json.dumps(manifest, indent=1) + "\n")
        self._output.write("_SUCCESS", "")
        return ClusterBuild(counts, len(names), [])


def _without_data(part: parts.Part) -> parts.Part:
    return part._replace(run=part.run._replace(data=b""))


def _check(number: int, slices: Iterable[Any], context: Any) -> Iterator[tuple[int, JoinResult]]:
    joined = Shard(number, slices, context.value).check()
    joined.documents[:] = [document._replace(covered=b"") for document in joined.documents]  # found again when it is compiled
    yield number, joined


def _compile(number: int, slices: Iterable[Any], context: Any, method: Callable[[Shard], Iterator[Any]]) -> Iterator[Any]:
    return method(Shard(number, slices, context.value))


def _count(number: int, texts: Iterable[str], written: Any) -> Iterator[str]:
    """Pass chunks on, without the last line end, which Spark adds; report the number of lines and their digest."""
    lines, digest = 0, sha256()
    for text in texts:
        lines += text.count("\n")
        digest.update(text.encode("utf-8"))
        yield text.removesuffix("\n")
    written.add({number: (lines, digest.hexdigest())})


def _accumulator() -> Any:
    """Make the accumulator of counts: a task that ran twice reports the same counts twice."""
    from pyspark.accumulators import AccumulatorParam

    class Counts(AccumulatorParam[dict[int, Any]]):  # type: ignore[misc] # of an extra
        def zero(self, value: dict[int, Any]) -> dict[int, Any]:  # noqa: ARG002 - Spark's signature
            return {}

        def addInPlace(self, value1: dict[int, Any], value2: dict[int, Any]) -> dict[int, Any]:  # noqa: N802 - as above
            return {**value1, **value2}

    return Counts()
