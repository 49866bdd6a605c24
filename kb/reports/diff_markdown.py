"""A difference as Markdown, for a comment on a pull request: the claims that become contested by it, and what changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kb import resources
from kb.escaping import count_of, escape_markdown, escape_unseen
from kb.queries.compiled import Compiled
from kb.queries.execution import ask
from kb.queries.named import read_query
from kb.rdf.iris import DCAT, RDF, Names
from kb.reports import diff
from kb.reports.diff import Difference
from kb.reports.versions import Version
from kb.sparql.result_formats import plain_text

_MOST_LINES = 300  # hosts refuse long comments
_SIDES = ("one", "says", "modality", "restrictions"), ("other", "other_says", "other_modality", "other_restrictions")


def describe_markdown(difference: Difference, versions: tuple[Version, Version]) -> Iterator[str]:
    """Describe a difference in lines of Markdown; the versions are whole."""
    before, after = map(find_contested, versions)
    new = {claim: [text for pair, text in pairs.items() if pair not in before.get(claim, ())] for claim, pairs in after.items()}
    for title, claims in (
        ("This change makes {} contested", [claim for claim in after if claim not in before]),
        ("Documents now disagree more about {}", [claim for claim in before if new.get(claim)]),
    ):
        if claims:
            yield f"**{title.format(count_of(len(claims), 'claim'))}:**\n"
            yield from (f"- {escape_markdown(claim)}: {text}" for claim in claims for text in new[claim])
            yield ""
    if settled := [claim for claim in before if claim not in after]:
        yield f"No longer contested: {', '.join(map(escape_markdown, settled))}.\n"
    lines = list(map(escape_unseen, diff.describe_lines(difference)))
    yield "````diff"  # no line begins with backticks
    yield from lines[:_MOST_LINES]
    yield from [f"… and {len(lines) - _MOST_LINES:,} more lines"] if len(lines) > _MOST_LINES else []
    yield "````"


def find_contested(version: Version) -> dict[str, dict[tuple[str, ...], str]]:
    """Find the claims about which documents disagree: for each, the pairs of facts that differ, and how they do in Markdown."""
    about = f"<{RDF}type>", f"<{DCAT}Dataset>"
    data = next((quad.subject[1:-1] for quad in version.quads if (quad.predicate, quad.object) == about), "")
    query = read_query(resources.content() / "queries" / "contested.rq")
    lines = "".join(f"{' '.join(quad)} .\n" for quad in version.quads).encode("utf-8")
    base = Compiled(Path(version.name), {}, Names(data, {}), {}, quads=lambda: lines)
    answer = ask(base, query.text, is_own=True)
    claims: dict[str, dict[tuple[str, ...], str]] = {}
    for row in answer.rows:
        cell = dict(zip(answer.variables, map(plain_text, row), strict=True))
        sides = (f"{cell[one]}: {', '.join(filter(None, (cell[name] for name in names)))}" for one, *names in _SIDES)
        text = f"{escape_markdown(cell['difference'])}; {escape_markdown(' / '.join(sides))}"
        claim = " ".join(cell[name] for name in ("subject", "predicate", "object"))
        claims.setdefault(claim, {})[cell["first"], cell["second"], cell["says"], cell["other_says"]] = text
    return claims
