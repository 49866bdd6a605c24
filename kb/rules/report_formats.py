"""Problems as reports that other programs read: SARIF 2.1.0, JUnit XML, and workflow commands of GitHub.

Each writer takes the same :class:`Report` and gives pieces of text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree as ET

from kb.problems import RULES, Place, Problem
from kb.rules import rule_pages

_HOME = "https://w3id.org/linked-kb/"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# What XML 1.0, section 2.2, lets no document hold.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What is no text of its own in a workflow command; inside its properties two more are not.
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


class Report(NamedTuple):
    """What a run of a command found.

    Args:
        command: The command, such as ``kb validate``.
        problems: All problems, in order.
        exit: The exit code of the run.
        summary: The run in one sentence.
    """

    command: str
    problems: Sequence[Problem]
    exit: int
    summary: str


def sarif(report: Report) -> Iterator[str]:
    """Write a log of SARIF 2.1.0 with one run; its rules are the pages of the codes that were met."""
    met = sorted({each.code for each in report.problems})
    run = {
        "tool": {
            "driver": {
                "name": "kb",
                "semanticVersion": version("linked-kb"),
                "informationUri": _HOME,
                "rules": [_rule(rule_pages.page(code)) for code in met],
            }
        },
        "invocations": [{"executionSuccessful": report.exit in {0, 1}, "exitCode": report.exit}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, met.index(each.code), _level(report)) for each in report.problems],
        "properties": {"command": report.command, "summary": report.summary},
    }
    # Escapes alone carry what UTF-8 cannot, such as half a surrogate pair in the name of a file.
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)
    yield "\n"


def _rule(page: rule_pages.Page) -> dict[str, Any]:
    return {
        "id": page.code,
        "name": "".join(word.capitalize() for word in re.findall("[A-Za-z0-9]+", page.title)),
        "shortDescription": {"text": f"{page.title[0].upper()}{page.title[1:]}."},
        "fullDescription": {"text": page.what},
        "help": {"text": "\n".join(rule_pages.lines(page))},
        "defaultConfiguration": {"level": "error"},
    }


def _level(report: Report) -> str:
    """Tell how grave problems are: a run that ends well all the same only warns."""
    return "error" if report.exit else "warning"


def _result(problem: Problem, index: int, level: str) -> dict[str, Any]:
    """Give a result; its place is left out where it is no file (section 3.27.12 lets there be none)."""
    made: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": level,
        "message": {"text": f"{problem.message} {problem.remedy}"},
    }
    if _is_file(problem.place):
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(problem.place.file)}}
        if problem.place.line:
            column = {"startColumn": problem.place.column} if problem.place.column else {}
            physical["region"] = {"startLine": problem.place.line, **column}
        made["locations"] = [{"physicalLocation": physical}]
    return made


def _is_file(place: Place) -> bool:
    return not place.file.startswith("<") and place.file != "kb"


def _shown(file: str) -> str:
    """Name a file from the folder in which the command runs, if it lies below: hosts look for it from there."""
    path = Path(file)
    folder = Path.cwd()
    return path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else path.as_posix()


def _uri(file: str) -> str:
    """Give the reference to a file by RFC 3986: relative where it is, ``file:`` where it is absolute."""
    shown = _shown(file)
    encoded = quote(shown.encode("utf-8", "surrogateescape"), safe="/~!$&'()*+,;=@")
    return f"file://{encoded}" if shown.startswith("/") else encoded


def junit(report: Report) -> Iterator[str]:
    """Write a test suite in which each problem is a test that failed, or was skipped if the run ends well all the same."""
    count, kind = len(report.problems), "failure" if report.exit else "skipped"
    counts = {"tests": str(max(1, count)), "failures": str(count if report.exit else 0), "errors": "0"}
    suites = ET.Element("testsuites", {"name": report.command, **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": report.command, **counts, "skipped": str(0 if report.exit else count)})
    for each in report.problems:
        name = _xml(f"{each.code} {RULES[each.code].title} at {each.place}")
        case = ET.SubElement(suite, "testcase", {"classname": _xml(_shown(each.place.file)), "name": name})
        told = {"type": each.code, "message": _xml(each.message)}
        ET.SubElement(case, kind, told).text = _xml(str(each))
    if not report.problems:
        ET.SubElement(suite, "testcase", {"classname": report.command, "name": "no problems"})
    ET.SubElement(suite, "system-out").text = _xml(report.summary)
    ET.indent(suites)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield ET.tostring(suites, encoding="unicode")
    yield "\n"


def _xml(text: str) -> str:
    """Spell out what no XML document can hold, escaped or not."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def github(report: Report) -> Iterator[str]:
    """Write workflow commands, which GitHub shows as annotations of the lines they name."""
    for each in report.problems:
        place = (
            {"file": _shown(each.place.file), "line": each.place.line, "col": each.place.column} if _is_file(each.place) else {}
        )
        told = {**{key: value for key, value in place.items() if value}, "title": f"{each.code} {RULES[each.code].title}"}
        properties = ",".join(f"{key}={_escape(str(value), _PROPERTY)}" for key, value in told.items())
        yield f"::{_level(report)} {properties}::{_escape(f'{each.message} {each.remedy}', _DATA)}\n"
    yield f"{_escape(report.summary, _DATA)}\n"


def _escape(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(each, each) for each in text)


#: The formats, by the name that ``--format`` takes.
FORMATS: dict[str, Callable[[Report], Iterator[str]]] = {"sarif": sarif, "junit": junit, "github": github}
