"""Coverage: decisions, evidence of parts, unused terms; and its HTML page, in a browser."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import cli, pipeline, resources
from kb.model import KnowledgeBase
from kb.reports import coverage, heatmap
from kb.texts.normal_form import digest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(__file__).resolve().parents[1] / "curation/node_modules/axe-core/axe.min.js"
WORDS = "Use <one> daily. It itches. Ask & read! Bye."
Make = Callable[..., Path]
Captured = pytest.CaptureFixture[str]


def sentence(name: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "start": start, "end": end, "sha256": digest(WORDS[start:end]), **more}


@pytest.fixture
def folder(make_kb: Make) -> Path:
    """Two sections of a leaflet: two sentences covered, one exempted, one undecided; a term and a predicate unused."""
    files = json.loads((make_kb("plain") / "documents/leaflet.yaml").read_text(encoding="utf-8"))
    spans = [sentence("s1.1", 0, 16), sentence("s1.2", 17, 27), sentence("s2.0", 28, 29)]
    rest = [
        sentence("s2.1", 29, 39, exempt={"reason": "restates", "by": ["s1.1"], "note": "It was said before."}),
        sentence("s2.2", 40, 44),
    ]
    document = {**files, "sentences": [*spans, *rest], "sections": [{"number": 2, "topic": "the end"}]}
    terms = json.loads((make_kb("plain") / "terms/terms.yaml").read_text(encoding="utf-8"))
    unused = {"id": "rash", "kind": "symptom", "label": "rash", "definition": "Red <skin>."}
    predicate = {"id": "eases", "label": "eases", "definition": "Makes less.", "subject": ["drug"], "object": ["symptom"]}
    predicates = json.loads((make_kb("plain") / "predicates.yaml").read_text(encoding="utf-8"))
    files = {
        "documents/leaflet.yaml": document,
        "terms/terms.yaml": [*terms, unused],
        "predicates.yaml": [*predicates, predicate],
    }
    return make_kb(**files)


def test_coverage_has_a_share_for_each_document_and_section(folder: Path) -> None:
    measured = coverage.measure(pipeline.load_sound(folder)[0])
    assert [
        (section.section, section.title, section.sentences, section.covered, section.undecided) for section in measured.sections
    ] == [
        (1, "", 2, 2, 0),
        (2, "the end", 2, 0, 1),
    ]
    assert measured.sections[1].exempted == {"restates": 1}
    (document,) = measured.documents
    assert (document.decided, document.sentences, document.share) == (3, 4, 0.75)
    assert (measured.total.decided, measured.total.sentences) == (3, 4)


def test_each_part_of_a_fact_has_its_own_or_shared_evidence(folder: Path) -> None:
    (support,) = coverage.measure(pipeline.load_sound(folder)[0]).supports
    assert support.own == {"frequency": ["s1.2"]}
    assert support.shared == ("claim", "modality")


def test_unused_terms_and_predicates_are_listed(folder: Path) -> None:
    measured = coverage.measure(pipeline.load_sound(folder)[0])
    assert "rash" in measured.unused_terms
    assert "examplol" not in measured.unused_terms
    assert measured.unused_predicates == ("eases",)


def test_a_term_that_only_a_qualifier_names_is_used(shipped: KnowledgeBase) -> None:
    assert "sudden-discontinuation" not in coverage.measure(shipped).unused_terms


def test_facts_on_exempted_sentences_are_listed_and_fail_the_run(folder: Path, capsys: Captured) -> None:
    record = folder / "facts/leaflet.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("s1.1", "s2.1").replace("s1.2", "s2.1"), encoding="utf-8")
    assert cli.run(["coverage", "--content", str(folder), "--fail-under", "0"]) == 1
    captured = capsys.readouterr()
    assert "Facts that rest on exempted sentences alone: fact/leaflet/examplol/has-side-effect/itch." in captured.out
    assert "KB404" in captured.err


@pytest.mark.parametrize(("share", "code"), [("75", 0), ("75.1", 1), ("100", 1), ("0", 0)])
def test_the_run_fails_below_the_required_share(share: str, code: int, folder: Path, capsys: Captured) -> None:
    assert cli.run(["coverage", "--content", str(folder), "--fail-under", share]) == code
    assert "3 of 4 sentences are decided (75%): 2 covered, 1 exempted (restates 1), 1 undecided." in capsys.readouterr().out


@pytest.mark.parametrize("by", ["section", "sentence", "fact"])
def test_text_output_has_rows_by_section_sentence_or_fact(by: str, folder: Path, capsys: Captured) -> None:
    cli.run(["coverage", "--content", str(folder), "--by", by])
    words = {"section": "the end", "sentence": "exempted: restates (s1.1)", "fact": "frequency (s1.2)"}
    assert words[by] in capsys.readouterr().out


def test_json_contains_the_whole_coverage(folder: Path, capsys: Captured) -> None:
    cli.run(["coverage", "--content", str(folder), "-f", "json"])
    output = json.loads(capsys.readouterr().out)
    assert (output["share"], output["exempted"], output["undecided"]) == (0.75, {"restates": 1}, 1)
    assert [len(output[key]) for key in ("documents", "sections", "decisions", "facts", "unused predicates")] == [1, 2, 4, 1, 1]


def test_undecided_sentences_are_warnings_if_the_share_suffices(folder: Path, capsys: Captured) -> None:
    for share, level in (("75", "warning"), ("76", "error")):
        cli.run(["coverage", "--content", str(folder), "-f", "github", "--fail-under", share])
        assert capsys.readouterr().out.startswith(f"::{level} file=")


def test_a_share_below_one_is_never_rounded_to_100_percent() -> None:
    assert coverage.percent(coverage.Share("", None, "", 10_000, 9_999, {}, 1)) == "99%"
    assert coverage.percent(coverage.Share("", None, "", 10_000, 10_000, {}, 0)) == "100%"


def test_of_no_sentences_there_is_no_share(tmp_path: Path, capsys: Captured) -> None:
    base = tmp_path / "kb"
    shutil.copytree(resources.starter(), base)
    for path in [*base.glob("documents/*"), *base.glob("facts/*")]:
        path.unlink()
    assert cli.run(["coverage", "--content", str(base)]) == 1
    shown = capsys.readouterr().out
    assert "There are no sentences to decide." in shown
    assert "100%" not in shown


def page(folder: Path, texts: dict[str, str]) -> str:
    kb = pipeline.load_sound(folder)[0]
    return heatmap.html(coverage.measure(kb), kb, texts)


def test_the_page_has_no_external_resources(folder: Path) -> None:
    text = page(folder, {"leaflet": WORDS})
    assert not re.findall(r"<(?:script|link|img|iframe|object)\b|\bsrc=|url\(|@import", text)
    assert set(re.findall(r'href="(.)', text)) == {"#"}
    assert "default-src 'none'" in text


def test_every_link_of_the_page_has_a_target(folder: Path) -> None:
    text = page(folder, {})
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))


def test_the_page_contains_text_only_where_it_is_available(folder: Path) -> None:
    assert "Use &lt;one&gt; daily." in page(folder, {"leaflet": WORDS})
    text = page(folder, {})
    assert "blockquote lang" not in text
    assert "The text is not available" in text


def test_the_page_contains_no_text_that_differs_from_the_sentence(folder: Path) -> None:
    text = page(folder, {"leaflet": WORDS.replace("daily", "never")})
    assert "never" not in text
    assert "It itches." in text


def test_the_page_contains_a_text_that_the_user_names(folder: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "words.txt").write_text(WORDS, encoding="utf-8")
    named = ["--text", f"leaflet={tmp_path / 'words.txt'}", "--fail-under", "0"]
    assert cli.run(["coverage", "--content", str(folder), "-f", "html", *named]) == 0
    assert "It itches." in capsys.readouterr().out
    assert cli.run(["coverage", "--content", str(folder), "-f", "html", "--text", "other=words.txt"]) == 1
    assert "KB303" in capsys.readouterr().err


def test_the_page_is_written_to_a_file(folder: Path, tmp_path: Path, capsys: Captured) -> None:
    target = tmp_path / "coverage.html"
    assert cli.run(["coverage", "--content", str(folder), "-f", "html", "-o", str(target), "--fail-under", "50"]) == 0
    assert target.read_text(encoding="utf-8") == page(folder, {})
    assert cli.run(["coverage", "--content", str(folder), "-o", str(target)]) == 2
    assert "--output is for --format html" in capsys.readouterr().err


def browse(text: str, script: str, tmp_path: Path, *options: str) -> Any:
    """Open a page in a browser, run a script that promises a value, and give the value."""
    assert CHROMIUM
    injected = f"<script>{script}.then(value => document.body.replaceChildren(JSON.stringify(value)))</script>"
    target = tmp_path / "page.html"
    scriptless = re.sub("<meta http-equiv[^>]+>", "", text)
    target.write_text(scriptless.replace("</body>", f"{injected}</body>"), encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", *options]
    command += ["--virtual-time-budget=20000", "--dump-dom", target.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=90, check=True)
    match = re.search(r"<body>(.*)</body>", done.stdout, re.DOTALL)
    assert match, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(html.unescape(match.group(1)))


needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")


@needs_chromium
@pytest.mark.long("a browser")
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: run 'make npm'")
@pytest.mark.parametrize("which", ["small", "shipped"])
def test_the_page_passes_an_accessibility_checker(which: str, folder: Path, tmp_path: Path) -> None:
    checker = AXE.read_text(encoding="utf-8").replace("</script", "<\\/script")
    rules = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']}"
    script = f"{checker};axe.run(document, {rules})"
    text = page(folder, {"leaflet": WORDS}) if which == "small" else page(resources.content(), {})
    result = browse(text, script, tmp_path)
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in result["violations"]] == []
    assert {"color-contrast", "document-title", "html-has-lang", "list"} <= {rule["id"] for rule in result["passes"]}


@needs_chromium
@pytest.mark.long("a browser")
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_no_wider_than_its_window(width: int, folder: Path, tmp_path: Path) -> None:
    inner = json.dumps(page(folder, {"leaflet": WORDS})).replace("</", "<\\/")
    frame = f"""new Promise(resolve => {{
      const frame = document.createElement('iframe'); frame.style.width = '{width}px'; frame.style.height = '800px';
      frame.onload = () => {{ const top = frame.contentDocument.documentElement; resolve([top.scrollWidth, top.clientWidth]) }};
      frame.srcdoc = {inner};
      document.body.append(frame); }})"""
    scrolled, client = browse("<html><body></body></html>", frame, tmp_path)
    assert scrolled <= client <= width


def test_the_shipped_knowledge_base_is_decided_and_used_in_full(shipped: KnowledgeBase) -> None:
    measured = coverage.measure(shipped)
    assert measured.total.share == 1
    assert not measured.unused_predicates
    assert not measured.resting_on_exempted
