"""Evidence that points at a cell of a table: it is read with the headers of that cell, and without the other cells.

The cell gets a sentence of its own, ``s3.4[2]``: its row, in which the cells that are neither it nor a header of its row are
blank. It stands under the header cells over its columns, which are sentences like it, and under the caption of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kb.document_parts import Sentence
from kb.model import Fact, KnowledgeBase
from kb.texts.blocks import Block
from kb.texts.normal_form import Text
from kb.texts.tables import Cell

Words = dict[str, dict[str, str]]
Contexts = dict[str, dict[str, tuple[str, ...]]]


def point_at_cells(kb: KnowledgeBase, texts: Mapping[str, Text], words: Words, contexts: Contexts) -> KnowledgeBase:
    """Return the knowledge base with evidence that names the cells at which it points.

    The cells are added to the sentences of the documents, and to ``words`` and ``contexts``, which hold those of each document.
    """
    pointing = {fact.document for fact in kb.facts if any(piece.start is not None for piece in fact.evidence)}
    tables = {name: _Table(kb.documents[name].sentences, texts[name]) for name in words if name in pointing}
    if not any(table.rows for table in tables.values()):
        return kb
    facts = tuple(_point(fact, tables[fact.document]) if fact.document in tables else fact for fact in kb.facts)
    documents = dict(kb.documents)
    for name, table in tables.items():
        documents[name] = documents[name]._replace(sentences=(*documents[name].sentences, *table.pointed.values()))
        for cell in table.pointed:
            row = cell.partition("[")[0]
            if row in words[name]:
                words[name][cell] = table.words[cell]
                others = (above for above in contexts[name].get(row, ()) if above not in table.rows)
                contexts[name][cell] = (*table.above[cell], *others)
    return kb._replace(facts=facts, documents=documents)


def _point(fact: Fact, table: _Table) -> Fact:
    pieces = (piece._replace(sentence=table.find(piece.sentence, piece.start, piece.end)) for piece in fact.evidence)
    return fact._replace(evidence=tuple(pieces))


class _Table:
    """The rows of a document, and the cells at which evidence points, as sentences."""

    def __init__(self, sentences: Iterable[Sentence], text: Text) -> None:
        blocks = {block.start: block for block in text.blocks if block.cells}
        self._text = text.words
        self.rows: dict[str, tuple[Sentence, Block]] = {
            sentence.id: (sentence, blocks[sentence.start]) for sentence in sentences if sentence.start in blocks
        }
        self._by_cell = {cell.start: name for name, (_, block) in self.rows.items() for cell in block.cells}
        self.pointed: dict[str, Sentence] = {}
        self.words: dict[str, str] = {}
        self.above: dict[str, list[str]] = {}

    def find(self, row: str, start: int | None, end: int | None) -> str:
        """Return the name of the cell that holds a span of a row; the row if none does."""
        if row not in self.rows or start is None or end is None:
            return row
        for index, cell in enumerate(self.rows[row][1].cells, 1):
            if cell.start <= start and end <= cell.end:
                return self._add(row, index, cell)
        return row

    def _add(self, row: str, index: int, cell: Cell) -> str:
        name = f"{row}[{index}]"
        if name not in self.pointed:
            sentence, block = self.rows[row]
            shown = {cell.start, *(start for start, _ in cell.headers)}
            self.pointed[name] = sentence._replace(id=name)
            self.words[name] = "".join(self._mask(block, shown))
            self.above[name] = []
            above = [span for span in cell.headers if span[0] not in range(block.start, block.end)]
            names = (self.find(self._by_cell.get(start, ""), start, end) for start, end in reversed(above))
            self.above[name] = [other for other in names if other]
        return name

    def _mask(self, block: Block, shown: set[int]) -> Iterator[str]:
        at = block.start
        for cell in block.cells:
            yield self._text[at : cell.start]
            yield self._text[cell.start : cell.end] if cell.start in shown else " " * (cell.end - cell.start)
            at = cell.end
        yield self._text[at : block.end]
