"""The files of a release for people: README, LICENSE, CITATION.cff."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

from kb.escaping import escape_json
from kb.escaping import escape_markdown as md
from kb.release.details import creator_url, release_details
from kb.release.draft import Draft


def add_licence(draft: Draft) -> None:
    """Add LICENSE."""
    details = release_details(draft.kb.dataset)
    name = f" ({details.spdx})" if details.spdx else ""
    text = f"{details.dataset.title}, version {details.dataset.version}\n\n"
    text += f"This dataset is made available under {details.dataset.license}{name}.\nThe legal text is at that address.\n"
    held = [document for document in draft.kb.documents.values() if document.text == "held-elsewhere"]
    if held:
        text += "\nThe texts that the facts were found in are not part of it:\n"
        text += "".join(f"- {document.title}: {document.rights}\n" for document in held)
    draft.add("LICENSE", text, "Under which terms it may be used.", "text/plain", "text")


def add_citation(draft: Draft) -> None:
    """Add CITATION.cff (Citation File Format 1.2.0); values are written as JSON, which is YAML."""
    dataset, details = draft.kb.dataset, release_details(draft.kb.dataset)
    pairs: dict[str, object] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": dataset.title,
        "abstract": dataset.description,
        "version": dataset.version,
        "date-released": dataset.issued,
        "url": details.homepage,
        "license": details.spdx,
        "license-url": "" if details.spdx else dataset.license,
        "doi": dataset.doi,
        "repository": dataset.repository,
        "keywords": list(dataset.keywords),
    }
    lines = [f"{key}: {_json(value)}\n" for key, value in pairs.items() if value]
    lines.append("authors:\n")
    for creator in dataset.creators:
        lines.append(f"  - name: {_json(creator.name)}\n")
        if creator_url(creator):
            lines.append(f'    {"orcid" if creator.orcid else "website"}: "{creator_url(creator)}"\n')
    draft.add("CITATION.cff", lines, "How to cite it.", "application/yaml", "metadata")


def _json(value: object) -> str:
    return escape_json(json.dumps(value, ensure_ascii=False))


# How the questions of a release are asked over its N-Quads in each store; make acceptance tries it.
_STORES = {
    "Oxigraph": "`oxigraph load --location db --file {nquads}`, then `oxigraph serve --location db --union-default-graph`",
    "Apache Jena TDB2": "`tdb2.tdbloader --loc db {nquads}`, "
    "then `tdb2.tdbquery --set tdb2:unionDefaultGraph=true --loc db --query Q`",
    "Comunica": "`comunica-sparql-file {nquads} -f Q --unionDefaultGraph`",
    "rdflib": "`Dataset(default_union=True).parse('{nquads}')`",
    "pyoxigraph": "`store.query(text, use_default_graph_as_union=True)`",
    "Virtuoso, GraphDB, RDF4J, QLever, Neptune, Blazegraph": "no setting is needed",
}


def add_readme(draft: Draft) -> None:
    """Add README.md."""
    draft.add("README.md", _readme(draft), "What is in this folder.", "text/markdown", "text")


def _readme(draft: Draft) -> Iterator[str]:
    kb, dataset, details = draft.kb, draft.kb.dataset, release_details(draft.kb.dataset)
    yield f"# {md(dataset.title)}\n\n{md(dataset.description)}\n\n"
    yield f"Version {dataset.version}, {dataset.issued}. {len(kb.facts)} facts, {len(kb.terms)} terms, "
    yield f"{len(kb.mappings)} mappings, from {len(kb.documents)} documents.\n\n"
    if dataset.disclaimer:
        yield f"**{md(dataset.disclaimer)}**\n\n"
    yield f"- Licence: <{dataset.license}>\n- Cite as: {md(details.citation)}\n- Home: <{details.homepage}>\n"
    if dataset.contact:
        yield f"- Questions: {md(dataset.contact.name)} {md(dataset.contact.email or dataset.contact.url)}\n"
    yield "\n## Where to begin\n\n"
    nquads = f"rdf/{dataset.id}.nq"
    yield f"- **SPARQL**: load `rdf/{dataset.id}.ttl`, or `{nquads}` with named graphs.\n"
    yield "  `queries/` has questions with their answers.\n"
    yield "  With named graphs, the default graph must be the union of all graphs; `Q` stands for the file of a question:\n"
    yield from (f"  - {store}: {how.format(nquads=nquads)}\n" for store, how in _STORES.items())
    yield "- **Knowledge graphs**: `kgx/` for the Biolink Model; `neo4j/`, `parquet/` and `graphml/` for property graphs;\n"
    yield "  `hrt/` for embeddings. `losses.json` says what each format cannot carry.\n"
    yield "- **Spreadsheets**: `csv/facts.csv`. An apostrophe at the beginning of a cell keeps a spreadsheet from running it;\n"
    yield "  it is no part of the value.\n"
    yield "- **Research data**: `ro-crate-metadata.json`, `croissant.json`, `datapackage.json`, `dcat.ttl`, `datacite.json`.\n\n"
    yield "No file needs the network to be read, but for the context of RO-Crate, which every reader of crates brings along.\n\n"
    yield "## Is it whole?\n\n```sh\nsha256sum --check --quiet SHA256SUMS   # every file is as it was released\n"
    yield "kb release --check .                   # and says the truth about the others\n```\n\n"
    yield "## Files\n\n| file | bytes | records | what |\n|---|---:|---:|---|\n"
    for file in draft.of("data", "copy", "metadata", "text"):
        rows = "" if file.rows is None else str(file.rows)
        yield f"| [{md(file.name)}]({quote(file.name)}) | {file.size} | {rows} | {md(file.what)} |\n"
