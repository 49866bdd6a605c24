"""Files on any file system that Hadoop supports: the input, copied to where workers can read it, and the output folder.

A knowledge base is copied if it is on another file system or if its records are Parquet. Small files are copied by the driver.
Facts and documents go through Spark, whose workers write them as JSON Lines.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from kb.files import boundary
from kb.problems import fail

_LARGE = ("documents", "facts")  # folders of records that workers copy
_LINES = (".jsonl", ".jsonl.gz")
_OUTPUTS = ("quads", "edges", "labels", "problems", "manifest.json", "_quads", "_SUCCESS")


class OutputFolder:
    """The output folder of a build, by its path."""

    def __init__(self, session: Any, folder: str) -> None:
        context = session.sparkContext
        self._path: Any = context._jvm.org.apache.hadoop.fs.Path
        self._folder = folder.rstrip("/")
        self._system: Any = self._path(self._folder).getFileSystem(context._jsc.hadoopConfiguration())

    def path(self, name: str) -> str:
        """Return the path of something in it."""
        return f"{self._folder}/{name}"

    def _at(self, name: str) -> Any:
        return self._path(self.path(name))

    def claim(self) -> None:
        """Empty the folder for a new build: the output of an earlier one is removed, its ``_SUCCESS`` first.

        Raises:
            KbError: It holds other files (KB794).
        """
        if self._system.exists(self._path(self._folder)):
            names = sorted(status.getPath().getName() for status in self._system.listStatus(self._path(self._folder)))
            others = [name for name in names if name not in _OUTPUTS]
            if others:
                message = f"The output folder holds files that no build wrote: {', '.join(others[:5])}."
                raise fail("KB794", message, "Name a new folder, or empty it.", self._folder)
        for name in reversed(_OUTPUTS):
            self._system.delete(self._at(name), True)

    def publish_quads(self) -> list[str]:
        """Rename the shards into place once all are complete, and return their names."""
        files = sorted(status.getPath().getName() for status in self._system.listStatus(self._at("_quads")))
        parts = [name for name in files if name.startswith("part-")]
        names = [f"quads/{part.replace('part-', 'shard-').partition('.')[0]}.nq{'.gz' * part.endswith('.gz')}" for part in parts]
        self._system.mkdirs(self._at("quads"))
        for part, name in zip(parts, names, strict=True):
            self._system.rename(self._at(f"_quads/{part}"), self._at(name))
        self._system.delete(self._at("_quads"), True)
        return names

    def write(self, name: str, text: str) -> None:
        """Write a small file."""
        stream = self._system.create(self._at(name), True)
        try:
            stream.write(bytearray(text.encode("utf-8")))
        finally:
            stream.close()


def needs_copy(content: str) -> bool:
    """Return whether a knowledge base has to be copied: it is on another file system, or has Parquet files."""
    if "://" in content:
        return True
    walked = chain.from_iterable(boundary.walk(Path(content, name), lambda _: None) for name in _LARGE)
    return any(entry.name.endswith(".parquet") for _, entries in walked for entry in entries)


def copy_content(session: Any, content: str, folder: Path) -> Path:
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
