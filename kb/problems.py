"""What can be wrong, and how it is said: the catalogue of rules, Problem values, and the one exception.

Checks are generators of :class:`Problem`; nothing in the middle of the line prints or raises for bad
input. A command that cannot go on raises :class:`KbError`, which ``kb.cli.main`` alone turns into a
message and an exit code. Find a rule by its code: ``grep KB301``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Exit codes, as documented in docs/cli.md.
DONE, CONTENT, USE, INPUT, LIMIT, OUTPUT, STORE = range(7)
FAULT, INTERRUPTED, CLOSED_PIPE = 70, 130, 141

# Which exit code wins when a run meets problems of several sorts.
_PRECEDENCE = (USE, STORE, OUTPUT, INPUT, LIMIT, CONTENT, DONE)

# How many characters of a text of the user's a message shows.
_LONGEST_SHOWN = 60


class Rule(NamedTuple):
    """One entry of the catalogue.

    Args:
        title: What is wrong, in a few words.
        exit: The exit code of a run that meets it.
    """

    title: str
    exit: int


RULES: dict[str, Rule] = {
    # Reading
    "KB101": Rule("file or folder is missing", INPUT),
    "KB102": Rule("file cannot be read", INPUT),
    "KB103": Rule("file is not UTF-8", INPUT),
    "KB104": Rule("syntax error", INPUT),
    "KB105": Rule("duplicate key", INPUT),
    "KB106": Rule("tag, anchor or alias in YAML", INPUT),
    "KB107": Rule("number cannot be kept", INPUT),
    "KB108": Rule("character that text must not hold", INPUT),
    "KB109": Rule("file is empty", INPUT),
    "KB110": Rule("file is too large", LIMIT),
    "KB111": Rule("nested too deeply", LIMIT),
    "KB112": Rule("not a knowledge base", INPUT),
    "KB113": Rule("file lies outside the knowledge base", INPUT),
    "KB114": Rule("compressed file cannot be read", INPUT),
    # Records against their schema
    "KB201": Rule("required key is missing", CONTENT),
    "KB202": Rule("unknown key", CONTENT),
    "KB203": Rule("wrong type", CONTENT),
    "KB204": Rule("value is not in the list", CONTENT),
    "KB205": Rule("value has the wrong form", CONTENT),
    "KB206": Rule("record breaks its schema", CONTENT),
    # Records against each other
    "KB301": Rule("unknown term", CONTENT),
    "KB302": Rule("unknown predicate", CONTENT),
    "KB303": Rule("unknown document", CONTENT),
    "KB304": Rule("unknown sentence", CONTENT),
    "KB305": Rule("wrong kind of subject", CONTENT),
    "KB306": Rule("wrong kind of object", CONTENT),
    "KB307": Rule("qualifier is not allowed here", CONTENT),
    "KB308": Rule("required qualifier is missing", CONTENT),
    "KB309": Rule("wrong kind of qualifier value", CONTENT),
    "KB311": Rule("duplicate fact", CONTENT),
    "KB312": Rule("duplicate id", CONTENT),
    "KB313": Rule("part of the fact has no evidence", CONTENT),
    "KB314": Rule("evidence for a part that the fact does not have", CONTENT),
    "KB315": Rule("unknown prefix", CONTENT),
    "KB316": Rule("mapping of something unknown", CONTENT),
    "KB317": Rule("duplicate mapping", CONTENT),
    "KB318": Rule("duplicate evidence", CONTENT),
    "KB319": Rule("letters of several scripts in one word", CONTENT),
    "KB320": Rule("label used twice", CONTENT),
    "KB321": Rule("text is not in Unicode normal form C", CONTENT),
    "KB322": Rule("hedge of the claim on its evidence", CONTENT),
    # Documents
    "KB401": Rule("sentence stands outside its document", CONTENT),
    "KB402": Rule("sentences overlap or are out of order", CONTENT),
    "KB403": Rule("sentence is undecided", CONTENT),
    "KB404": Rule("sentence is both covered and exempted", CONTENT),
    "KB405": Rule("nothing to check", CONTENT),
    # Texts
    "KB411": Rule("text of a sort that cannot be read", INPUT),
    "KB412": Rule("text without words", INPUT),
    "KB413": Rule("text that ships is missing", CONTENT),
    "KB414": Rule("text is not that of its record", CONTENT),
    "KB415": Rule("sentence is not that of its digest", CONTENT),
    "KB416": Rule("document has a record already", USE),
    "KB417": Rule("text is not named rightly", USE),
    "KB418": Rule("what is said of a document is wrong", USE),
    "KB419": Rule("record of a document cannot be made anew", CONTENT),
    # Quotes
    "KB421": Rule("quote is empty", CONTENT),
    "KB422": Rule("quote is too short", CONTENT),
    "KB423": Rule("quote cuts a word", CONTENT),
    "KB424": Rule("quote crosses sentences", CONTENT),
    "KB425": Rule("quote stands in no sentence", CONTENT),
    "KB426": Rule("quote is ambiguous", CONTENT),
    "KB427": Rule("quote stands elsewhere", CONTENT),
    "KB428": Rule("quote holds characters that are not seen", CONTENT),
    "KB429": Rule("quote holds letters that look like others", CONTENT),
    "KB430": Rule("quote has something inserted", CONTENT),
    "KB431": Rule("quote drops or adds a negation", CONTENT),
    "KB432": Rule("quote changes a number or unit", CONTENT),
    "KB433": Rule("quote is reordered", CONTENT),
    "KB434": Rule("quote is spliced", CONTENT),
    "KB435": Rule("quote is not word for word", CONTENT),
    "KB436": Rule("quote stands nowhere", CONTENT),
    "KB437": Rule("quote does not state the claim", CONTENT),
    "KB438": Rule("file of quotes is wrong", INPUT),
    # Verification
    "KB441": Rule("sentence has drifted", CONTENT),
    "KB442": Rule("sentence does not carry a part of the fact", CONTENT),
    "KB443": Rule("fact drops a negation", CONTENT),
    "KB444": Rule("fact drops a hedge", CONTENT),
    "KB445": Rule("nothing to verify", CONTENT),
    "KB446": Rule("declared words are not in the sentence", CONTENT),
    "KB448": Rule("no proposal to accept", USE),
    # The graph
    "KB501": Rule("shape is violated", CONTENT),
    "KB502": Rule("not a valid IRI", CONTENT),
    # Queries
    "KB601": Rule("unknown query", USE),
    "KB602": Rule("query has a syntax error", USE),
    "KB603": Rule("query reaches outside the knowledge base", USE),
    "KB604": Rule("query took too long", LIMIT),
    "KB605": Rule("query needed too much memory", LIMIT),
    "KB606": Rule("query is too long or nested too deeply", LIMIT),
    "KB607": Rule("parameter is wrong", USE),
    "KB608": Rule("query could not be answered", LIMIT),
    "KB609": Rule("query heading is wrong", CONTENT),
    # Serving
    "KB620": Rule("address cannot be listened at", OUTPUT),
    "KB622": Rule("request is wrong", USE),
    "KB623": Rule("method is not allowed", USE),
    "KB624": Rule("format is not acceptable", USE),
    "KB625": Rule("request is too large", LIMIT),
    "KB626": Rule("media type is not supported", USE),
    "KB627": Rule("server is busy", LIMIT),
    "KB628": Rule("client asks too often", LIMIT),
    "KB629": Rule("nothing of that name is served", USE),
    "KB630": Rule("request names another host", USE),
    "KB631": Rule("request came too slowly", LIMIT),
    "KB611": Rule("endpoint cannot be reached", INPUT),
    "KB612": Rule("endpoint refuses the query", USE),
    "KB613": Rule("answer of an endpoint cannot be read", INPUT),
    "KB614": Rule("rows of a query cannot be explained", USE),
    "KB615": Rule("unknown engine", USE),
    # Stores
    "KB651": Rule("there is no store", INPUT),
    "KB652": Rule("store is being built by another process", STORE),
    "KB653": Rule("store is damaged", STORE),
    "KB654": Rule("too little room for a store", OUTPUT),
    "KB655": Rule("store is stale", CONTENT),
    "KB656": Rule("engine does not fit the store", USE),
    # Output
    "KB701": Rule("output cannot be written", OUTPUT),
    "KB702": Rule("format is not known or does not fit", USE),
    "KB703": Rule("statement model does not fit the format", USE),
    "KB704": Rule("output folder is in use", STORE),
    "KB705": Rule("unknown term to show", USE),
    "KB706": Rule("output is not up to date", CONTENT),
    # Exports for others, and releases
    "KB710": Rule("Biolink profile names something unknown", CONTENT),
    "KB711": Rule("place of a release is taken", USE),
    "KB712": Rule("release is damaged, or says what is not so", CONTENT),
    "KB714": Rule("text that is held elsewhere would leave", CONTENT),
    # Curation
    "KB801": Rule("unknown problem to explain", USE),
    "KB802": Rule("file is not in canonical form", CONTENT),
    "KB803": Rule("file cannot be put into canonical form", CONTENT),
    "KB811": Rule("evidence is not of the form that is asked for", USE),
    "KB713": Rule("library of an extra is not installed", USE),
    # Scaling out
    "KB790": Rule("table has no such column", USE),
    "KB791": Rule("row of a table does not fit", CONTENT),
    "KB792": Rule("row of a table contradicts another", CONTENT),
    "KB793": Rule("new knowledge base needs a licence", USE),
    "KB794": Rule("output of a cluster build holds other things", STORE),
    # Stores to push to
    "KB751": Rule("address of the store is wrong", USE),
    "KB752": Rule("credentials are missing or unsafe", USE),
    "KB753": Rule("store lets nobody in", OUTPUT),
    "KB754": Rule("store cannot be reached", OUTPUT),
    "KB755": Rule("store refuses", OUTPUT),
    "KB756": Rule("answer of the store cannot be understood", OUTPUT),
    "KB757": Rule("store leads elsewhere", OUTPUT),
    "KB758": Rule("store does not hold what was pushed", OUTPUT),
    # The line
    "KB781": Rule("more facts are refused than are explained", CONTENT),
    # Nanopublications
    "KB771": Rule("nanopublication would be too large", LIMIT),
    "KB772": Rule("key for signing cannot be read", INPUT),
    "KB773": Rule("nobody can sign", CONTENT),
    "KB774": Rule("nanopublication cannot be signed", FAULT),
    "KB782": Rule("file is not named like one of a format", USE),
    "KB783": Rule("library for zstd is not installed", USE),
    "KB776": Rule("IRIs would lead nowhere", USE),
    "KB821": Rule("not a version of a knowledge base", INPUT),
    "KB822": Rule("more was removed than may be", CONTENT),
    "KB784": Rule("worker was killed", LIMIT),
    "KB831": Rule("place of a new knowledge base is taken", USE),
    # Ours
    "KB900": Rule("fault in kb", FAULT),
}


class Place(NamedTuple):
    """Where a problem lies.

    Args:
        file: The path as the user gave it, or a name such as ``<query>``.
        line: The line, from 1; 0 if the whole file is meant.
        column: The column in code points, from 1; 0 if the whole line is meant.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number]
        return ":".join([self.file, *numbers])


class Problem(NamedTuple):
    """One thing that is wrong.

    Args:
        place: Where.
        code: The rule, a key of :data:`RULES`.
        message: What is wrong, in one sentence.
        remedy: What to do about it, in one sentence.
    """

    place: Place
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.message} {self.remedy}"


class KbError(Exception):
    """The only exception that kb raises on purpose; the rule's code tells the sorts apart.

    ::

        Exception
        └── KbError          one or more problems; its exit code follows from their rules

    Args:
        problems: At least one problem.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def exit_code(self) -> int:
        """The exit code of a run that ends with these problems."""
        return exit_code(self.problems)


def fail(code: str, message: str, remedy: str, place: Place | str = "kb") -> KbError:
    """Make the exception for one problem, to be raised by the caller."""
    where = place if isinstance(place, Place) else Place(place)
    return KbError([Problem(where, code, message, remedy)])


def exit_code(problems: Iterable[Problem]) -> int:
    """Tell the exit code of a run that met these problems; 0 for none."""
    met = {RULES[problem.code].exit for problem in problems}
    if FAULT in met:
        return FAULT
    return next((code for code in _PRECEDENCE if code in met), DONE)


def quote(text: str) -> str:
    """Quote text of the user's for a message."""
    return f"'{visible(text)}'"


def visible(text: str) -> str:
    """Cut text for a message where it is long, and spell out what cannot be seen."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in cut)
