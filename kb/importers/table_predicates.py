"""The predicates of a table: those that the knowledge base has, and those that it gets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kb import resources
from kb.importers.table_records import TableDetails, TargetBase
from kb.importers.table_terms import find_record_problem, make_id
from kb.problems import KbError, Place, Problem, fail, quote
from kb.records.folder import read_file
from kb.suggestions import near_miss


class Predicates:
    """The predicates of a table: those that the knowledge base has, and those that it gets.

    Args:
        table: What is known of the table.
        base: The knowledge base.
        qualifiers: The qualifiers that facts of the table can have.
    """

    def __init__(self, table: TableDetails, base: TargetBase, qualifiers: Collection[str]) -> None:
        shipped = [record.value for record in read_file(resources.content() / "predicates.yaml", "predicate")]
        self._table, self._qualifiers = table, qualifiers
        self._known = {record["id"]: record for record in base.predicates}
        self._shipped = {record["id"]: record for record in shipped}
        known = [*shipped, *base.predicates]
        self._by_label = {name.casefold(): record["id"] for record in known for name in (record["label"], record["id"])}
        self._ids: dict[str, str | Problem] = {}
        self._made: dict[str, Mapping[str, Any]] = {}
        #: The records of the used ones that the knowledge base does not have, by id.
        self.new: dict[str, Mapping[str, Any]] = {}

    def find(self, text: str, *, is_argument: bool = False) -> str:
        """Return the id of the predicate with an id or label.

        Raises:
            KbError: There is none, it cannot be a predicate, or facts of the table cannot have it (KB791). For an argument: it is
                spelled almost like a known one (KB832).
        """
        if text not in self._ids:
            name = self._by_label.get(text.casefold()) or make_id(text)
            if is_argument and name not in self._by_label and (meant := near_miss(name, self._by_label)):
                remedy = f"Did you mean {quote(self._by_label[meant])}? If not, declare yours in predicates.yaml first."
                raise fail("KB832", f"There is no predicate {quote(text)}.", remedy, "predicate")
            record = self._known.get(name) or self._define(name, text)
            problem = self._find_problem(record)
            self._ids[text] = problem or name
            if name not in self._known and not problem:
                self._made[name] = record
        predicate = self._ids[text]
        if isinstance(predicate, Problem):
            raise KbError([predicate])
        return predicate

    def use(self, name: str) -> None:
        """Take the predicate of a row into the records."""
        if name in self._made:
            self.new[name] = self._made[name]

    def _define(self, name: str, text: str) -> Mapping[str, Any]:
        """Make the record of a predicate: as the shipped knowledge base defines it, or defined by the table."""
        table = self._table
        definition = f"As the table '{table.title}' means it."
        new = {
            "id": name,
            "label": text if text != name else name.replace("-", " "),
            "definition": definition,
            "plain": [table.modality],
        }
        ends = {"subject": [table.kinds[0]], "object": [table.kinds[1]], "qualifiers": [*self._qualifiers]}
        return {key: value for key, value in {**self._shipped.get(name, new), **ends}.items() if key != "requires"}

    def _find_problem(self, record: Mapping[str, Any]) -> Problem | None:
        if problem := find_record_problem("predicate", record, "a predicate"):
            return problem
        name, (subject, obj) = record["id"], self._table.kinds
        refused = [
            f"the qualifier '{qualifier}'" for qualifier in self._qualifiers if qualifier not in record.get("qualifiers", ())
        ]
        refused += [
            f"a {end} of kind '{kind}'" for end, kind in (("subject", subject), ("object", obj)) if kind not in record[end]
        ]
        refused += [
            f"a fact without '{qualifier}'" for qualifier in record.get("requires", ()) if qualifier not in self._qualifiers
        ]
        message = f"The predicate '{name}' does not allow {', '.join(refused)}."
        return Problem(Place(""), "KB791", message, "Name another one, or change it in the knowledge base.") if refused else None
