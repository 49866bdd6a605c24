"""What can be wrong: the catalogue of rules, ``Problem`` values, and the only exception.

Checks are generators of :class:`Problem`: no check prints, and none raises for bad input. A command that
cannot go on raises :class:`KbError`, which ``kb.cli.main`` alone turns into a message and an exit code.
``grep KB301`` finds the rule of a code, ``kb explain KB301`` explains it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from kb.escaping import escape_unseen
from kb.exit_codes import CONTENT, DONE, FAULT, INPUT, LIMIT, OUTPUT, PRECEDENCE, STORE, USE

#: How many problems are reported of one file, and in one run; the others are counted (KB115).
MOST_OF_FILE, MOST_OF_RUN = 1_000, 10_000

# How many characters of a text from the user a message shows.
_LONGEST_SHOWN = 60

# The rules whose messages show an excerpt below the sentence. The writer of the excerpt makes its characters visible.
_WITH_EXCERPT = {"KB602"}


class Status(StrEnum):
    """What users can rely on: a preview rule may report other things in the next minor version."""

    STABLE = "stable"
    PREVIEW = "preview"
    DEPRECATED = "deprecated"


class Rule(NamedTuple):
    """One entry of the catalogue.

    Args:
        name: The short name, unique, in kebab case; ``kb explain`` takes it in place of the code.
        title: What is wrong, in a few words.
        exit: The exit code of a run that reports it.
        status: What users can rely on.
    """

    name: str
    title: str
    exit: int
    status: Status = Status.STABLE


class RetiredCode(NamedTuple):
    """A code that no run reports any more; it is never assigned again.

    Args:
        title: What it stood for.
        reason: Why it is gone.
        successor: The code that reports this now, or nothing.
    """

    title: str
    reason: str
    successor: str = ""


#: The rules by section and code. A new code is the next number of its section.
SECTIONS: dict[str, dict[str, Rule]] = {
    "Reading files": {
        "KB101": Rule("missing-file", "file or folder is missing", INPUT),
        "KB102": Rule("unreadable-file", "file cannot be read", INPUT),
        "KB103": Rule("not-utf-8", "file is not UTF-8", INPUT),
        "KB104": Rule("syntax-error", "syntax error", INPUT),
        "KB105": Rule("duplicate-key", "duplicate key", INPUT),
        "KB106": Rule("yaml-tag-or-anchor", "YAML tag, anchor or alias", INPUT),
        "KB107": Rule("inexact-number", "number cannot be represented exactly", INPUT),
        "KB108": Rule("forbidden-character", "forbidden character in text", INPUT),
        "KB109": Rule("empty-file", "file is empty", INPUT),
        "KB110": Rule("file-too-large", "file is too large", LIMIT),
        "KB111": Rule("nesting-too-deep", "nesting is too deep", LIMIT),
        "KB112": Rule("not-a-knowledge-base", "not a knowledge base", INPUT),
        "KB113": Rule("file-outside-folder", "file is outside the knowledge base", INPUT),
        "KB114": Rule("damaged-compressed-file", "compressed file cannot be read", INPUT),
        "KB115": Rule("problems-not-shown", "more problems than are shown", CONTENT),
    },
    "Records against their schema": {
        "KB201": Rule("missing-key", "required key is missing", CONTENT),
        "KB202": Rule("unknown-key", "unknown key", CONTENT),
        "KB203": Rule("wrong-type", "wrong type", CONTENT),
        "KB204": Rule("value-not-listed", "value is not in the list", CONTENT),
        "KB205": Rule("malformed-value", "value has the wrong format", CONTENT),
        "KB206": Rule("schema-violation", "record violates its schema", CONTENT),
    },
    "Records against each other": {
        "KB301": Rule("unknown-term", "unknown term", CONTENT),
        "KB302": Rule("unknown-predicate", "unknown predicate", CONTENT),
        "KB303": Rule("unknown-document", "unknown document", CONTENT),
        "KB304": Rule("unknown-sentence", "unknown sentence", CONTENT),
        "KB305": Rule("wrong-subject-kind", "wrong kind of subject", CONTENT),
        "KB306": Rule("wrong-object-kind", "wrong kind of object", CONTENT),
        "KB307": Rule("disallowed-qualifier", "qualifier is not allowed", CONTENT),
        "KB308": Rule("missing-qualifier", "required qualifier is missing", CONTENT),
        "KB309": Rule("wrong-qualifier-value", "wrong kind of qualifier value", CONTENT),
        "KB311": Rule("duplicate-fact", "duplicate fact", CONTENT),
        "KB312": Rule("duplicate-id", "duplicate id", CONTENT),
        "KB313": Rule("part-without-evidence", "part of the fact has no evidence", CONTENT),
        "KB314": Rule("evidence-without-part", "evidence for a part that the fact does not have", CONTENT),
        "KB315": Rule("unknown-prefix", "unknown prefix", CONTENT),
        "KB316": Rule("unknown-mapping-subject", "mapping of an unknown term or predicate", CONTENT),
        "KB317": Rule("duplicate-mapping", "duplicate mapping", CONTENT),
        "KB318": Rule("duplicate-evidence", "duplicate evidence", CONTENT),
        "KB319": Rule("mixed-scripts", "word mixes letters of several scripts", CONTENT),
        "KB320": Rule("duplicate-label", "duplicate label", CONTENT),
        "KB321": Rule("not-normalized", "text is not in Unicode Normalization Form C", CONTENT),
        "KB322": Rule("misplaced-hedge", "hedge of the claim is recorded on its evidence", CONTENT),
    },
    "Documents": {
        "KB401": Rule("sentence-out-of-range", "sentence is outside its document", CONTENT),
        "KB402": Rule("overlapping-sentences", "sentences overlap or are out of order", CONTENT),
        "KB403": Rule("undecided-sentence", "sentence is undecided", CONTENT),
        "KB404": Rule("covered-and-exempted", "sentence is both covered and exempted", CONTENT),
        "KB405": Rule("nothing-to-check", "nothing to check", CONTENT),
    },
    "Texts": {
        "KB411": Rule("unsupported-text", "text format is not supported", INPUT),
        "KB412": Rule("text-without-words", "text contains no words", INPUT),
        "KB413": Rule("missing-text", "shipped text is missing", CONTENT),
        "KB414": Rule("text-mismatch", "text does not match its record", CONTENT),
        "KB415": Rule("sentence-mismatch", "sentence does not match its digest", CONTENT),
        "KB416": Rule("document-exists", "document already has a record", USE),
        "KB417": Rule("wrong-text-name", "text file has the wrong name", USE),
        "KB418": Rule("invalid-document-details", "details of the document are invalid", USE),
        "KB419": Rule("document-not-updatable", "document record cannot be updated", CONTENT),
    },
    "Quotes": {
        "KB421": Rule("quote-empty", "quote is empty", CONTENT),
        "KB422": Rule("quote-too-short", "quote is too short", CONTENT),
        "KB423": Rule("quote-cuts-word", "quote cuts a word", CONTENT),
        "KB424": Rule("quote-crosses-sentences", "quote crosses sentences", CONTENT),
        "KB425": Rule("quote-outside-sentences", "quote is outside every sentence", CONTENT),
        "KB426": Rule("quote-ambiguous", "quote is ambiguous", CONTENT),
        "KB427": Rule("quote-misplaced", "quote is in another place", CONTENT),
        "KB428": Rule("quote-invisible-characters", "quote contains invisible characters", CONTENT),
        "KB429": Rule("quote-lookalike-letters", "quote contains look-alike letters", CONTENT),
        "KB430": Rule("quote-insertion", "quote contains an insertion", CONTENT),
        "KB431": Rule("quote-negation-changed", "quote drops or adds a negation", CONTENT),
        "KB432": Rule("quote-number-changed", "quote changes a number or unit", CONTENT),
        "KB433": Rule("quote-reordered", "quote is reordered", CONTENT),
        "KB434": Rule("quote-spliced", "quote is spliced", CONTENT),
        "KB435": Rule("quote-not-verbatim", "quote is not verbatim", CONTENT),
        "KB436": Rule("quote-not-found", "quote is not in the texts", CONTENT),
        "KB437": Rule("quote-without-claim", "quote does not state the claim", CONTENT, Status.PREVIEW),
        "KB438": Rule("invalid-quote-file", "file of quotes is invalid", INPUT),
    },
    "Verification": {
        "KB441": Rule("sentence-drifted", "sentence has changed in the text", CONTENT),
        "KB442": Rule("unsupported-part", "sentence does not support a part of the fact", CONTENT, Status.PREVIEW),
        "KB443": Rule("dropped-negation", "fact drops a negation", CONTENT, Status.PREVIEW),
        "KB444": Rule("dropped-hedge", "fact drops a hedge", CONTENT, Status.PREVIEW),
        "KB445": Rule("nothing-to-verify", "nothing to verify", CONTENT),
        "KB446": Rule("words-not-in-sentence", "declared words are not in the sentence", CONTENT, Status.PREVIEW),
        "KB448": Rule("no-proposal", "no proposal to accept", USE),
    },
    "The graph": {
        "KB501": Rule("shape-violation", "shape is violated", CONTENT),
        "KB502": Rule("invalid-iri", "not a valid IRI", CONTENT),
    },
    "Queries": {
        "KB601": Rule("unknown-query", "unknown query", USE),
        "KB602": Rule("query-syntax-error", "query has a syntax error", USE),
        "KB603": Rule("query-not-allowed", "query reaches outside the knowledge base", USE),
        "KB604": Rule("query-timeout", "query took too long", LIMIT),
        "KB605": Rule("query-out-of-memory", "query needed too much memory", LIMIT),
        "KB606": Rule("query-too-complex", "query is too long or nested too deeply", LIMIT),
        "KB607": Rule("invalid-parameter", "parameter is invalid", USE),
        "KB608": Rule("query-failed", "query could not be answered", LIMIT),
        "KB609": Rule("invalid-query-heading", "query heading is invalid", CONTENT),
        "KB611": Rule("endpoint-unreachable", "endpoint cannot be reached", INPUT),
        "KB612": Rule("endpoint-refusal", "endpoint refuses the query", USE),
        "KB613": Rule("endpoint-response-unreadable", "response of the endpoint cannot be read", INPUT),
        "KB615": Rule("unknown-engine", "unknown engine", USE),
        "KB616": Rule("default-graph-empty", "default graph of the endpoint is empty", INPUT),
    },
    "The server": {
        "KB620": Rule("cannot-listen", "server cannot listen at the address", OUTPUT),
        "KB622": Rule("bad-request", "request is invalid", USE),
        "KB623": Rule("method-not-allowed", "method is not allowed", USE),
        "KB624": Rule("not-acceptable", "format is not acceptable", USE),
        "KB625": Rule("request-too-large", "request is too large", LIMIT),
        "KB626": Rule("unsupported-media-type", "media type is not supported", USE),
        "KB627": Rule("server-busy", "server is busy", LIMIT),
        "KB628": Rule("too-many-requests", "client sends too many requests", LIMIT),
        "KB629": Rule("not-found", "resource is not found", USE),
        "KB630": Rule("wrong-host", "request names another host", USE),
        "KB631": Rule("request-timeout", "request arrived too slowly", LIMIT),
        "KB632": Rule("request-head-too-large", "request line or headers are too large", LIMIT),
    },
    "Stores": {
        "KB651": Rule("missing-store", "no store found", INPUT),
        "KB652": Rule("store-locked", "store is being built by another process", STORE),
        "KB653": Rule("store-damaged", "store is damaged", STORE),
        "KB654": Rule("insufficient-disk-space", "not enough disk space for the store", OUTPUT),
        "KB655": Rule("store-stale", "store is out of date", CONTENT),
        "KB656": Rule("engine-mismatch", "engine does not fit the store", USE),
    },
    "Output": {
        "KB701": Rule("output-not-written", "output cannot be written", OUTPUT),
        "KB702": Rule("unknown-format", "format is unknown or unsuitable", USE),
        "KB703": Rule("model-mismatch", "statement model does not fit the format", USE),
        "KB704": Rule("output-locked", "output folder is in use", STORE),
        "KB705": Rule("unknown-name", "unknown or ambiguous name", USE),
        "KB706": Rule("output-stale", "output is out of date", CONTENT),
        "KB707": Rule("unfinished-change", "change of several files is not complete", STORE),
        "KB708": Rule("edited-meanwhile", "file was edited while a command was running", STORE),
    },
    "Exports for other tools, and releases": {
        "KB710": Rule("unknown-biolink-name", "Biolink profile uses an unknown name", CONTENT),
        "KB711": Rule("release-exists", "release already exists", USE),
        "KB712": Rule("release-invalid", "release is damaged or inconsistent", CONTENT),
        "KB713": Rule("missing-library", "optional library is not installed", USE),
        "KB714": Rule("withheld-text", "withheld text would be released", CONTENT),
        "KB715": Rule("missing-redirect-target", "no redirect target for the IRIs", USE),
    },
    "Push": {
        "KB751": Rule("invalid-push-url", "URL of the store is invalid", USE),
        "KB752": Rule("unsafe-credentials", "credentials are missing or unsafe", USE),
        "KB753": Rule("authentication-failed", "authentication failed", OUTPUT),
        "KB754": Rule("push-unreachable", "store cannot be reached", OUTPUT),
        "KB755": Rule("push-refused", "store refuses the request", OUTPUT),
        "KB756": Rule("push-response-unreadable", "response of the store cannot be read", OUTPUT),
        "KB757": Rule("push-redirected", "store redirects to another address", OUTPUT),
        "KB758": Rule("push-mismatch", "store does not contain what was pushed", OUTPUT),
    },
    "Nanopublications": {
        "KB771": Rule("nanopub-too-large", "nanopublication is too large", LIMIT),
        "KB772": Rule("unreadable-key", "signing key cannot be read", INPUT),
        "KB773": Rule("missing-signer", "no creator can sign", CONTENT),
        "KB774": Rule("signing-failed", "nanopublication cannot be signed", FAULT),
    },
    "Builds": {
        "KB781": Rule("too-many-refusals", "more facts are refused than are explained", CONTENT),
        "KB782": Rule("unknown-suffix", "suffix of the output file is unknown", USE),
        "KB784": Rule("worker-killed", "worker was killed", LIMIT),
    },
    "Tables": {
        "KB790": Rule("unknown-column", "table has no such column", USE),
        "KB791": Rule("invalid-row", "row of a table is invalid", CONTENT),
        "KB792": Rule("contradictory-row", "row of a table contradicts another", CONTENT),
        "KB793": Rule("missing-licence", "new knowledge base needs a licence", USE),
    },
    "Cluster builds": {
        "KB794": Rule("cluster-output-not-empty", "output folder contains other files", STORE, Status.PREVIEW),
    },
    "Explaining and formatting": {
        "KB801": Rule("unknown-rule", "unknown rule", USE),
        "KB802": Rule("not-canonical", "file is not in canonical form", CONTENT),
        "KB803": Rule("not-formattable", "file cannot be put into canonical form", CONTENT),
    },
    "Adding facts": {
        "KB811": Rule("malformed-evidence", "evidence has the wrong format", USE),
    },
    "Versions": {
        "KB821": Rule("not-a-version", "not a version of a knowledge base", INPUT),
        "KB822": Rule("too-much-removed", "more was removed than is allowed", CONTENT),
    },
    "New knowledge bases": {
        "KB831": Rule("folder-not-empty", "folder of the new knowledge base is not empty", USE),
    },
    "Internal errors": {
        "KB900": Rule("internal-error", "internal error in kb", FAULT),
    },
}

RULES: dict[str, Rule] = {code: rule for rules in SECTIONS.values() for code, rule in rules.items()}

#: Codes that are no longer in the catalogue, and gaps in its numbering.
RETIRED: dict[str, RetiredCode] = {
    **dict.fromkeys(
        ("KB310", "KB610", "KB621", "KB775"), RetiredCode("a gap in the numbering", "No version of kb has reported it.")
    ),
    "KB447": RetiredCode("verification is out of date", "Such results are ignored; 'kb verify --record' updates them."),
    "KB614": RetiredCode("rows of a query cannot be explained", "Answers of every form are explained."),
    "KB776": RetiredCode("no redirect target for the IRIs", "It concerns releases, not nanopublications.", "KB715"),
    "KB783": RetiredCode("library for zstd is not installed", "Every optional library has the same rule.", "KB713"),
}


class Place(NamedTuple):
    """Where a problem is.

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
        return ":".join([escape_unseen(self.file), *numbers])


class Problem(NamedTuple):
    """One thing that is wrong.

    Args:
        place: Where the problem is.
        code: The rule, a key of :data:`RULES`.
        message: What is wrong, in one sentence.
        remedy: What to do about it, in one sentence.
    """

    place: Place
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        message = escape_unseen(self.message, "\t\n" if self.code in _WITH_EXCERPT else "")
        return f"{self.place}: {self.code} {message} {escape_unseen(self.remedy)}"


class KbError(Exception):
    """The only exception that kb raises on purpose: one or more problems, distinguished by the codes of their rules.

    Args:
        problems: At least one problem.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = collect(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def exit_code(self) -> int:
        """The exit code of a run that ends with these problems."""
        return exit_code(self.problems)

    def _render_traceback_(self) -> list[str]:
        """Return what notebooks show in place of a traceback: a line for each problem."""
        return list(map(str, self.problems))


def fail(code: str, message: str, remedy: str, place: Place | str = "kb") -> KbError:
    """Make the exception for one problem, to be raised by the caller."""
    return KbError([Problem(place if isinstance(place, Place) else Place(place), code, message, remedy)])


def collect(problems: Iterable[Problem]) -> Sequence[Problem]:
    """Sort problems, each once, up to :data:`MOST_OF_FILE` and :data:`MOST_OF_RUN` and at least one of each rule.

    A last problem of a file (KB115) says how many are left out, so that a small file cannot fill a terminal or the memory.
    """
    if isinstance(problems, _BoundedProblems):
        return problems
    shown: set[Problem] = set()
    codes: set[str] = set()
    counts, omitted = Counter[str](), Counter[str]()
    for problem in problems:
        file = problem.place.file
        if problem in shown:
            continue
        if problem.code != _OMITTED and problem.code in codes and (counts[file] >= MOST_OF_FILE or len(shown) >= MOST_OF_RUN):
            omitted[file if counts[file] else "kb"] += 1
            continue
        shown.add(problem)
        codes.add(problem.code)
        counts[file] += problem.code != _OMITTED
    return _BoundedProblems(sorted(shown.union(make_omitted(file, count, "problems") for file, count in omitted.items())))


class _BoundedProblems(list[Problem]):
    """Problems that are sorted and bounded already, so that nothing may be added: :func:`collect` returns a sequence."""


def make_omitted(file: str, count: int, what: str) -> Problem:
    """Return the problem that says how many problems of a file, or records with problems, are not shown (KB115)."""
    return Problem(Place(file), _OMITTED, f"{count:,} more {what} are not shown.", "Correct these, then run the command again.")


_OMITTED = "KB115"


def exit_code(problems: Iterable[Problem]) -> int:
    """Return the exit code of a run that reports these problems; 0 for none."""
    codes = {RULES[problem.code].exit for problem in problems}
    return next((code for code in PRECEDENCE if code in codes), DONE)


def quote(text: str) -> str:
    """Put text from the user between quotation marks, for a message."""
    return f"'{visible(text)}'"


def visible(text: str) -> str:
    """Shorten long text for a message, and escape characters that cannot be displayed."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in cut)
