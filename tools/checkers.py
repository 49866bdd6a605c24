"""Run the published quotes and claims against other checkers of PyPI, each in an environment of its own.

``python -m tools.checkers FOLDER`` installs each checker into a virtual environment in FOLDER, asks it every quote of
``tests/texts/integrity`` (in the text that a case names, or else in each), and every sentence that a fact of
``tests/verification/claims`` gives as evidence, and writes what it accepts to ``tests/texts/integrity/checkers.json``, from which
``make docs`` makes the table in ``docs/quotes.md``. None of them takes a claim, so a fact counts as accepted if all its sentences
are.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

RESULTS = ROOT / "tests" / "texts" / "integrity" / "checkers.json"
# What a checker that is given a text and a quote cannot know: the record of sentences, and the claim.
OUT_OF_SCOPE = ("repeated", "headings", "a sentence of another document or sentence")
CLAIMED = "a true sentence for a claim that it does not make"

# Each checker with the function that says whether a text has a quote, as documented by it.
CHECKERS = {
    "forrt-research-mcp": """
from forrt_research_mcp import quotes
def accepts(text, quote):
    quotes._page_texts = lambda path: [text]
    return quotes.verify_quote(__file__, quote)["found"]
""",
    "med-lit-mcp": "from med_lit_mcp.matching import contains_verbatim as accepts",
    "quotecheck": """
from quotecheck import check
def accepts(text, quote):
    return check(quote, text).ok
""",
    "scale-catal": """
from scale.pgraph import match_text
def accepts(text, quote):
    return match_text(quote) in match_text(text)
""",
    "pagecite": """
from pagecite.verify import VERIFIED, check_quote
def accepts(text, quote):
    return check_quote(quote, [1], [text]).status == VERIFIED
""",
    "linkml-reference-validator": """
from linkml_reference_validator.models import ReferenceContent, ReferenceValidationConfig
from linkml_reference_validator.validation.supporting_text_validator import SupportingTextValidator
checker = SupportingTextValidator(ReferenceValidationConfig())
def accepts(text, quote):
    if checker.check_excerpt_content(quote):
        return False
    return checker.find_text_in_reference(quote, ReferenceContent(reference_id="PMID:1", content=text)).found
""",
}
_DRIVER = """
import json, sys
def ask(text, quote):
    try:
        return bool(accepts(text, quote))
    except Exception:
        return False
for line in sys.stdin:
    print(json.dumps([any(ask(text, quote) for text in texts) for quote, texts in json.loads(line)]))
"""


def list_quotes() -> list[tuple[str, bool, str, list[str]]]:
    """Return each case whose words are here: its kind, whether it is genuine, the quote, and the texts it may stand in."""
    from kb import resources
    from kb.texts import normal_form
    from tools import integrity

    files = [path for path in integrity.HERE.iterdir() if path.suffix in {".txt", ".html"}]
    files.append(resources.example() / "documents" / "zelorin-leaflet.txt")
    texts = {path.stem: normal_form.read(path).words for path in files}
    return [
        (
            case["kind"],
            case["expect"] == "found",
            case["quote"],
            [texts[case["document"]]] if "document" in case else [*texts.values()],
        )
        for case in integrity.cases()
        if "pieces" not in case and case.get("document", "zelorin-leaflet") in texts
    ]


def list_claims() -> Iterator[tuple[bool, list[tuple[str, list[str]]]]]:
    """Yield for each fact whether it is true, and its sentences, each with the text."""
    from tools import claims

    for path in claims.list_corpus("held", "tuned"):
        base, text, cases = claims.read_corpus(path)
        (document,) = base.documents.values()
        words = {one.id: text.words[one.start : one.end] for one in document.sentences}
        for case in cases:
            yield case.is_true, [(words[name], [text.words]) for name in case.fact.sentences]


def run(name: str, folder: Path, batches: list[Any]) -> list[list[bool]]:
    """Install a checker if its environment does not exist, and return which quotes of each batch it accepts."""
    home = folder / name
    if not (home / "bin" / "python").exists():
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "pip", "install", "-q", name], check=True)
    lines = "".join(f"{json.dumps(batch)}\n" for batch in batches)
    script = f"{CHECKERS[name]}\n{_DRIVER}"
    (folder / f"ask-{name}.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [home / "bin" / "python", folder / f"ask-{name}.py"], input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def find_version(name: str, folder: Path) -> str:
    """Return the version that is installed."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run(
        [folder / name / "bin" / "python", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def measure(folder: Path) -> dict[str, Any]:
    """Ask every checker, and count what it lets through and what it accepts."""
    quotes, facts = list_quotes(), list(list_claims())
    batches = [[(quote, texts) for *_, quote, texts in quotes], *(sentences for _, sentences in facts)]
    results: dict[str, Any] = {}
    for name in CHECKERS:
        accepted, *by_fact = run(name, folder, batches)
        wrong = [(kind, taken) for (kind, genuine, *_), taken in zip(quotes, accepted, strict=True) if not genuine]
        scope = [taken for kind, taken in wrong if kind not in {*OUT_OF_SCOPE, CLAIMED}]
        genuine = [taken for (_, is_genuine, *_), taken in zip(quotes, accepted, strict=True) if is_genuine]
        judged = [(is_true, all(taken)) for (is_true, _), taken in zip(facts, by_fact, strict=True)]
        results[name] = {
            "version": find_version(name, folder),
            "adversarial": [sum(taken for _, taken in wrong), len(wrong)],
            "adversarial in scope": [sum(scope), len(scope)],
            "genuine": [sum(genuine), len(genuine)],
            "wrong facts": [sum(taken for is_true, taken in judged if not is_true), sum(not is_true for is_true, _ in judged)],
            "true facts": [sum(taken for is_true, taken in judged if is_true), sum(is_true for is_true, _ in judged)],
        }
        print(name, results[name], file=sys.stderr)
    return results


def measure_ours() -> dict[str, Any]:
    """Count the same for kb itself."""
    from kb import resources
    from kb.verification import cite
    from tools import claims, integrity

    kb, counts = integrity.base(), {"adversarial": [0, 0], "adversarial in scope": [0, 0], "genuine": [0, 0]}
    finder = integrity.finder(kb)
    for number, case in enumerate(integrity.cases(), 1):
        asked = integrity.ask(case, number, None)
        if asked is None:
            continue
        (result,) = cite.check_quotes(kb, finder, [asked])
        keys = ["genuine"] if case["expect"] == "found" else ["adversarial"]
        keys += ["adversarial in scope"] * (keys == ["adversarial"] and case["kind"] not in {*OUT_OF_SCOPE, CLAIMED})
        for key in keys:
            counts[key][0] += result.verdict.is_accepted
            counts[key][1] += 1
    figures = [claims.measure_file(path, resources.content(), ()) for path in claims.list_corpus("held", "tuned")]
    for key, is_true in (("wrong facts", False), ("true facts", True)):
        totals = [one.total(is_true=is_true) for one in figures]
        counts[key] = [sum(count - flagged for count, flagged in totals), sum(count for count, _ in totals)]
    return counts


def table() -> Iterator[str]:
    """Yield the rows of the table in the documentation: kb as it is now, the others as they were measured."""
    columns = ["adversarial", "adversarial in scope", "genuine", "wrong facts", "true facts"]
    yield "| checker | adversarial quotes let through | of these in its scope | genuine quotes accepted "
    yield "| wrong facts let through | true facts accepted |\n|---|---:|---:|---:|---:|---:|\n"
    others = json.loads(RESULTS.read_text(encoding="utf-8"))
    for name, counts in {"kb": measure_ours(), **others}.items():
        cells = [f"{counts[column][0]} of {counts[column][1]}" for column in columns]
        yield f"| {' '.join(filter(None, [name, counts.get('version')]))} | {' | '.join(cells)} |\n"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(measure(target), indent=1) + "\n", encoding="utf-8")
