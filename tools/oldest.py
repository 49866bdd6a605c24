"""Print requirements with the oldest version of each library that pyproject.toml allows.

``make test-oldest`` installs them and tests kb with them. The tools of the tests keep the versions in ``constraints.txt``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:>=\s*(?P<oldest>[0-9][0-9.]*))?(?P<marker>\s*;.*)?")
_LEFT_OUT = ("dev", "spark")  # tools, and what has tests of its own
_CHECKERS = ("import-linter", "mypy", "pandas-stubs", "ruff", "types-")  # of the code, whose result does not depend on libraries


def requirements() -> Iterator[str]:
    """Yield the requirements, sorted by name.

    Raises:
        ValueError: A requirement has no lower bound, or another one as well.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    oldest = {}
    for requirement in [*project["dependencies"], *(each for name in extras if name not in _LEFT_OUT for each in extras[name])]:
        match = _REQUIREMENT.fullmatch(requirement)
        if match is None or match["oldest"] is None:
            message = f"{requirement} has no lower bound of the form NAME>=VERSION."
            raise ValueError(message)
        oldest[match["name"].lower()] = f"{match['name']}=={match['oldest']}{match['marker'] or ''}"
    tools = {match["name"].lower() for each in extras["dev"] if (match := _REQUIREMENT.match(each))} - oldest.keys()
    for pin in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        name = pin.partition("==")[0].lower().replace("_", "-")
        if name in tools and not name.startswith(_CHECKERS):
            oldest[name] = pin
    yield from (oldest[name] for name in sorted(oldest))


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in requirements())
