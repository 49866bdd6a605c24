"""Pictures without a library: claims as a graph in SVG, Mermaid and DOT, and numbers as bars.

A dashed line is hedged, restricted or graded, a crossed one is denied, and the words at the line say how; colour says nothing.
The words of a picture are text, and it inherits its colour, so that it fits light and dark pages and paper.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from markupsafe import Markup, escape

from kb.escaping import escape_unseen
from kb.pages.links import Link, fill
from kb.pages.page_graph import UNHEDGED, FactView

#: How many claims a picture shows.
MAX_EDGES = 30
_MAX_BARS = 40
# Widths of nodes and of the space between columns, heights of a row and of half a node, and where lines turn.
_NODE, _GAP, _ROW, _HALF, _TURN = 200, 280, 50, 16, 16
_NODE_CHARACTERS, _LABEL_CHARACTERS = 25, 36
_LINE, _MAX_LINES = 13, 6  # the height of a line of a note, and how many lines a note has at most
_MANY_COLUMNS, _NARROW = 3, 200  # the space between three or more columns
_FITTED = 1_100  # the most width of a picture that is made smaller to fit a page of 900
_FONT = Markup('font-family="system-ui, sans-serif" font-size="13"')


class Edge(NamedTuple):
    """A claim between two things; ``note`` are its hedges and restrictions in words, ``detail`` is what else is said of it."""

    source: Link
    target: Link
    label: str
    note: str = ""
    is_denied: bool = False
    detail: str = ""

    @property
    def below(self) -> str:
        """The words below the line."""
        return "; ".join(filter(None, (self.note, self.detail)))

    @property
    def words(self) -> str:
        """The label with everything that denies, hedges or restricts the claim."""
        note = f" ({self.below})" if self.below else ""
        return f"{'denied: ' if self.is_denied else ''}{self.label}{note}"


def fact_edge(fact: FactView) -> Edge:
    """Return the claim of a fact for a picture, with everything that hedges or restricts it."""
    told = [(name, values) for name, values in fact.chips if [value.title for value in values] != [UNHEDGED]]
    note = "; ".join(f"{name}: " * bool(name) + ", ".join(value.text for value in values) for name, values in told)
    return Edge(fact.subject, fact.object, fact.predicate.text, note, fact.is_denied)


def evidence_edges(fact: FactView) -> list[Edge]:
    """Return the way from a fact to its sentences for a picture."""
    claim = Link("this fact", fact.fact.href, fact.fact.title)
    return [
        Edge(claim, piece.sentence, "is disputed by", "disputed", detail=", ".join(piece.disputes))
        if piece.disputes
        else Edge(claim, piece.sentence, "rests on", piece.hedge, detail=", ".join(piece.supports))
        for piece in fact.evidence
    ]


def _separate(edges: Iterable[Edge]) -> list[Edge]:
    """Give each further claim between the same two things a target of its own, so that the words do not overlap."""
    known: Counter[tuple[str, str]] = Counter()
    separated = []
    for edge in edges:
        ends = (_key(edge.source), _key(edge.target))
        separated.append(edge._replace(target=edge.target._replace(title=f"{edge.target.title}{known[ends] * chr(0)}")))
        known[ends] += 1
    return separated


def draw_graph(edges: Sequence[Edge], title: str = "Claims as a graph") -> Markup:
    """Draw claims as SVG, from left to right."""
    edges = _lead_on(_separate(edges)) or [Edge(Link("no facts"), Link("no facts"), "")]
    nodes = {_key(node): node for edge in edges for node in (edge.source, edge.target)}
    places, heights = _place(edges)
    width = max(x for x, _ in places.values()) + _NODE + 10
    height = max(y + heights[key] for key, (_, y) in places.items())
    fans = Counter(_key(edge.source) for edge in edges)
    lines = Markup("").join(_draw_edge(edge, places, is_fan=fans[_key(edge.source)] > 1) for edge in edges)
    boxes = Markup("").join(_draw_node(node, places[key]) for key, node in nodes.items())
    described = "; ".join(f"{edge.source.text} {edge.words} {edge.target.text}" for edge in edges)
    head = fill(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="group" {font} '
        'fill="currentColor" aria-label="{title}: {desc}" class="{fit}">\n<title>{title}</title>\n',
        w=width,
        h=height,
        font=_FONT,
        title=title,
        desc=described,
        fit="fit" if width < _FITTED else "broad",
    )
    return head + lines + boxes + Markup("</svg>")


def _key(node: Link) -> str:
    return node.title if node.href else f"{node.text}\0{node.title}"


def _lead_on(edges: Sequence[Edge]) -> list[Edge]:
    """Give each claim that would not lead to the next column a target of its own there, so that no line crosses a thing."""
    columns = _find_columns(edges)
    return [
        edge
        if columns[_key(edge.target)] == columns[_key(edge.source)] + 1
        else edge._replace(target=edge.target._replace(title=f"{edge.target.title}\0{number}"))
        for number, edge in enumerate(edges)
    ]


def _find_columns(edges: Sequence[Edge]) -> dict[str, int]:
    """Return the column of each thing: what nothing points to stands left, and each arrow leads to the right but for cycles."""
    columns = dict.fromkeys((_key(node) for edge in edges for node in (edge.source, edge.target)), 0)
    for _ in range(min(len(columns), 8)):  # longest paths, within a bound that ends cycles
        for edge in edges:
            source, target = _key(edge.source), _key(edge.target)
            if source != target:
                columns[target] = min(max(columns[target], columns[source] + 1), 7)
    return columns


def _find_heights(edges: Sequence[Edge], most: int) -> dict[str, int]:
    """Return the height of each thing with the words at its lines."""
    heights: dict[str, int] = {}
    for edge in edges:
        height = _ROW + _LINE * max(0, len(_wrap(edge.below, most)) - 1)
        for key in (_key(edge.source), _key(edge.target)):
            heights[key] = max(height, heights.get(key, 0))
    return heights


def _place(edges: Sequence[Edge]) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """Place things in columns; return their places and their heights."""
    columns = _find_columns(edges)
    ranks = {column: rank for rank, column in enumerate(sorted(set(columns.values())))}
    members: dict[int, list[str]] = {}
    for key, column in columns.items():
        members.setdefault(ranks[column], []).append(key)
    gap = _GAP if len(members) < _MANY_COLUMNS else _NARROW
    heights = _find_heights(edges, _most_characters(gap))
    tallest = max(members, key=lambda column: len(members[column]))
    tops = accumulate((heights[key] for key in members[tallest]), initial=20)
    rows = dict(zip(members[tallest], tops, strict=False))
    for column in sorted(members, key=lambda column: abs(column - tallest))[1:]:
        rows |= _level(members[column], edges, rows, heights)
    return {key: (10 + column * (_NODE + gap), rows[key]) for column, keys in members.items() for key in keys}, heights


def _most_characters(gap: int) -> int:
    """Return how many characters of a label fit at a line; words below it are smaller."""
    return _LABEL_CHARACTERS if gap >= _GAP else _LABEL_CHARACTERS * _NARROW // _GAP - 1


def _wrap(text: str, most: int) -> list[str]:
    """Divide words below a line into lines, since a reader needs all that restricts a claim."""
    return textwrap.wrap(escape_unseen(text), most * 6 // 5, max_lines=_MAX_LINES, placeholder=" …")


def _level(keys: Sequence[str], edges: Sequence[Edge], rows: Mapping[str, int], heights: Mapping[str, int]) -> dict[str, int]:
    """Place the nodes of a column at the middle of the nodes that they are connected with, one below the other."""
    ends = [(_key(edge.source), _key(edge.target)) for edge in edges]
    others = {
        key: [rows[b if a == key else a] for a, b in ends if key in {a, b} and {a, b} & rows.keys() - {key}] for key in keys
    }
    middle = {key: sum(places) // len(places) if places else 20 for key, places in others.items()}
    placed, free = dict[str, int](), 20
    for key in sorted(keys, key=lambda key: middle[key]):
        placed[key] = max(middle[key], free)
        free = placed[key] + heights[key]
    return placed


def _draw_node(node: Link, place: tuple[int, int]) -> Markup:
    x, y = place
    box = fill(
        '<g><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="none" stroke="currentColor"/>'
        '<text x="{}" y="{}">{}</text></g>',
        *(node.text, x, y, _NODE, 2 * _HALF),
        *(x + 8, y + _HALF + 4, _shorten(node.text, _NODE_CHARACTERS)),
    )
    return fill('<a href="{}">{}</a>\n', node.href, box) if node.href else box + Markup("\n")


def _draw_edge(edge: Edge, places: Mapping[str, tuple[int, int]], *, is_fan: bool) -> Markup:
    """Draw a line with its words above and below; it is level where its own end is alone, so that the words fit there.

    ``is_fan`` says that other lines leave the same thing.
    """
    (x1, y1), (x2, y2) = places[_key(edge.source)], places[_key(edge.target)]
    x1, y1, y2 = x1 + _NODE, y1 + _HALF, y2 + _HALF
    rows = [sum(place[0] == x for place in places.values()) for x in (x1 - _NODE, x2)]
    is_level_at_end = is_fan or rows[1] >= rows[0]
    turn, level = (x1 + _TURN, y2) if is_level_at_end else (x2 - _TURN, y1)
    path = '<path d="M{} {}H{}V{}H{}" stroke="currentColor" fill="none"{}/><path d="M{} {}l-8 -4v8z"/>'
    dash = Markup(' stroke-dasharray="6 4"') if edge.note else ""
    parts = [fill("<g><title>{}</title>", f"{edge.source.text} {edge.words} {edge.target.text}")]
    parts.append(fill(path, x1, y1, turn, y2, x2 - 8, dash, x2, y2))
    if edge.is_denied:
        cross = '<path d="M{} {}l12 12m0 -12l-12 12" stroke="currentColor" stroke-width="2" fill="none"/>'
        parts.append(fill(cross, x2 - 30, level - 6))
    x = x1 + _TURN + 6 if is_level_at_end else x1 + 6
    words = '<text x="{}" y="{}" font-size="{}">{}</text>'
    label = f"{'denied: ' if edge.is_denied else ''}{edge.label}"
    most = _most_characters(abs(x2 - x1))
    parts.append(fill(words, x, level - 5, 13, _shorten(label, most)))
    parts += [fill(words, x, level + 14 + _LINE * place, 11, line) for place, line in enumerate(_wrap(edge.below, most))]
    return Markup("").join([*parts, Markup("</g>\n")])


def _shorten(text: str, most: int) -> str:
    text = escape_unseen(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def write_mermaid(edges: Iterable[Edge]) -> str:
    """Write claims as a flowchart of Mermaid."""
    lines, known = ["flowchart LR"], dict[str, str]()
    for edge in edges:
        ends = []
        for node in (edge.source, edge.target):
            if _key(node) not in known:
                known[_key(node)] = f"n{len(known)}"
                lines.append(f'  {known[_key(node)]}["{_quote_mermaid(node.text)}"]')
            ends.append(known[_key(node)])
        arrow = "--x" if edge.is_denied else "-.->" if edge.note else "-->"
        lines.append(f'  {ends[0]} {arrow}|"{_quote_mermaid(edge.words)}"| {ends[1]}')
    return "\n".join(lines) + "\n"


def _quote_mermaid(text: str) -> str:
    return str(escape(escape_unseen(text))).replace("&#34;", "#quot;").replace("\n", " ").replace("`", "'")


def write_dot(edges: Iterable[Edge]) -> str:
    """Write claims in the language of Graphviz."""
    lines = ["digraph {", "  rankdir=LR; node [shape=box];"]
    for edge in edges:
        lines += [f"  {_quote_dot(_key(node))} [label={_quote_dot(node.text)}];" for node in (edge.source, edge.target)]
        style = ' style=dashed arrowhead="tee"' if edge.is_denied else " style=dashed" if edge.note else ""
        lines.append(
            f"  {_quote_dot(_key(edge.source))} -> {_quote_dot(_key(edge.target))} [label={_quote_dot(edge.words)}{style}];"
        )
    return "\n".join([*dict.fromkeys(lines), "}"]) + "\n"


def _quote_dot(text: str) -> str:
    return '"{}"'.format(escape_unseen(text.replace("\0", " ")).replace("\\", "\\\\").replace('"', '\\"'))


def find_bars(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Find what an answer counts: its columns of whole numbers, each labelled by the other columns; nothing if there is none."""
    if not 1 < len(rows) <= _MAX_BARS:
        return []
    columns = range(len(rows[0]))
    counted = [column for column in columns if all(row[column].isdecimal() and len(row[column]) < 10 for row in rows)]
    labels = [column for column in columns if column not in counted]
    if not counted or not labels:
        return []
    words = [" · ".join(row[column] for column in labels[:2] if row[column]) for row in rows]
    return [(names[column], list(zip(words, (int(row[column]) for row in rows), strict=True))) for column in counted]


def draw_bars(bars: Sequence[tuple[str, int]], name: str) -> Markup:
    """Draw numbers as bars, each below its label and with its number, on any width; ``name`` says what is counted."""
    most = max(number for _, number in bars) or 1
    head = fill(
        '<svg xmlns="http://www.w3.org/2000/svg" class="bars" width="100%" height="{h}" role="group" {font} '
        'fill="currentColor" aria-label="Bars of {name}: {words}">\n',
        name=name,
        h=len(bars) * 40 + 8,
        font=_FONT,
        words="; ".join(f"{label} {number}" for label, number in bars),
    )
    body = Markup("").join(
        fill(
            '<g><title>{label}: {number}</title><text x="0" y="{ty}">{short}</text>'
            '<rect x="0" y="{y}" width="{w}%" height="14" opacity=".6"/><text x="{w}%" dx="6" y="{ny}">{number}</text></g>\n',
            label=label,
            short=_shorten(label, 40),
            number=number,
            y=index * 40 + 22,
            ty=index * 40 + 16,
            ny=index * 40 + 34,
            w=round(80 * number / most, 1),
        )
        for index, (label, number) in enumerate(bars)
    )
    return head + body + Markup("</svg>")
