"""morph-kgc: an RML mapping over flat tables; N-Quads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.peers.model import BASE, KB, NOTE, OA, PROV, QUALIFIERS, RDF

_HEAD = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
"""


_GRAPH = f'rr:graphMap [ rr:template "{BASE}graph/document/{{document}}" ]'


def _map(name: str, source: Path, subject: str, objects: list[str], classes: str = "") -> str:
    of = "; ".join(f"rr:predicateObjectMap {each}" for each in objects)
    return f"""<#{name}> a rr:TriplesMap ;
  rml:logicalSource [ rml:source "{source}" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template "{subject}" ; {classes} {_GRAPH} ] ; {of} .
"""


def _to(predicate: str, template: str) -> str:
    return f'[ rr:predicate <{predicate}> ; rr:objectMap [ rr:template "{template}" ] ]'


def mapping(folder: Path) -> str:
    """Write the mapping for the tables of a folder."""
    sentence = f"{BASE}document/{{document}}/{{sentence}}"
    ends = (("subject", "term/{about}"), ("predicate", "predicate/{verb}"), ("object", "term/{effect}"))
    fact = [_to(RDF + end, BASE + template) for end, template in ends]
    fact.append(_to(f"{PROV}hadPrimarySource", f"{BASE}document/{{document}}"))
    fact.append(f'[ rr:predicate <{KB}proposition> ; rr:objectMap [ rml:reference "proposition" ; rr:termType rr:IRI ] ]')
    fact += [_to(KB + name, f"{KB if listed else f'{BASE}term/'}{{{name}}}") for name, listed in QUALIFIERS.items()]
    fact.append(f'[ rr:predicate <{NOTE}> ; rr:objectMap [ rml:reference "note" ; rr:language "en" ] ]')
    plain = (
        f'[ rr:predicateMap [ rr:template "{BASE}predicate/{{verb}}" ] ; rr:objectMap [ rr:template "{BASE}term/{{effect}}" ] ]'
    )
    evidence = [_to(f"{OA}hasTarget", sentence), _to(f"{KB}modality", f"{KB}{{modality}}")]
    links = [_to(f"{KB}evidence", f"{BASE}{{path}}"), _to(f"{PROV}wasDerivedFrom", sentence)]
    return _HEAD + "".join(
        [
            _map("facts", folder / "facts.csv", f"{BASE}{{path}}", fact, f"rr:class <{RDF}Statement>, <{KB}Fact> ;"),
            _map("plain", folder / "plain.csv", f"{BASE}term/{{about}}", [plain]).replace(
                _GRAPH, f"rr:graph <{BASE}graph/claims>"
            ),
            _map("evidence", folder / "evidence.csv", f"{BASE}{{path}}", evidence, f"rr:class <{KB}Evidence> ;"),
            _map("links", folder / "evidence.csv", f"{BASE}{{fact}}", links),
            _map("supports", folder / "supports.csv", f"{BASE}{{path}}", [_to(f"{KB}supports", f"{KB}{{part}}")]),
        ]
    )


def main(folder: Path, target: Path) -> None:
    """Run morph-kgc over the tables of a folder."""
    (folder / "mapping.ttl").write_text(mapping(folder), encoding="utf-8")
    settings = "safe_percent_encoding: /\nlogging_level: ERROR\nnumber_of_processes: 1\n"
    text = (
        f"[CONFIGURATION]\noutput_file: {target}\noutput_format: N-QUADS\n{settings}[DATA]\nmappings: {folder / 'mapping.ttl'}\n"
    )
    (folder / "config.ini").write_text(text, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "morph_kgc", str(folder / "config.ini")], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
