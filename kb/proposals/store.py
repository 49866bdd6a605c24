"""Proposals and decisions on disk: ``proposals/*.jsonl`` and ``decisions/*.jsonl``, which no export, count or question reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from kb.checks import json_schema
from kb.files import boundary, characters, text_file
from kb.model import Record
from kb.problems import KbError, Problem, collect
from kb.proposals.annotation_formats import LARGEST
from kb.proposals.readers import ProposalReader
from kb.records import folder

#: The folders, with the kind of record in each.
FOLDERS = {"proposals": "proposal", "decisions": "decision"}
#: The file of proposals whose document is not known.
UNPLACED = "unplaced"


def read_records(content: Path, name: str, problems: list[Problem]) -> Iterator[Record]:
    """Yield the valid records of one of the folders; append the problems of the others."""
    top = content / name
    for path in folder.list_files(top, problems, folder.SUFFIXES) if boundary.exists(top) else ():
        yield from read_file(path, FOLDERS[name], problems)


def read_file(path: Path, kind: str, problems: list[Problem], reader: ProposalReader | None = None) -> Iterator[Record]:
    """Yield the records of a file that are valid by their schema; append the problems of the others."""
    reader = reader or ProposalReader()
    try:
        for record in reader.read(path, problems) if kind == "proposal" else folder.read_file(path, kind):
            is_mapping = isinstance(record.value, dict)
            own = {key: part for key, part in record.value.items() if key != "quote"} if is_mapping else record.value
            flaws = [*characters.check(replace(record, value=own)), *json_schema.check(record)]
            problems.extend(flaws)
            if not flaws:
                yield record
    except KbError as error:
        problems.extend(error.problems)
    except OSError as error:
        problems.extend(boundary.unreadable_error(error, str(path)).problems)


def check_folders(content: Path) -> list[Problem]:
    """Check the proposals and decisions of a knowledge base against their schemas."""
    problems: list[Problem] = []
    for name in FOLDERS:
        for _ in read_records(content, name, problems):
            pass
    return list(collect(problems))


def plan_lines(path: Path, values: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of a file of JSON Lines, which may not exist yet, with more lines."""
    before = text_file.read_bytes(path, str(path), LARGEST).decode("utf-8") if text_file.has_file(path) else ""
    separator = "" if not before or before.endswith("\n") else "\n"
    return f"{before}{separator}{format_lines(values)}"


def format_lines(values: Iterable[Mapping[str, Any]]) -> str:
    """Return values as JSON Lines."""
    return "".join(f"{msgspec.json.encode(value).decode('utf-8')}\n" for value in values)


def digest(value: Any) -> str:
    """Return the digest of a value of JSON, whatever the order of its keys."""
    return sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:32]


def digest_proposal(record: Record) -> str:
    """Return the digest of what is proposed, by whomever."""
    return digest({key: value for key, value in record.value.items() if key not in {"proposer", "note"}})


def add_proposals(content: Path, proposals: Iterable[tuple[str, Record]]) -> int:
    """Store proposals, each with its document if that is known, that are neither stored nor decided yet; return their number.

    Raises:
        KbError: What is there already cannot be read, or they cannot be written.
    """
    with folder.lock_records(content) as write:
        problems: list[Problem] = []
        known = {record.value["proposal"] for record in read_records(content, "decisions", problems)}
        known |= {digest_proposal(record) for record in read_records(content, "proposals", problems)}
        if problems:
            raise KbError(problems)
        new: dict[Path, list[Mapping[str, Any]]] = {}
        for document, record in proposals:
            name = digest_proposal(record)
            if name not in known:
                known.add(name)
                new.setdefault(content / "proposals" / f"{document or UNPLACED}.jsonl", []).append(record.value)
        write({path: [plan_lines(path, values)] for path, values in new.items()})
    return sum(map(len, new.values()))
