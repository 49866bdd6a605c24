"""Redirects for persistent IRIs: the ``.htaccess`` and README for w3id.org or any Apache.

Every IRI below the base is redirected with 303 See Other (https://www.w3.org/TR/cooluris/): to a running ``kb serve``,
which negotiates the format, or to the file of a release that has the whole graph in the requested format, and browsers to the
page of the thing in a site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import httpx

from kb.checks import identifiers
from kb.formats import registry
from kb.metadata import Dataset
from kb.problems import fail, quote
from kb.rdf.iris import KB
from kb.release.content import GRAPH_SCHEMAS
from kb.release.draft import Draft, render

#: The formats of redirects to files, in order of preference.
FORMAT_NAMES = ("turtle", "jsonld", "ntriples", "rdfxml")
# Those of them that every release has.
_LEAN_NAMES = FORMAT_NAMES[:2]
# A media type that is accepted with quality 1, and with any quality above 0 (RFC 9110, section 12.5.1).
_PREFERRED = r"(?:^|,)\s*{type}\s*(?:;(?!\s*q\s*=\s*0)[^,]*)?(?:,|$)"
_ACCEPTED = r"(?:^|,)\s*{type}\s*(?:;(?!\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)"


@dataclass(frozen=True, slots=True)
class RedirectTarget:
    """The target of redirects: the URL of a running ``kb serve``, of the folder of a release, or of a site, ending with a slash.

    If the target is files, browsers are redirected to the pages of the site, or else to the homepage. Contacts are texts for
    w3id.org.
    """

    server: str = ""
    files: str = ""
    site: str = ""
    homepage: str = ""
    contact: tuple[str, ...] = ()


def find_target(dataset: Dataset, given: RedirectTarget) -> RedirectTarget:
    """Complete a target from ``kb.yaml``: by ``endpoint`` if it ends in ``/sparql``, else by ``download`` or the site."""
    server, files = given.server, given.files
    if not (server or files):
        has_server = dataset.endpoint.endswith("/sparql") and not given.site
        server, files = (dataset.endpoint.removesuffix("sparql"), "") if has_server else ("", dataset.download or given.site)
    parts = (dataset.contact.name, dataset.contact.email, dataset.contact.url) if dataset.contact else ()
    contact = (", ".join(filter(None, parts)),) if parts else ()
    server, files, site = (f"{url.rstrip('/')}/" if url else "" for url in (server, files, given.site))
    return RedirectTarget(server, files, site, given.homepage or site or dataset.homepage, given.contact or contact)


def redirect_files(dataset: Dataset, to: RedirectTarget, *, full: bool = False) -> dict[str, str]:
    """Return the files for a pull request at w3id.org: path below w3id.org to text.

    Args:
        dataset: The description of the knowledge base.
        to: The target.
        full: Whether the release has every format.

    Raises:
        KbError: There is no target, or it is below the base itself (KB715).
    """
    base = urlsplit(dataset.base)
    servers = [(address, identifiers.find_server_error) for address in (to.server, to.files, to.site)]
    for address, find_error in [*servers, (to.homepage, identifiers.find_url_error)]:
        if address and (find_error(address) or (address.startswith(dataset.base) and address != to.homepage)):
            message = "The redirect target is below the base IRI itself, or is not an HTTP URL."
            raise fail("KB715", message, "Name another URL with --server, --files, --site or --homepage.", dataset.base)
    if not (to.server or to.files):
        remedy = "Name it with --server ('kb serve'), --files (a release) or --site ('kb site'), or set 'download' in kb.yaml."
        raise fail("KB715", "There is no redirect target for the IRIs.", remedy, dataset.base)
    folder, parent = base.path.strip("/"), f"{base.path.rstrip('/').rpartition('/')[0]}/"
    ours = KB.rpartition("/")[0] == f"{base.scheme}://{base.netloc}{parent.rstrip('/')}"  # the vocabulary is redirected too
    around = f"{base.scheme}://{base.netloc}{parent}" if ours else dataset.base
    page = "" if to.homepage.startswith(around) else to.homepage  # a page below the base would be redirected to itself
    to = replace(to, homepage=page or to.site or to.server or to.files)
    rules = RedirectTarget(_literal(to.server), _literal(to.files), _literal(to.site), _literal(to.homepage))
    releases = _literal(dataset.download if to.files in {"", to.site} else to.files)
    if dataset.version in releases:  # the addresses of other versions follow
        releases = releases.replace(dataset.version, "$1")
    values = {
        "to": rules,
        "targets": _targets(dataset, rules, FORMAT_NAMES if full else _LEAN_NAMES),
        "releases": f"{releases.rstrip('/')}/" if releases else "",
        "version": "[^/]+" if "$1" in releases else re.escape(dataset.version),
        "schemas": r"[a-z-]+(?:\.schema)?\.(?:json|jsonld|ttl)" if full else "|".join(map(re.escape, GRAPH_SCHEMAS)),
    }
    files = {f"{folder}/.htaccess": render("base.htaccess", path=base.path, pattern=re.escape(base.path), **values)}
    if ours:
        files[f"{parent.strip('/')}/.htaccess"] = render("vocabulary.htaccess", path=parent, **values)
    files[f"{folder}/README.md"] = render("w3id.md", dataset=dataset, to=to)
    return {name.lstrip("/"): text for name, text in files.items()}  # a base without a path has the top folder


def _literal(url: str) -> str:
    """Return a URL as a substitution of mod_rewrite, in which percent and dollar signs would stand for what was matched.

    Other characters than those of ASCII are escaped, in the host by IDNA (RFC 3987, section 3.1).

    Raises:
        KbError: The host is no name of IDNA (KB715).
    """
    try:
        escaped = url if url.isascii() else str(httpx.URL(url))
    except httpx.InvalidURL as error:
        raise fail("KB715", f"{quote(url)} is no URL: {error}.", "Correct its host.") from error
    return re.sub("[%$]", r"\\\g<0>", escaped)


def _targets(dataset: Dataset, to: RedirectTarget, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the conditions on ``Accept`` that are tried in order, each with the file or page that it leads to.

    The page is empty if there are pages of things, whose rules follow.
    """
    formats = [registry.find(name) for name in names]
    ways = [(r"(?:text/html|application/xhtml\+xml)", "" if to.site else to.homepage)]
    ways += [(re.escape(fmt.media_type), f"{to.files}data/{dataset.id}.{fmt.extension}") for fmt in formats]
    return ((pattern.replace("{type}", kind), target) for pattern in (_PREFERRED, _ACCEPTED) for kind, target in ways)


def add_redirects(draft: Draft) -> None:
    """Add ``w3id/`` to a release, if ``kb.yaml`` names an endpoint or a place of download."""
    dataset = draft.kb.dataset
    to = find_target(dataset, RedirectTarget())
    if to.server or to.files:
        for name, text in redirect_files(dataset, to, full=draft.full).items():
            media = "text/markdown" if name.endswith(".md") else "text/plain"
            draft.add(f"w3id/{name}", text, "For w3id.org, so that IRIs lead here.", media, "text")
