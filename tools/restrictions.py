"""The pattern by which a named query shows what restricts and hedges each of its facts, and its expansion in query files.

Every ``.rq`` file is complete SPARQL, so the pattern stands in each of them. This module holds it once: run it after a change
here, and it writes the pattern anew into all files. A test compares the files with it. The pattern finds the qualifiers that
restrict by their class in the data, so that a new one needs no change at all. Its variables have names of their own, because
rdflib lets a subquery see the variables around it.
"""

from __future__ import annotations

import re
from pathlib import Path

from kb import resources

_PATTERN = """\
  OPTIONAL {{ SELECT {fact} (GROUP_CONCAT(?limit_text; SEPARATOR="; ") AS {column}) WHERE {{
    {{ SELECT DISTINCT {fact} ?limit_rank ?limit_text WHERE {{
      {anchor}
      {{ ?limit_part a kb:RestrictingQualifier . {fact} ?limit_part ?limit_value }}
      UNION {{ {fact} kb:listing kb:open-list . BIND(kb:listing AS ?limit_part) BIND(kb:open-list AS ?limit_value) }}
      UNION {{ {fact} kb:evidence ?limit_piece . ?limit_piece kb:modality ?limit_own ; kb:supports ?limit_part .
        {fact} ?limit_part ?limit_value . ?limit_own skos:prefLabel ?limit_hedge }}
      ?limit_part rdfs:label ?limit_name .
      OPTIONAL {{ ?limit_value skos:prefLabel ?limit_label }}
      BIND(IF(?limit_part IN (kb:polarity, kb:listing), "", CONCAT(STR(?limit_name), ": ")) AS ?limit_called)
      BIND(IF(BOUND(?limit_hedge), CONCAT(STR(?limit_hedge), " "), "") AS ?limit_said)
      BIND(CONCAT(?limit_called, ?limit_said, STR(COALESCE(?limit_label, ?limit_value))) AS ?limit_text)
      BIND(IF(?limit_part = kb:polarity, 0, 1) AS ?limit_rank)
    }} ORDER BY {fact} ?limit_rank ?limit_text }} }} GROUP BY {fact} }}
"""

_WRITTEN = re.compile(
    r"  OPTIONAL \{ SELECT (\?\w+) \(GROUP_CONCAT\(\?limit_text; SEPARATOR=\"; \"\) AS (\?\w+)\) WHERE \{\n"
    r"    \{ SELECT DISTINCT \1 \?limit_rank \?limit_text WHERE \{\n"
    r" *(.+?)\n *\{ \?limit_part a kb:RestrictingQualifier.*?GROUP BY \1 \}\n",
    re.DOTALL,
)


def expand(fact: str, column: str, anchor: str) -> str:
    """Write the pattern for one fact of a query.

    Args:
        fact: The variable that is bound to the fact.
        column: The variable that gets the text.
        anchor: What binds the fact with the parameters of the query, which a subquery does not see; without it, the pattern
            would be matched for all facts.
    """
    return _PATTERN.format(fact=fact, column=column, anchor=anchor)


def rewrite(text: str) -> str:
    """Write the pattern anew wherever it stands in a query."""
    return _WRITTEN.sub(lambda written: expand(*written.groups()), text)


def columns(text: str) -> dict[str, str]:
    """Return the facts whose restrictions a query shows, each with its column."""
    return {written[1]: written[2] for written in _WRITTEN.finditer(text)}


def main() -> None:
    """Rewrite the shipped queries."""
    for path in sorted(Path(resources.content(), "queries").glob("*.rq")):
        path.write_text(rewrite(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
