"""Copy a knowledge base to where workers can read it: one on a file system of Hadoop, or one whose records are Parquet.

Small files are copied by the driver. Facts and documents go through Spark, whose workers write them as JSON Lines.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from kb.files import boundary
from kb.problems import fail

_LARGE = ("documents", "facts")  # folders of records that workers copy
_LINES = (".jsonl", ".jsonl.gz")


def is_needed(content: str) -> bool:
    """Return whether a knowledge base has to be copied: it is on another file system, or has Parquet files."""
    if "://" in content:
        return True
    walked = chain.from_iterable(boundary.walk(Path(content, name), lambda _: None) for name in _LARGE)
    return any(entry.name.endswith(".parquet") for _, entries in walked for entry in entries)


def stage(session: Any, content: str, folder: Path) -> Path:
    """Copy a knowledge base.

    Args:
        session: The Spark session.
        content: Its folder, as a path that Hadoop supports.
        folder: Where to, as a path that every worker sees.

    Returns:
        The folder that holds ``kb.yaml``.

    Raises:
        KbError: The folder has no ``kb.yaml`` (KB112).
    """
    context = session.sparkContext
    hadoop = context._jvm.org.apache.hadoop.fs
    top = hadoop.Path(content)
    system = top.getFileSystem(context._jsc.hadoopConfiguration())
    if not system.exists(hadoop.Path(top, "kb.yaml")):
        raise fail("KB112", "The folder has no kb.yaml.", "Name the folder of a knowledge base.", content)
    start = str(system.makeQualified(top).toUri().getPath()).rstrip("/") + "/"
    files = system.listFiles(top, True)
    while files.hasNext():
        path = files.next().getPath()
        name = PurePosixPath(str(path.toUri().getPath()).removeprefix(start))
        if name.parts[0] in _LARGE and name.name.lower().endswith((*_LINES, ".parquet")):
            _copy_lines(session, str(path.toString()), folder / name.parent / name.name.partition(".")[0])
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            system.copyToLocalFile(False, path, hadoop.Path(f"file://{folder / name}"), True)
    return folder


def _copy_lines(session: Any, source: str, target: Path) -> None:
    """Copy a file as JSON Lines, one file for each partition of it."""
    rows = session.read.parquet(source).toJSON() if source.endswith(".parquet") else session.sparkContext.textFile(source)
    rows.saveAsTextFile(f"file://{target}")
    for part in target.glob("part-*"):
        part.rename(target / f"{part.name}.jsonl")
    for other in [*target.glob(".*"), *target.glob("_*")]:
        other.unlink()
