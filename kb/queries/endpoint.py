"""Queries of a SPARQL endpoint on another server, whose responses are parsed in the sandbox: anybody may send them."""

from __future__ import annotations

from functools import partial

from kb.escaping import hide_user
from kb.problems import KbError, Place, fail
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.rdf.iris import XSD
from kb.rdf.quads import literal
from kb.sparql import guard
from kb.sparql.engines import remote
from kb.sparql.values import Answer, Question

_NOTHING = (None, literal("0", f"{XSD}integer"))


def ask_endpoint(url: str, question: Question, limits: Limits) -> Answer:
    """Answer a question by an endpoint; its data are not sent.

    Raises:
        KbError: The endpoint cannot be reached (KB611), refuses the query (KB612) or takes too long (KB604), its response is too
            large (KB605) or cannot be read (KB613), a password would be sent unencrypted (KB752), or nothing was found since
            the default graph of the endpoint is empty (KB616).
    """
    answer = _send(url, remote.query_text(question), question, limits)
    if _is_empty(answer) and not guard.uses_named_graphs(question.text):
        both = (remote.FIND_STATEMENT, remote.FIND_NAMED_STATEMENT)
        default, named = (_send(url, text, question, limits).rows for text in both)
        if named and not default:
            message = "The default graph of the store is empty, its named graphs are not."
            raise fail("KB616", message, f"M{remote.UNION_REMEDY[1:]}.", hide_user(url))
    return answer


def _send(url: str, text: str, question: Question, limits: Limits) -> Answer:
    response = remote.fetch(url, text, limits.seconds, limits.megabytes << 20)
    try:
        return sandbox.answer(partial(remote.import_reader, response), question, limits)
    except KbError as error:
        raise KbError(problem._replace(place=Place(response.url)) for problem in error.problems) from error


def _is_empty(answer: Answer) -> bool:
    """Check whether an answer holds nothing, or counts nothing."""
    return not answer.truth and not answer.triples and all(cell in _NOTHING for row in answer.rows for cell in row)
