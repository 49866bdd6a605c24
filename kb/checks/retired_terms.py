"""Reports references to retired terms, with the term that takes their place (KB334).

They are errors: the id means nothing any more, and the correction is known, so that no export holds a claim about it.
"""

from __future__ import annotations

from kb.model import Term
from kb.problems import Place, Problem


def report(place: Place, term: Term) -> Problem:
    """Return the problem of a record that names a retired term."""
    successor = term.replaced_by
    remedy = f"Name '{successor}'; 'kb term merge {term.id} {successor}' changes every reference."
    remedy = remedy if successor else "Name another term, or remove what names it."
    return Problem(place, "KB334", f"The term '{term.id}' is retired: {term.note}", remedy)
