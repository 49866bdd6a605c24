"""Persistent IRIs: the ``.htaccess`` and README that w3id.org, or any Apache, needs to lead IRIs to where they are answered.

Everything under the base is answered with 303 See Other (https://www.w3.org/TR/cooluris/), by a running ``kb serve``, which
chooses the format itself, or by the files of a release, one of which holds everything in the format that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from kb.formats import registry
from kb.model import Dataset
from kb.problems import fail
from kb.rdf.iris import KB

#: The formats in which a thing can be had, first those that are given where a client asks for several alike.
NAMES = ("turtle", "jsonld", "ntriples", "rdfxml")
# A media type that is asked for without a quality below 1, and one that is asked for at all (RFC 9110, section 12.5.1).
_LIKED = r"(?:^|,)\s*{type}\s*(?:;(?!\s*q\s*=\s*0)[^,]*)?(?:,|$)"
_TAKEN = r"(?:^|,)\s*{type}\s*(?:;(?!\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)"


class Destination(NamedTuple):
    """Where a knowledge base is answered: by a server, or by files.

    Args:
        server: The address of a running ``kb serve``, ending with a slash; or nothing.
        files: The address below which the files of a release lie, ending with a slash; or nothing.
        homepage: What a browser is shown, where files answer.
        contact: Whom w3id.org can ask, as lines of Markdown.
    """

    server: str = ""
    files: str = ""
    homepage: str = ""
    contact: tuple[str, ...] = ()


def destination(dataset: Dataset, given: Destination) -> Destination:
    """Fill in from ``kb.yaml`` where a knowledge base is answered, unless that was given.

    ``endpoint``, where it is that of a server of ours (``…/sparql``), names the server, ``download`` the files.
    """
    server, files, found = given.server, given.files, dataset.endpoint.removesuffix("sparql")
    if not (server or files):
        server, files = (found, "") if found != dataset.endpoint and found.endswith("/") else ("", dataset.download)
    parts = (dataset.contact.name, dataset.contact.email, dataset.contact.url) if dataset.contact else ()
    contact = (", ".join(filter(None, parts)),) if parts else ()
    server, files = (f"{each.rstrip('/')}/" if each else "" for each in (server, files))
    return Destination(server, files, given.homepage or dataset.homepage, given.contact or contact)


def make(dataset: Dataset, to: Destination) -> dict[str, str]:
    """Make the files of a redirect request: path below w3id.org to text.

    Args:
        dataset: What the knowledge base says of itself.
        to: Where it is answered.

    Raises:
        KbError: It is answered nowhere, or below its own base (KB715).
    """
    base = urlsplit(dataset.base)
    for address in filter(None, (to.server, to.files)):
        if address.startswith(dataset.base) or urlsplit(address).scheme not in {"http", "https"}:
            message = "The IRIs would lead to themselves, or to no address of HTTP."
            raise fail("KB715", message, "Name another address with --server or --files.", dataset.base)
    if not (to.server or to.files):
        remedy = "Give --server (a running 'kb serve') or --files (a release), or set 'download' in kb.yaml."
        raise fail("KB715", "It is not known where the IRIs lead to.", remedy, dataset.base)
    folder, parent = base.path.strip("/"), f"{base.path.rstrip('/').rpartition('/')[0]}/"
    ours = KB.rpartition("/")[0] == f"{base.scheme}://{base.netloc}{parent.rstrip('/')}"  # its words are led along with it
    around = f"{base.scheme}://{base.netloc}{parent}" if ours else dataset.base
    page = "" if to.homepage.startswith(around) else to.homepage  # what lies there would be led in a circle
    to = to._replace(homepage=page or to.server or to.files)
    made = {f"{folder}/.htaccess": "".join(_rules(base.path, _things(dataset, to)))}
    if ours:
        made[f"{parent.strip('/')}/.htaccess"] = "".join(_rules(parent, _vocabulary(to)))
    made[f"{folder}/README.md"] = "".join(_readme(dataset, to))
    return made


def _rules(path: str, rules: Iterator[str]) -> Iterator[str]:
    yield f"# Made by 'kb redirects' for {path}\n"
    yield "Options +FollowSymLinks\nRewriteEngine on\n"
    yield "<IfModule mod_headers.c>\nHeader always set Access-Control-Allow-Origin *\n</IfModule>\n"
    yield from rules


def _asked(path: str) -> str:
    """Catch what stands below a path in the request as it was sent: with every escape as it was."""
    return rf"RewriteCond %{{THE_REQUEST}} ^\S+\s+(?:https?://[^/\s]+)?{re.escape(path)}([^\s?]*)" + "\n"


def _things(dataset: Dataset, to: Destination) -> Iterator[str]:
    path = urlsplit(dataset.base).path
    if to.server:
        yield f"\n# The server chooses the format.\n{_asked(path)}RewriteRule ^ {to.server}%1 [R=303,NE,L]\n"
        return
    formats = [registry.find(name) for name in NAMES]
    ways = [(r"(?:text/html|application/xhtml\+xml)", to.homepage)]
    ways += [(re.escape(fmt.media_type), f"{to.files}rdf/{dataset.id}.{fmt.extension}") for fmt in formats]
    yield "<IfModule mod_headers.c>\nHeader always merge Vary Accept\n</IfModule>\n"
    yield "\n# One file holds everything. What is asked for without reserve comes first, then what is taken at all.\n"
    for pattern in (_LIKED, _TAKEN):
        for kind, target in ways:
            condition = pattern.replace("{type}", kind)
            yield f'RewriteCond %{{HTTP_ACCEPT}} "{condition}" [NC]\nRewriteRule ^ {target} [R=303,NE,QSD,L]\n'
    yield f"\n# A client that says nothing, or takes anything.\nRewriteRule ^ {to.homepage} [R=303,NE,QSD,L]\n"


def _vocabulary(to: Destination) -> Iterator[str]:
    """Lead the words of the vocabulary, the schemas and the context, which lie beside the knowledge base."""
    yield "\n# The words of the vocabulary, the schemas, and the front door.\n"
    if to.server:
        yield f"RewriteRule ^ontology$ {to.server}ontology [R=303,NE,L]\n"
    else:
        yield f"RewriteRule ^ontology$ {to.files}schemas/ontology.ttl [R=303,NE,L]\n"
    if to.files:
        yield f"RewriteRule ^schemas/([a-z-]+(?:\\.schema)?\\.(?:json|jsonld|ttl))$ {to.files}schemas/$1 [R=303,NE,L]\n"
    yield f"RewriteRule ^$ {to.homepage} [R=303,NE,L]\n"


def _readme(dataset: Dataset, to: Destination) -> Iterator[str]:
    yield f"# {dataset.title}\n\n{dataset.description}\n\n"
    yield f"- Namespace: <{dataset.base}>\n- Licence: <{dataset.license}>\n"
    yield f"- Answered by: <{to.server or to.files}>\n\n## Contact\n\n"
    for creator in dataset.creators:
        yield f"- {creator.name}" + (f", <https://orcid.org/{creator.orcid}>" if creator.orcid else "") + "\n"
    yield from (f"- {line}\n" for line in to.contact)
    yield "\n## What leads where\n\n"
    if to.server:
        yield f"Every IRI `{dataset.base}PATH` leads to `{to.server}PATH` with 303 See Other, escapes as they were; the server\n"
        yield "there gives a page, Turtle, JSON-LD, N-Triples or RDF/XML, as `Accept` asks.\n"
    else:
        yield f"Every IRI under `{dataset.base}` leads, with 303 See Other, to the file that holds everything in the format\n"
        yield f"that `Accept` asks for: Turtle, JSON-LD, N-Triples, RDF/XML; else to <{to.homepage}>.\n"
    yield "\nAn IRI with `%2F` in it, as a literal with a slash gives one, reaches these rules only where the server has\n"
    yield "`AllowEncodedSlashes NoDecode`; elsewhere Apache answers 404 before it reads them.\n"
