"""What serving needs beyond the rest: the extra ``server``."""

from __future__ import annotations

from importlib.util import find_spec

from kb.problems import fail

_NEEDED = ("starlette", "uvicorn", "webob")


def need() -> None:
    """Make sure that what serving needs is installed.

    Raises:
        KbError: It is not (KB713).
    """
    missing = [each for each in _NEEDED if find_spec(each) is None]
    if missing:
        message = f"Serving needs libraries that are not installed: {', '.join(missing)}."
        raise fail("KB713", message, "Install them: pip install 'linked-kb[server]'.")
