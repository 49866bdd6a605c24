"""Files of caches: each is replaced atomically, none is flushed to disk, and a cache that cannot be written only costs time.

Only what belongs to this user is read, written or removed: files, and the folders and links that lead to them. So another user
of a shared cache folder can neither plant results nor have files removed elsewhere.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from zlib import crc32

from kb import resources

_TOP = "linked-kb"
_TEMPORARY = ".tmp"
_DAY = 24 * 60 * 60
_CHECKSUM = 4  # bytes at the start of each file


def locate(cache: str, folder: Path) -> Path:
    """Return the place in a cache of what is made from a folder."""
    name = sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return resources.cache_folder(cache) / name


def read(path: Path, largest: int = sys.maxsize) -> bytes | None:
    """Read a file of a cache; nothing if it is missing, larger than ``largest`` bytes, damaged, or no file of this user."""
    with suppress(OSError):
        require_own(path.parent)
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            stat = os.fstat(file.fileno())
            if S_ISREG(stat.st_mode) and stat.st_uid == os.geteuid() and stat.st_size <= largest:
                checksum, content = file.read(_CHECKSUM), file.read()
                return content if checksum == crc32(content).to_bytes(_CHECKSUM, "big") else None
    return None


def require_own(folder: Path) -> None:
    """Check that a folder belongs to this user, and so do the links to it, and those above it in the cache."""
    for above in (folder, *folder.parents) if _TOP in folder.parts else (folder,):
        if {os.lstat(above).st_uid, os.stat(above).st_uid} != {os.geteuid()}:
            raise PermissionError(0, "It belongs to another user", str(above))
        if above.name == _TOP:
            return


def write(path: Path, content: bytes, *, most: int = sys.maxsize) -> None:
    """Write a file of a cache, which only this user may read, and prune the cache to a number of files, if it can be written."""
    import tempfile  # takes long, and is not needed where the cache is up to date

    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=_TEMPORARY, delete=False) as file:
            try:
                file.write(crc32(content).to_bytes(_CHECKSUM, "big"))
                file.write(content)
                file.close()
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
    if most < sys.maxsize:
        prune(path.parent, files=most)


def prune(folder: Path, *, files: int = sys.maxsize, size: int = sys.maxsize) -> None:
    """Remove from a cache what was not used for longest, and what killed processes left half-written.

    At most ``files`` files, of ``size`` bytes in all, remain.
    """
    with suppress(OSError):
        require_own(folder)
        paths = (os.path.join(top, name) for top, _, names in os.walk(folder) for name in names)
        for stat, path in sorted(((os.lstat(path), path) for path in paths), key=lambda pair: -pair[0].st_mtime_ns):
            files, size = files - 1, size - stat.st_size
            is_left_over = path.endswith(_TEMPORARY) and time.time() - stat.st_mtime > _DAY
            if files < 0 or size < 0 or is_left_over:
                with suppress(FileNotFoundError):  # another process removes the same
                    os.unlink(path)
