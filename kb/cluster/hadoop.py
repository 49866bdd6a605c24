"""The output folder of a build on a cluster, on any file system that Hadoop supports."""

from __future__ import annotations

from typing import Any

from kb.problems import fail

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
