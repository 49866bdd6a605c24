"""Redirects for persistent IRIs: the ``.htaccess`` and README for w3id.org or any Apache.

Every IRI below the base is redirected with 303 See Other (https://www.w3.org/TR/cooluris/): to a running ``kb serve``,
which negotiates the format, or to the file of a release that has the whole graph in the requested format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from kb.checks import identifiers
from kb.escaping import escape_markdown as md
from kb.formats import registry
from kb.model import Dataset
from kb.problems import fail
from kb.rdf.iris import KB
from kb.release.draft import Draft

#: The formats of redirects to files, in order of preference.
FORMAT_NAMES = ("turtle", "jsonld", "ntriples", "rdfxml")
# A media type that is accepted with quality 1, and with any quality above 0 (RFC 9110, section 12.5.1).
_PREFERRED = r"(?:^|,)\s*{type}\s*(?:;(?!\s*q\s*=\s*0)[^,]*)?(?:,|$)"
_ACCEPTED = r"(?:^|,)\s*{type}\s*(?:;(?!\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)"
_HEAD = """# Made by 'kb redirects' for {}
Options +FollowSymLinks
RewriteEngine on
<IfModule mod_headers.c>
Header always set Access-Control-Allow-Origin *
</IfModule>
"""


@dataclass(frozen=True, slots=True)
class RedirectTarget:
    """The target of redirects: the URL of a running ``kb serve`` or of the folder of a release, each ending with a slash.

    If the target is files, browsers are redirected to the homepage. Contacts are texts for w3id.org.
    """

    server: str = ""
    files: str = ""
    homepage: str = ""
    contact: tuple[str, ...] = ()


def find_target(dataset: Dataset, given: RedirectTarget) -> RedirectTarget:
    """Complete a target from ``kb.yaml``: by ``endpoint`` if it ends in ``/sparql``, else by ``download``."""
    server, files = given.server, given.files
    if not (server or files):
        has_server = dataset.endpoint.endswith("/sparql")
        server, files = (dataset.endpoint.removesuffix("sparql"), "") if has_server else ("", dataset.download)
    parts = (dataset.contact.name, dataset.contact.email, dataset.contact.url) if dataset.contact else ()
    contact = (", ".join(filter(None, parts)),) if parts else ()
    server, files = (f"{url.rstrip('/')}/" if url else "" for url in (server, files))
    return RedirectTarget(server, files, given.homepage or dataset.homepage, given.contact or contact)


def redirect_files(dataset: Dataset, to: RedirectTarget) -> dict[str, str]:
    """Return the files for a pull request at w3id.org: path below w3id.org to text.

    Args:
        dataset: The description of the knowledge base.
        to: The target.

    Raises:
        KbError: There is no target, or it is below the base itself (KB715).
    """
    base = urlsplit(dataset.base)
    for address in filter(None, (to.server, to.files, to.homepage)):
        if identifiers.find_url_error(address) or (address.startswith(dataset.base) and address != to.homepage):
            message = "The redirect target is below the base IRI itself, or is not an HTTP URL."
            raise fail("KB715", message, "Name another URL with --server, --files or --homepage.", dataset.base)
    if not (to.server or to.files):
        remedy = "Name it with --server (a running 'kb serve') or --files (a release), or set 'download' in kb.yaml."
        raise fail("KB715", "There is no redirect target for the IRIs.", remedy, dataset.base)
    folder, parent = base.path.strip("/"), f"{base.path.rstrip('/').rpartition('/')[0]}/"
    ours = KB.rpartition("/")[0] == f"{base.scheme}://{base.netloc}{parent.rstrip('/')}"  # the vocabulary is redirected too
    around = f"{base.scheme}://{base.netloc}{parent}" if ours else dataset.base
    page = "" if to.homepage.startswith(around) else to.homepage  # a page below the base would be redirected to itself
    to = replace(to, homepage=page or to.server or to.files)
    rules = RedirectTarget(_literal(to.server), _literal(to.files), _literal(to.homepage))
    files = {f"{folder}/.htaccess": _HEAD.format(base.path) + "".join(_base_rules(dataset, rules))}
    if ours:
        files[f"{parent.strip('/')}/.htaccess"] = _HEAD.format(parent) + "".join(_vocabulary_rules(rules))
    files[f"{folder}/README.md"] = "".join(_readme(dataset, to))
    return {name.lstrip("/"): text for name, text in files.items()}  # a base without a path has the top folder


def _literal(url: str) -> str:
    """Return a URL as a substitution of mod_rewrite, in which percent and dollar signs would stand for what was matched."""
    return re.sub("[%$]", r"\\\g<0>", url)


def _base_rules(dataset: Dataset, to: RedirectTarget) -> Iterator[str]:
    if to.server:  # the condition captures the request target below the base, with its percent-encoding unchanged
        path = re.escape(urlsplit(dataset.base).path)
        yield "\n# The server chooses the format.\n"
        yield rf"RewriteCond %{{THE_REQUEST}} ^\S+\s+(?:https?://[^/\s]+)?{path}([^\s?]*)" + "\n"
        yield f"RewriteRule ^ {to.server}%1 [R=303,NE,L]\n"
        return
    formats = [registry.find(name) for name in FORMAT_NAMES]
    ways = [(r"(?:text/html|application/xhtml\+xml)", to.homepage)]
    ways += [(re.escape(fmt.media_type), f"{to.files}rdf/{dataset.id}.{fmt.extension}") for fmt in formats]
    yield "<IfModule mod_headers.c>\nHeader always merge Vary Accept\n</IfModule>\n"
    yield "\n# One file holds everything. What is asked for without reserve comes first, then what is taken at all.\n"
    for pattern in (_PREFERRED, _ACCEPTED):
        for kind, target in ways:
            condition = pattern.replace("{type}", kind)
            yield f'RewriteCond %{{HTTP_ACCEPT}} "{condition}" [NC]\nRewriteRule ^ {target} [R=303,NE,QSD,L]\n'
    yield f"\n# A client that says nothing, or takes anything.\nRewriteRule ^ {to.homepage} [R=303,NE,QSD,L]\n"


def _vocabulary_rules(to: RedirectTarget) -> Iterator[str]:
    """Redirect the ontology, the schemas and the context, whose IRIs are next to the base."""
    yield "\n# The words of the vocabulary, the schemas, and the front door.\n"
    yield f"RewriteRule ^ontology$ {f'{to.server}ontology' if to.server else f'{to.files}schemas/ontology.ttl'} [R=303,NE,L]\n"
    if to.files:
        yield f"RewriteRule ^schemas/([a-z-]+(?:\\.schema)?\\.(?:json|jsonld|ttl))$ {to.files}schemas/$1 [R=303,NE,L]\n"
    yield f"RewriteRule ^$ {to.homepage} [R=303,NE,L]\n"


def _readme(dataset: Dataset, to: RedirectTarget) -> Iterator[str]:
    yield f"# {md(dataset.title)}\n\n{md(dataset.description)}\n\n"
    yield f"- Namespace: <{dataset.base}>\n- Licence: <{dataset.license}>\n"
    yield f"- Answered by: <{to.server or to.files}>\n\n## Contact\n\n"
    for creator in dataset.creators:
        yield f"- {md(creator.name)}" + (f", <https://orcid.org/{creator.orcid}>" if creator.orcid else "") + "\n"
    yield from (f"- {md(line)}\n" for line in to.contact)
    yield "\n## What leads where\n\n"
    if to.server:
        yield f"Every IRI `{dataset.base}PATH` leads to `{to.server}PATH` with 303 See Other, escapes as they were; the server\n"
        yield "there gives a page, Turtle, JSON-LD, N-Triples or RDF/XML, as `Accept` asks.\n"
    else:
        yield f"Every IRI under `{dataset.base}` leads, with 303 See Other, to the file that holds everything in the format\n"
        yield f"that `Accept` asks for: Turtle, JSON-LD, N-Triples, RDF/XML; else to <{to.homepage}>.\n"
    yield "\nAn IRI with `%2F` in it, as a literal with a slash gives one, reaches these rules only where the server has\n"
    yield "`AllowEncodedSlashes NoDecode`; elsewhere Apache answers 404 before it reads them.\n"


def add_redirects(draft: Draft) -> None:
    """Add ``w3id/`` to a release, if ``kb.yaml`` names an endpoint or a place of download."""
    dataset = draft.kb.dataset
    to = find_target(dataset, RedirectTarget())
    if to.server or to.files:
        for name, text in redirect_files(dataset, to).items():
            media = "text/markdown" if name.endswith(".md") else "text/plain"
            draft.add(f"w3id/{name}", text, "For w3id.org, so that IRIs lead here.", media, "text")
