"""The tools for assistants: what each of them answers, from the same code as the commands.

A tool returns what holds for its whole answer, and rows. A row about a fact has its IRI, and the claim in words with its denial,
hedges and restrictions. An empty answer says what the knowledge base covers, since absence is no denial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from kb import pipeline, queries
from kb.agents.answer_pages import Answer, fence
from kb.files import characters, fingerprint
from kb.model import KnowledgeBase, Record
from kb.pages import citations, search
from kb.pages.links import Links
from kb.pages.page_graph import PageGraph
from kb.pages.questions import labels_by_iri
from kb.problems import KbError, Place, fail
from kb.proposals import gate, store
from kb.queries import Compiled
from kb.queries.child_process import Limits
from kb.queries.fact_reader import SupportingFact
from kb.queries.query_run import Session
from kb.rdf.iris import KB
from kb.rdf.quads import iri_value, is_iri
from kb.reports import show
from kb.sparql.library import Query
from kb.sparql.result_formats import plain_text
from kb.suggestions import did_you_mean
from kb.texts.indexed_text import QuoteLocation
from kb.texts.quotes import QuoteFinder
from kb.verification import cite

_SECONDS = 30.0  # for a query
_MOST_ROWS = 200  # of a free query, whose rows are explained; and of facts about one thing
_MOST_FACTS = 3  # named for a row of a free query
_MOST_TITLES = 5
_ABOUT_FACT = """SELECT DISTINCT ?s ?p ?o { VALUES ?fact { FACT }
  { BIND(?fact AS ?s) } UNION { ?fact kb:evidence ?s } UNION { ?fact kb:evidence/oa:hasTarget ?s } UNION { ?s kb:verifies ?fact }
  UNION { ?fact kb:evidence/oa:hasSelector ?s } UNION { ?fact kb:evidence/oa:hasTarget/oa:hasSelector ?s }
  UNION { ?fact prov:hadPrimarySource ?s } ?s ?p ?o }"""


class ToolAnswer(NamedTuple):
    """What a tool answers: what holds for all of it, and its rows."""

    answer: Answer
    rows: Sequence[Answer]


class KnowledgeTools:
    """The tools over the knowledge base in a folder, which is read anew at each call and never written, but for proposals.

    ``texts`` are those that do not ship, ``proposer`` is who proposes; empty if proposals are not allowed.
    """

    def __init__(self, content: Path, texts: Sequence[str] = (), proposer: str = "") -> None:
        self.content, self.texts, self.proposer = content, texts, proposer
        self._files = fingerprint.Files()
        self._read: tuple[KnowledgeBase, QuoteFinder] | None = None

    def find(self, words: str) -> ToolAnswer:
        """Find terms, predicates, documents and words of controlled lists by all words of a name."""
        base, notes = self.open_base()
        links = Links(base.names, base.names.base, {})
        answer = Session(base).run(search.write_query(words[: search.MAX_WORDS], {}, base.names))
        found, is_cut = search.list_results(answer.rows, links, labels_by_iri(base.labels, base.names))
        rows = [{key: text for key, text in result.items() if key != "href" and text} for result in found]
        notes += ["There is more: use more words."] if is_cut else []
        known = [label for kind in ("term", "predicate", "document") for labels in base.labels[kind].values() for label in labels]
        notes += [did_you_mean(words, known, "Try fewer words, or the tool 'questions'.")] if not rows else []
        return _tell(base, rows, notes)

    def about(self, term: str) -> ToolAnswer:
        """Describe a thing, and list the facts that name it."""
        base, notes = self.open_base()
        reader = Session(base).reader
        node = show.find_node(base, reader, term)
        facts = [node] if "/fact/" in node else show.find_facts(reader, node)
        if len(facts) > _MOST_ROWS:
            notes.append(f"Only {_MOST_ROWS} of {len(facts):,} facts are listed: ask the question 'facts' about less.")
        rows = [_show_fact(details.words) for details in reader.read(facts[:_MOST_ROWS]).values()]
        heading = [] if "/fact/" in node else list(show.describe_heading(base, reader, node))
        return _tell(base, rows, notes, iri=iri_value(node), heading=heading, facts=len(facts))

    def questions(self, topic: str = "") -> ToolAnswer:
        """List named questions that have words of a topic, those with most of them first."""
        base, notes = self.open_base()
        known = queries.named_queries(base)
        wanted = [word[:6] for word in topic.lower().split()]  # the beginnings of words, so that other forms fit
        scored = [(sum(word in _describe_query(query) for word in wanted), query) for query in known]
        chosen = [pair for pair in scored if pair[0] or not wanted]
        rows = [_show_query(query, is_short=not wanted) for _, query in sorted(chosen, key=lambda pair: (-pair[0], pair[1].name))]
        notes += [f"No question has these words; without a topic, all {len(known)} are listed."] if not rows else []
        return ToolAnswer({"notes": notes}, rows)

    def ask(self, name: str, parameters: Mapping[str, str] | None = None) -> ToolAnswer:
        """Answer a named question, as ``kb query`` does."""
        base, notes = self.open_base()
        query = queries.find_query(base, name)
        given = {key: str(text) for key, text in (parameters or {}).items()}
        asked = Session(base, limits=Limits(seconds=_SECONDS)).answer(query, given)
        answer = asked.answer
        rows = [
            {column: plain_text(term) for column, term in zip(answer.columns, row, strict=True) if term} for row in answer.terms
        ]
        truth = {"truth": answer.truth} if answer.form == "ask" else {}
        return _tell(base, rows, [*notes, *asked.notes], question=query.question, columns=query.columns, **truth)

    def sparql(self, query: str) -> ToolAnswer:
        """Answer a query in SPARQL, with the facts that its rows rest on."""
        base, notes = self.open_base()
        parsed = queries.parse_query(query, Path("<query>"))
        asked = Session(base, limits=Limits(seconds=_SECONDS)).answer(parsed, {})
        whole = asked.answer
        explained = asked.explain(whole._replace(rows=whole.rows[:_MOST_ROWS], triples=whole.triples[:_MOST_ROWS])).to_json()
        if (count := len(whole.terms)) > _MOST_ROWS:
            notes.append(f"Only {_MOST_ROWS} of {count:,} rows are given: narrow the query, count, or use LIMIT and OFFSET.")
        literals = {term for row in whole.terms[:_MOST_ROWS] for term in row if term and term.startswith('"')}
        texts = {plain_text(row[0]) for row in Session(base).reader.look_up("text", literals, "?node oa:exact ?text .", "?node")}
        rows = [_show_row(row, texts) for row in explained["rows"]]
        truth = {"truth": whole.truth} if whole.form == "ask" else {}
        return _tell(base, rows, [*notes, *asked.notes, *explained["unknown"]], **truth)

    def evidence(self, fact: str) -> ToolAnswer:
        """Give the sentences that state a fact, with positions and digests, the last verification, and how to cite it."""
        base, notes = self.open_base()
        session = Session(base)
        node = show.find_node(base, session.reader, fact)
        triples = [(row[0] or "", row[1] or "", row[2] or "") for row in session.run(_ABOUT_FACT.replace("FACT", node)).rows]
        labels = session.reader.read_labels({term for triple in triples for term in triple})
        by_iri = {iri_value(term): text for term, text in labels.items() if is_iri(term)}
        graph = PageGraph(triples, Links(base.names, base.names.base, {}), by_iri)
        if "/fact/" not in node or node not in graph.subjects():
            raise fail("KB705", f"{fact[:60]!r} is no fact.", "Give the IRI of a fact, as other tools return it.", "fact")
        view = graph.fact(node)
        dataset = citations.cite_dataset(base.names.base, session.run(citations.query_dataset(base.names)).rows)
        digests = (graph.texts(f"<{link.title}>", (f"{KB}sha256",)) for link in view.document)
        sources = [{"title": link.text, "sha256": "".join(digest)} for link, digest in zip(view.document, digests, strict=True)]
        rows = [_show_evidence(piece, sources[0]["title"] if sources else "") for piece in view.evidence]
        more = {
            "documents": sources,
            "verification": view.verification or "not verified",
            "notes_on_fact": [*view.notes, *view.curation],
        }
        cited = citations.cite_fact(view, dataset).text
        return ToolAnswer({"fact": iri_value(node), "says": view.fact.text, **more, "cite_as": cited, "notes": notes}, rows)

    def check_quote(self, quote: str, **claim: str) -> ToolAnswer:
        """Check whether words stand in a text, and whether their sentence states a claim, as ``kb quote-check`` does."""
        kb, finder = self.read_texts()
        (result,) = cite.check_quotes(kb, finder, [cite.QuoteRequest(0, quote, **claim)])
        verdict = cite.to_dict(result)
        near = [_show_location(finder, location) for location in result.verdict.near[:3]]
        place = [_show_location(finder, result.verdict.location)] if result.verdict.location else []
        kept = {key: verdict[key] for key in ("accepted", "verdict", "code", "message", "note") if verdict[key] is not None}
        remedy = {} if result.verdict.is_accepted else {"remedy": cite.make_refusal_problem(result).remedy}
        return ToolAnswer({**kept, **remedy, "is_near": bool(near and not place)}, place or near)

    def propose_fact(self, quote: str, sentence: str = "", **proposal: str) -> ToolAnswer:
        """Check a candidate fact, and store it as a proposal if a person may accept it; it is not a fact then."""
        if not self.proposer:
            raise fail("KB832", "Proposals are not allowed here.", "Start 'kb mcp' with --allow-proposals.", "propose_fact")
        kb, finder = self.read_texts()
        words: Any = [{"words": quote, "sentence": sentence}] if sentence else quote
        record = Record("proposal", {**proposal, "quote": words, "proposer": self.proposer}, Place("<proposal>"))
        if flaws := list(characters.check(record)):
            raise KbError(flaws)
        verdict = gate.Gate(kb, finder).check(record)
        new = store.add_proposals(self.content, [(verdict.document, record)]) if verdict.is_acceptable else 0
        told = {key: value for key, value in gate.to_dict(verdict).items() if key not in {"proposal", "problems"}}
        return ToolAnswer({**told, "stored": bool(new), "is_a_fact": False}, [problem.to_dict() for problem in verdict.problems])

    def open_base(self) -> tuple[Compiled, list[str]]:
        """Open what is sound of the knowledge base as it is now, with notes on the rest."""
        base, problems = queries.open_sound(self.content, lambda _: None)
        return base, [f"Left out because of problems: {len(problems)}. Run 'kb validate'."] if problems else []

    def read_texts(self) -> tuple[KnowledgeBase, QuoteFinder]:
        """Return the records and the indexed texts, read anew when a file has changed."""
        files = fingerprint.measure_files(self.content, self._files)
        if self._read is None or not fingerprint.are_same(self._files, files):
            kb, _ = pipeline.load_sound(self.content)
            self._read = kb, cite.make_finder(kb, self.texts, [])
        self._files = files
        return self._read


def _tell(base: Compiled, rows: Sequence[Answer], notes: Sequence[str], **more: Any) -> ToolAnswer:
    """Return an answer; an empty one says what the knowledge base covers."""
    is_empty = not rows and not more.get("truth")
    empty = {"not_stated": f"Not stated here. {describe_coverage(base)}"} if is_empty else {}
    return ToolAnswer({**more, **empty, "notes": list(notes)}, rows)


def describe_coverage(base: Compiled) -> str:
    """Say what a knowledge base covers, so that absence is not taken for a denial."""
    titles = [labels[0] for labels in base.labels["document"].values()]
    listed = f"{'; '.join(titles[:_MOST_TITLES])}{' …' if len(titles) > _MOST_TITLES else ''}"
    covers = f"{len(titles):,} document{'' if len(titles) == 1 else 's'} ({listed})"
    return f"This base covers {covers}; what it does not state may hold or not."


def _show_fact(words: SupportingFact) -> Answer:
    texts = [fence(quote, words.document) for quote in words.quotes]
    about = {"fact": words.fact[1:-1], "says": words.says, "document": words.document, "evidence": list(words.evidence)}
    return {**about, **({"text": texts} if texts else {})}


def _show_row(row: Mapping[str, Any], texts: set[str]) -> Answer:
    """Return a row of a free query, with the first facts that it rests on; texts of documents are marked."""
    cells = {name: fence(text, "a row") if text in texts else text for name, text in row["row"].items() if text is not None}
    facts = [{"fact": fact["fact"], "says": fact["says"]} for fact in row["facts"][:_MOST_FACTS]]
    more = len(row["facts"]) + row.get("omitted", 0) - _MOST_FACTS
    return {**cells, "facts": facts, **({"more_facts": more} if more > 0 else {})}


def _show_evidence(piece: Any, document: str) -> Answer:
    place = {"sentence": piece.sentence.title, "start": piece.start, "end": piece.end, "sha256": piece.digest}
    hedge = {"hedge": piece.hedge} if piece.hedge else {}
    text = fence(piece.quote, document, piece.sentence.text) if piece.quote else "held elsewhere: only position and digest ship"
    return {**place, "supports": piece.supports, **hedge, "text": text}


def _show_location(finder: QuoteFinder, location: QuoteLocation) -> Answer:
    words = finder.texts[location.document].extract(location)
    return {**asdict(location), "text": fence(words, location.document, location.sentence)}


def _describe_query(query: Query) -> str:
    return " ".join((query.name, query.title, query.question, query.group, *query.keywords)).lower()


def _show_query(query: Query, *, is_short: bool) -> Answer:
    parameters = {name: f"{about.type}: {about.description}" for name, about in query.parameters.items()}
    needs = {"needs": [" or ".join(need) for need in query.needs]} if query.needs else {}
    short = {"name": query.name, "question": query.question}
    if is_short:
        return {**short, "parameters": list(parameters)}
    return {**short, "parameters": parameters, **needs, "columns": query.columns}
