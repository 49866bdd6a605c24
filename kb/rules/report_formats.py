"""Reports of problems for other programs: SARIF 2.1.0, JUnit XML, and workflow commands of GitHub.

Each writer takes the same :class:`Report` and yields pieces of text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kb.problems import RULES, Place, Problem

if TYPE_CHECKING:
    from kb.rules.rule_pages import RulePage

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# Characters that XML 1.0, section 2.2, excludes from documents.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Surrogates that do not stand for a byte of a file name (PEP 383).
_NOT_A_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
# Characters to escape in the message of a workflow command, and two more in its properties.
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run of a command such as ``kb validate``: its problems, its exit code, and a sentence that sums it up."""

    command: str
    problems: Sequence[Problem]
    exit: int
    summary: str


def sarif(report: Report) -> Iterator[str]:
    """Write a log of SARIF 2.1.0 with one run, and the pages of the rules that its results refer to."""
    from importlib.metadata import version

    from kb.rules import rule_pages

    codes = sorted({problem.code for problem in report.problems})
    run = {
        "tool": {
            "driver": {
                "name": "kb",
                "semanticVersion": version("linked-kb"),
                "informationUri": "https://w3id.org/linked-kb/",
                "rules": [_rule(page, "\n".join(rule_pages.page_lines(page))) for page in map(rule_pages.load_page, codes)],
            }
        },
        "invocations": [{"executionSuccessful": report.exit in {0, 1}, "exitCode": report.exit}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(problem.code), _level(report, problem)) for problem in report.problems],
        "properties": {"command": report.command, "summary": report.summary},
    }
    # ASCII with escapes: UTF-8 cannot encode half a surrogate pair, which the name of a file may contain.
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(page: RulePage, help_text: str) -> dict[str, Any]:
    """Describe a rule (reportingDescriptor, section 3.49); its former codes are its deprecated ids (section 3.49.4)."""
    return {
        "id": page.code,
        "name": page.name,
        **({"deprecatedIds": list(page.redirects)} if page.redirects else {}),
        "shortDescription": {"text": f"{page.title[0].upper()}{page.title[1:]}."},
        "fullDescription": {"text": page.what},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": "error"},
        "properties": {"status": page.status, "section": page.section},
    }


def _level(report: Report, problem: Problem) -> str:
    """Return the level of a result: a warning where the rule warns, or the run succeeds in spite of it."""
    return "error" if report.exit and RULES[problem.code].exit else "warning"


def _result(problem: Problem, index: int, level: str) -> dict[str, Any]:
    """Describe a problem; without a file there is no location, as section 3.27.12 allows."""
    place, message = problem.place, {"text": f"{problem.message} {problem.remedy}"}
    result: dict[str, Any] = {"ruleId": problem.code, "ruleIndex": index, "level": level, "message": message}
    if _is_file(place):
        region = {"startLine": place.line, **({"startColumn": place.column} if place.column else {})}
        physical = {"artifactLocation": {"uri": _uri(place.file)}, **({"region": region} if place.line else {})}
        result["locations"] = [{"physicalLocation": physical}]
    return result


def _is_file(place: Place) -> bool:
    return not place.file.startswith("<") and place.file != "kb"


def _relative(file: str) -> str:
    """Return a path relative to the working directory if it is below: hosts resolve it from there."""
    path, folder = Path(file), Path.cwd()
    return path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else path.as_posix()


def _uri(file: str) -> str:
    """Return the reference to a file by RFC 3986: relative for a relative path, ``file:`` for an absolute one."""
    path = _relative(file)
    encoded = quote(_NOT_A_BYTE.sub("\ufffd", path).encode("utf-8", "surrogateescape"), safe="/~!$&'()*+,;=@")
    return f"file://{encoded}" if path.startswith("/") else encoded


def junit(report: Report) -> Iterator[str]:
    """Write a test suite in which each problem is a failed test, or a skipped one where the run succeeds."""
    from xml.etree import ElementTree as ET

    count, kind = len(report.problems), "failure" if report.exit else "skipped"
    counts = {"tests": str(max(1, count)), "failures": str(count if report.exit else 0), "errors": "0"}
    suites = ET.Element("testsuites", {"name": report.command, **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": report.command, **counts, "skipped": str(0 if report.exit else count)})
    for problem in report.problems:
        name = _xml(f"{problem.code} {RULES[problem.code].title} at {problem.place}")
        case = ET.SubElement(suite, "testcase", {"classname": _xml(_relative(problem.place.file)), "name": name})
        failure = {"type": problem.code, "message": _xml(problem.message)}
        ET.SubElement(case, kind, failure).text = _xml(str(problem))
    if not report.problems:
        ET.SubElement(suite, "testcase", {"classname": report.command, "name": "no problems"})
    ET.SubElement(suite, "system-out").text = _xml(report.summary)
    ET.indent(suites)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ET.tostring(suites, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    """Spell out characters that XML cannot contain, not even as character references."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def github(report: Report) -> Iterator[str]:
    """Write workflow commands, which GitHub displays as annotations of the lines they name."""
    for problem in report.problems:
        file, line, column = problem.place
        place = {"file": _relative(file), "line": line, "col": column} if _is_file(problem.place) else {}
        values = {**place, "title": f"{problem.code} {RULES[problem.code].title}"}
        properties = ",".join(f"{key}={str(value).translate(_PROPERTY)}" for key, value in values.items() if value)
        yield f"::{_level(report, problem)} {properties}::{f'{problem.message} {problem.remedy}'.translate(_DATA)}\n"
    yield f"{report.summary.translate(_DATA)}\n"


#: The formats, by the name that ``--format`` takes.
FORMATS: dict[str, Callable[[Report], Iterator[str]]] = {"sarif": sarif, "junit": junit, "github": github}
