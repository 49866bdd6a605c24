"""Read the files of tools for annotation: brat standoff, PubTator, BioC in XML and JSON, and XMI of UIMA, such as INCEpTION's.

Each reader returns annotated texts, and appends the problems of lines that it cannot read. Offsets are only hints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from kb.files import boundary, text_file
from kb.problems import Place, Problem, fail, quote
from kb.proposals.annotations import AnnotatedText, Mention, Relation, count_units
from kb.texts import xml_text

_BRAT = re.compile(r"[TREAMN#*]\S{0,20}\t")
_PUBTATOR = re.compile(r"(\S[^|\s]{0,100})\|([ta])\|")
_NUMBER = re.compile(r"\d{1,10}")
_SPANS = re.compile(r"\d{1,10} \d{1,10}(?:;\d{1,10} \d{1,10})*")
_REFERENCE = "Reference"  # what brat calls the identifier of a mention
#: The largest file of annotations, or of proposals, in bytes.
LARGEST = 1 << 28
_WIDEST_GAP = 1_000  # characters between two passages
# The types of UIMA that annotate the form of a text, not things in it.
_FORM = re.compile(r"uima\..*|.*\.(segmentation|metadata|syntax|morph|lexmorph)\..*|.*\.(DocumentMetaData|TagsetDescription)")
# The identifiers of things, as BioC and UIMA name them; PubTator's own key comes first.
_IDENTIFIERS = ("identifier", "concept_id", "MESH", "MeSH", "uri")
_TYPES = ("type", "label", "value", "relation")

Reader = Callable[[Path, bytes, list[Problem]], list[AnnotatedText]]


def find_reader(path: Path) -> tuple[str, Reader] | None:
    """Return the name and the reader of a file of annotations, by its first bytes; nothing if it is another.

    Raises:
        KbError: The file cannot be opened.
    """
    with boundary.open_file(path, str(path)) as file:
        start = file.read(4096).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return ("uima", read_xmi) if re.search(r"<(\w+:)?XMI\b", start) else ("bioc", read_bioc)
    if _PUBTATOR.match(start):
        return "pubtator", read_pubtator
    return ("brat", read_brat) if _BRAT.match(start) or path.suffix == ".ann" else None


def read_brat(path: Path, data: bytes, problems: list[Problem]) -> list[AnnotatedText]:
    """Read brat standoff; its text is the file with the same name that ends in ``.txt``, if there is one."""
    made, beside = AnnotatedText(path.stem), path.with_suffix(".txt")
    if boundary.exists(beside):
        text = text_file.read_bytes(beside, str(beside), LARGEST)
        text_file.decode_utf8(text, str(beside))
        made.words = text.decode("utf-8")  # with the ends of lines that offsets count
    told = dict[str, list[tuple[str, str]]]()
    for number, line in _list_lines(path, data):
        name, _, rest = line.partition("\t")
        if not line.strip() or line[0] in "#*":  # a comment, or things that are the same
            continue
        match _read_brat_line(name, rest.split("\t"), number):
            case Mention() as mention:
                made.mentions[name] = mention
            case Relation() as relation:
                made.relations[name] = relation
            case (target, *pair):
                told.setdefault(target, []).append((pair[0], pair[1]))
            case None:
                problems.append(_refuse(path, number, f"The line {quote(line)} is not brat standoff."))
    for name, relation in made.relations.items():
        keys = (name, relation.trigger, *(target for _, target in relation.roles))
        made.relations[name] = relation._replace(
            attributes=tuple(pair for key in keys for pair in told.get(key, ()) if pair[0] != _REFERENCE)
        )
    for name, mention in made.mentions.items():
        made.mentions[name] = mention._replace(identifier=dict(told.get(name, ())).get(_REFERENCE, ""))
    return [made]


def _read_brat_line(name: str, fields: list[str], number: int) -> Mention | Relation | tuple[str, ...] | None:
    """Read a line: a mention, a relation, or what is said of one by id."""
    about = fields[0].split()
    match name[:1], fields:
        case "T", [_, words] if _SPANS.fullmatch(fields[0].partition(" ")[2]):
            pairs = [pair.split(" ") for pair in fields[0].partition(" ")[2].split(";")]
            return Mention(" ".join(words.split()), tuple((int(start), int(end)) for start, end in pairs), about[0])
        case (("R" | "E"), _) if about and all(":" in one for one in about[name[0] == "R" :]):
            (label, trigger), *roles = map(_split, about)
            return Relation(label, tuple(roles), trigger, line=number)
        case "A" | "M", _ if len(about) > 1:
            return about[1], about[0], " ".join(about[2:])
        case "N", _ if len(about) == 3:
            return about[1], _REFERENCE, about[2]
        case (("#" | "*"), _):
            return "", name, ""
    return None if name.strip() or any(fields) else ("", "", "")


def _split(pair: str) -> tuple[str, str]:
    return pair.partition(":")[0], pair.partition(":")[2]


def read_pubtator(path: Path, data: bytes, problems: list[Problem]) -> list[AnnotatedText]:
    """Read PubTator: titles, abstracts, mentions, and relations between identifiers."""
    texts = dict[str, AnnotatedText]()
    for number, line in _list_lines(path, data):
        if heading := _PUBTATOR.match(line):
            made = texts.setdefault(heading[1], AnnotatedText(heading[1]))
            made.words += f"{chr(10) if heading[2] == 'a' else ''}{line[heading.end() :]}"
            continue
        made = texts.get(line.partition("\t")[0], AnnotatedText())
        match line.split("\t"):
            case [name, start, end, words, label, *identifier] if name in texts and _NUMBER.fullmatch(start + end):
                spans = ((int(start), int(end)),)
                made.mentions[str(number)] = Mention(words, spans, label, identifier[0] if identifier else "")
            case [name, label, one, other, *_] if name in texts and not label.isdecimal():
                made.relations[str(number)] = Relation(label, (("", one), ("", other)), line=number, by_identifier=True)
            case _ if line.strip():
                problems.append(_refuse(path, number, f"The line {quote(line)} is not PubTator."))
    return list(texts.values())


def read_bioc(path: Path, data: bytes, _: list[Problem]) -> list[AnnotatedText]:
    """Read a collection of BioC in XML."""
    root = xml_text.parse_xml(data, str(path))
    if root.tag != "collection":
        message = f"kb does not know annotations in XML whose root element is {quote(str(root.tag))}."
        raise fail("KB411", message, "Convert it to BioC or XMI.", Place(str(path), root.sourceline))
    return [read_bioc_document(_to_value(document)) for document in root.iter("document")]


def _to_value(element: etree._Element) -> dict[str, Any]:
    """Convert an element of BioC to what BioC in JSON has."""
    infons = {infon.get("key", ""): infon.text or "" for infon in element.findall("infon")}
    lists = {
        f"{tag}s": [_to_value(one) for one in element.findall(tag)] for tag in ("passage", "sentence", "annotation", "relation")
    }
    lists |= {f"{tag}s": [dict(one.attrib) for one in element.findall(tag)] for tag in ("location", "node")}
    texts = {tag: element.findtext(tag) or "" for tag in ("id", "offset", "text")}
    return {**lists, **texts, **element.attrib, "infons": infons, "line": element.sourceline}


def read_bioc_document(value: Mapping[str, Any]) -> AnnotatedText:
    """Read a document of BioC, as its JSON has it."""
    made, sizes = AnnotatedText(str(value.get("id") or value.get("pmid") or "")), [0, 0, 0]
    parts = [value]
    for passage in list_mappings(value.get("passages")):
        sentences = list(list_mappings(passage.get("sentences")))
        parts += [passage, *sentences]
        for part in [passage] if passage.get("text") else sentences:
            text, offset = str(part.get("text", "")), _read_number(part.get("offset"))
            gap = min((offset - size for size in sizes if size <= offset < size + _WIDEST_GAP), default=1)
            text = "\n" * (gap if made.words else offset % _WIDEST_GAP) + text
            made.words += text
            sizes = [size + more for size, more in zip(sizes, count_units(text), strict=True)]
    for part in parts:
        for annotation in list_mappings(part.get("annotations")):
            spans = [
                (at, at + _read_number(one.get("length")))
                for one in list_mappings(annotation.get("locations"))
                for at in [_read_number(one.get("offset"))]
            ]
            infons = _read_infons(annotation)
            words = " ".join(str(annotation.get("text", "")).split())
            made.mentions[str(annotation.get("id"))] = Mention(
                words, tuple(spans), _find(infons, _TYPES), _find(infons, _IDENTIFIERS)
            )
    for part in parts:
        for relation in list_mappings(part.get("relations")):
            name = str(relation.get("id"))
            made.relations[name if name not in made.relations else f"{name} {len(made.relations)}"] = _read_relation(
                relation, made
            )
    return made


def _read_infons(value: Mapping[str, Any]) -> dict[str, str]:
    infons = value.get("infons")
    pairs = infons.items() if isinstance(infons, dict) else ()
    return {key: str(one.get("identifier", "") if isinstance(one, dict) else one) for key, one in pairs if one is not None}


def _read_relation(value: Mapping[str, Any], text: AnnotatedText) -> Relation:
    """Read a relation of BioC: between annotations, or between identifiers that its infons name, as PubTator has them."""
    infons = _read_infons(value)
    nodes = [(str(node.get("role", "")), str(node.get("refid", ""))) for node in list_mappings(value.get("nodes"))]
    named = [(key, one) for key, one in infons.items() if key in {"role1", "role2"}]
    named = named or [(key, one) for key, one in infons.items() if key not in _TYPES and text.is_identifier(one)] * (not nodes)
    others = tuple((key, one) for key, one in infons.items() if key not in {*_TYPES, *dict(named)})
    trigger = next((reference for role, reference in nodes if role.lower() == "trigger"), "")
    roles = named or [node for node in nodes if node[1] != trigger]
    line = value.get("line")
    return Relation(
        _find(infons, _TYPES), tuple(roles), "" if named else trigger, others, line if isinstance(line, int) else 0, bool(named)
    )


def read_xmi(path: Path, data: bytes, _: list[Problem]) -> list[AnnotatedText]:
    """Read XMI of UIMA, with the type system beside it: relations have a governor and a dependent, or are links with roles.

    Raises:
        KbError: dkpro-cassis is not installed (KB713), or there is no type system, or one of both cannot be read (KB411).
    """
    root = xml_text.parse_xml(data, str(path))
    try:
        import cassis
    except ModuleNotFoundError as error:
        raise fail("KB713", f"XMI needs {error.name}, which is not installed.", "Run: pip install 'linked-kb[uima]'.") from error
    names = ("TypeSystem.xml", "typesystem.xml", f"{path.stem}.xml")
    beside = next((path.with_name(name) for name in names if boundary.exists(path.with_name(name))), None)
    if beside is None:
        message = "There is no type system beside this XMI."
        raise fail("KB411", message, "Copy TypeSystem.xml of the export into its folder.", str(path))
    types = xml_text.parse_xml(text_file.read_bytes(beside, str(beside)), str(beside))
    try:
        system = cassis.load_typesystem(BytesIO(etree.tostring(types)))
        cas = cassis.load_cas_from_xmi(BytesIO(etree.tostring(root)), typesystem=system, lenient=True)
        return [_read_view(path.stem, cas.get_view(sofa.sofaID)) for sofa in cas.sofas]
    except Exception as error:
        raise fail("KB411", f"The XMI cannot be read: {error}.", "Export it again as UIMA CAS XMI.", str(path)) from error


def _read_view(name: str, view: Any) -> AnnotatedText:
    """Read a view of a CAS; offsets are those of cassis, in code points."""
    made = AnnotatedText(name, view.sofa_string or "")
    for number, item in enumerate(view.select_all_annotations()):
        features = {feature.name: item[feature.name] for feature in item.type.all_features}
        texts = {key: value for key, value in features.items() if isinstance(value, str) and key not in _IDENTIFIERS}
        label = _find(texts, _TYPES) or next(iter(texts.values()), "") or item.type.name.rpartition(".")[2]
        others = tuple((key, value) for key, value in texts.items() if value != label)
        links = [link for value in features.values() for link in _list_links(value)]
        reference = str(item.xmiID)
        if links:
            roles = tuple((str(getattr(link, "role", None) or ""), str(link.target.xmiID)) for link in links)
            made.relations[f"{reference} {number}"] = Relation(label, roles, reference, others)
        elif "Governor" in features and "Dependent" in features and not _FORM.fullmatch(item.type.name):
            ends = [(end, str(getattr(features[end], "xmiID", ""))) for end in ("Governor", "Dependent")]
            made.relations[f"{reference} {number}"] = Relation(label, tuple(ends), "", others)
            continue
        if (
            isinstance(features.get("begin"), int)
            and isinstance(features.get("end"), int)
            and not _FORM.fullmatch(item.type.name)
        ):
            span = (features["begin"], features["end"])
            words = " ".join(made.words[slice(*span)].split())
            made.mentions[reference] = Mention(words, (span,), label, str(features.get("identifier") or ""))
    return made


def _list_links(value: Any) -> list[Any]:
    """Return the links with a target that a feature of a slot holds."""
    items = getattr(value, "elements", value)
    return [one for one in items if getattr(one, "target", None) is not None] if isinstance(items, list) else []


def list_mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the mappings of a list, or the one that stands for it."""
    return (one for one in (value if isinstance(value, list | tuple) else [value]) if isinstance(one, dict))


def _find(values: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((values[key] for key in keys if values.get(key)), "")


def _read_number(value: Any) -> int:
    return int(value) if _NUMBER.fullmatch(str(value)) else 0


def _list_lines(path: Path, data: bytes) -> Iterator[tuple[int, str]]:
    text = text_file.decode_utf8(data, str(path)).removeprefix("\ufeff")
    return enumerate((line.removesuffix("\r") for line in text.split("\n")), 1)


def _refuse(path: Path, line: int, message: str) -> Problem:
    return Problem(Place(str(path), line), "KB104", message, "Correct it, or remove it.")
