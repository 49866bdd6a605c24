"""A knowledge base that lies where Python cannot read it, or whose records are Parquet, laid out as files that workers can read.

Small files are copied by the driver; facts and documents go through the engine, whose workers write them as JSON Lines.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from kb.problems import fail

_ROOMS = ("documents", "facts")
_LINES = (".jsonl", ".jsonl.gz")


def needs(content: str) -> bool:
    """Tell whether a knowledge base has to be staged: it is on another file system, or has Parquet files."""
    if "://" in content:
        return True
    return any(path.suffix == ".parquet" for room in _ROOMS for path in Path(content, room).rglob("*"))


def stage(session: Any, content: str, folder: Path) -> Path:
    """Lay a knowledge base out.

    Args:
        session: The Spark session.
        content: Where it lies, as a path that Hadoop knows.
        folder: Where to, as a path that every worker sees.

    Returns:
        The folder that holds ``kb.yaml``.

    Raises:
        KbError: There is none there.
    """
    context = session.sparkContext
    hadoop = context._jvm.org.apache.hadoop.fs
    top = hadoop.Path(content)
    system = top.getFileSystem(context._jsc.hadoopConfiguration())
    if not system.exists(hadoop.Path(top, "kb.yaml")):
        raise fail("KB112", "The folder has no kb.yaml.", "Name the folder of a knowledge base.", content)
    start = str(system.makeQualified(top).toUri().getPath()).rstrip("/") + "/"
    found = system.listFiles(top, True)
    while found.hasNext():
        path = found.next().getPath()
        name = PurePosixPath(str(path.toUri().getPath()).removeprefix(start))
        if name.parts[0] in _ROOMS and name.name.lower().endswith((*_LINES, ".parquet")):
            _lines(session, str(path.toString()), folder / name.parent / name.name.partition(".")[0])
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            system.copyToLocalFile(False, path, hadoop.Path(f"file://{folder / name}"), True)
    return folder


def _lines(session: Any, source: str, target: Path) -> None:
    """Write a file as JSON Lines, one file for each part of it."""
    rows = session.read.parquet(source).toJSON() if source.endswith(".parquet") else session.sparkContext.textFile(source)
    rows.saveAsTextFile(f"file://{target}")
    for part in target.glob("part-*"):
        part.rename(target / f"{part.name}.jsonl")
    for other in [*target.glob(".*"), *target.glob("_*")]:
        other.unlink()
