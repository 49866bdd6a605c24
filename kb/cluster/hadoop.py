"""The output folder of a cluster build, on whatever file system Hadoop knows."""

from __future__ import annotations

from typing import Any

from kb.problems import fail

_OURS = ("quads", "edges", "labels", "problems", "manifest.json", "_quads", "_SUCCESS")


class Files:
    """A folder of output.

    Args:
        session: The Spark session.
        folder: Where it lies.
    """

    def __init__(self, session: Any, folder: str) -> None:
        context = session.sparkContext
        self._path: Any = context._jvm.org.apache.hadoop.fs.Path
        self._folder = folder.rstrip("/")
        self._system: Any = self._path(self._folder).getFileSystem(context._jsc.hadoopConfiguration())

    def path(self, name: str) -> str:
        """Give the path of something in it."""
        return f"{self._folder}/{name}"

    def _at(self, name: str) -> Any:
        return self._path(self.path(name))

    def claim(self) -> None:
        """Take the folder for a new build: what an earlier one wrote goes, its ``_SUCCESS`` first.

        Raises:
            KbError: It holds other things (KB794).
        """
        if self._system.exists(self._path(self._folder)):
            others = sorted(each.getPath().getName() for each in self._system.listStatus(self._path(self._folder)))
            others = [each for each in others if each not in _OURS]
            if others:
                message = f"The output folder holds what no build wrote: {', '.join(others[:5])}."
                raise fail("KB794", message, "Name a new folder, or empty it.", self._folder)
        for name in reversed(_OURS):
            self._system.delete(self._at(name), True)

    def publish_quads(self) -> list[str]:
        """Give shards their names once all are complete."""
        parts = sorted(each.getPath().getName() for each in self._system.listStatus(self._at("_quads")))
        parts = [each for each in parts if each.startswith("part-")]
        names = [f"quads/{each.replace('part-', 'shard-').partition('.')[0]}.nq{'.gz' * each.endswith('.gz')}" for each in parts]
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
