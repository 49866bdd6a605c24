"""Figures as SVG: curves on two logarithmic scales, and bars; small enough to read as text, the same for the same figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 230, 40, 50
_COLOURS = ("#0b6e99", "#d1495b", "#66a182", "#edae49", "#5f4b8b", "#8d5524", "#00798c", "#b56576", "#6c757d", "#2d3142")
_STYLE = """<style>
text{font:12px sans-serif;fill:#333}.t{font-size:15px;font-weight:bold}.g{stroke:#ddd}
@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}}
</style>"""


def curves(title: str, across: str, up: str, series: Mapping[str, Points]) -> str:
    """Draw curves, both axes logarithmic.

    Args:
        title: The title.
        across: What goes from left to right.
        up: What goes up.
        series: Name to points; those that are not positive are left out.
    """
    points = [point for each in series.values() for point in each]
    (low_x, high_x), (low_y, high_y) = (_decades([point[axis] for point in points]) for axis in (0, 1))

    def place(x: float, y: float) -> tuple[float, float]:
        right = (math.log10(x) - low_x) / (high_x - low_x) * (_WIDTH - _LEFT - _RIGHT)
        over = (math.log10(y) - low_y) / (high_y - low_y) * (_HEIGHT - _TOP - _BOTTOM)
        return round(_LEFT + right, 1), round(_HEIGHT - _BOTTOM - over, 1)

    body = []
    for power in range(low_x, high_x + 1):
        x, bottom = place(10.0**power, 10.0**low_y)
        body.append(f'<line class="g" x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}"/>')
        body.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{_number(10.0**power)}</text>')
    for power in range(low_y, high_y + 1):
        left, y = place(10.0**low_x, 10.0**power)
        body.append(f'<line class="g" x1="{left}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}"/>')
        body.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{_number(10.0**power)}</text>')
    body.append(f'<text x="{(_WIDTH - _RIGHT + _LEFT) / 2}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>')
    for index, (name, each) in enumerate(series.items()):
        body += _curve([place(x, y) for x, y in sorted(each)], name, index)
    return _svg(f"{title}: {up}", body, _HEIGHT)


def _curve(placed: Points, name: str, index: int) -> list[str]:
    colour = _COLOURS[index % len(_COLOURS)]
    path = " ".join(f"{x},{y}" for x, y in placed)
    row = _TOP + 10 + 20 * index
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in placed),
        f'<rect x="{_WIDTH - _RIGHT + 16}" y="{row - 9}" width="12" height="10" fill="{colour}"/>',
        f'<text x="{_WIDTH - _RIGHT + 34}" y="{row}">{escape(name)}</text>',
    ]


def bars(title: str, values: Mapping[str, float], unit: str) -> str:
    """Draw bars from left to right, their lengths logarithmic, each with its value.

    Args:
        title: The title.
        values: Name to value, in the order from top to bottom.
        unit: What follows a value.
    """
    low, high = _decades([*values.values(), 1.0])
    body = []
    for index, (name, value) in enumerate(values.items()):
        y, length = _TOP + 12 + 26 * index, (math.log10(value) - low) / (high - low) * (_WIDTH - 330)
        body.append(f'<text x="220" y="{y + 13}" text-anchor="end">{escape(name)}</text>')
        body.append(f'<rect x="230" y="{y}" width="{max(2.0, length):.1f}" height="18" fill="{_COLOURS[0]}"/>')
        body.append(f'<text x="{236 + max(2.0, length):.1f}" y="{y + 13}">{value:,.2f}{escape(unit)}</text>')
    return _svg(title, body, _TOP + 30 + 26 * len(values))


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _svg(title: str, body: Sequence[str], height: float) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">'
    return "\n".join([head, _STYLE, f'<text class="t" x="10" y="22">{escape(title)}</text>', *body, "</svg>", ""])
