"""``make audit``: look up known holes of the pinned libraries, and of the oldest ones that pyproject.toml allows.

The database is OSV (https://osv.dev), which includes PyPA's advisories. One request looks up all libraries; it holds nothing but
their names and versions. Where the database cannot be reached, the audit is reported as not run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # Python adds only the folder of the script

from tools import oldest

DATABASE = "https://api.osv.dev/v1/querybatch"
_ACCEPTED: dict[str, str] = {}  # advisories that do not concern kb, by number, each with the reason


def pins() -> list[tuple[str, str]]:
    """Return name and version of every library, pinned or oldest."""
    lines = [*(ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines(), *oldest.requirements()]
    pairs = (line.partition(";")[0].strip().partition("==") for line in lines)
    return sorted({(name.lower().replace("_", "-"), version) for name, _, version in pairs})


def look_up(libraries: Sequence[tuple[str, str]], database: str) -> list[str]:
    """Return a line for each library with known holes.

    Raises:
        httpx.HTTPError: The database cannot be reached, or does not answer the question.
    """
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in libraries]
    response = httpx.post(database, json={"queries": queries}, timeout=60).raise_for_status()
    lines = []
    for (name, version), result in zip(libraries, response.json()["results"], strict=True):
        holes = sorted({hole["id"] for hole in result.get("vulns", [])} - _ACCEPTED.keys())
        if holes:
            lines.append(f"{name} {version}: {', '.join(holes)} (https://osv.dev/vulnerability/{holes[0]})")
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is known; 1 if there are holes, 0 if there are none or the database cannot be reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default=DATABASE, metavar="URL")
    libraries = pins()
    database = parser.parse_args(arguments).database
    try:
        holes = look_up(libraries, database)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        print(
            f"NOT RUN: the audit of {len(libraries)} libraries, for {database} does not answer: {error or type(error).__name__}"
        )
        return 0
    print("\n".join(holes) or f"None of {len(libraries)} libraries has a known hole.")
    return int(bool(holes))


if __name__ == "__main__":
    sys.exit(main())
