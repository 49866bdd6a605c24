// shacl-engine holds the graph against the core shapes of the release, and refuses one that breaks them.
import { readFileSync } from "node:fs";
import { Parser } from "n3";
import rdf from "rdf-ext";
import { Validator } from "shacl-engine";

const version = JSON.parse(readFileSync(new URL("node_modules/shacl-engine/package.json", import.meta.url))).version;
const read = (name) => rdf.dataset(new Parser({ factory: rdf }).parse(readFileSync(`${process.argv[2]}/${name}`, "utf8")));
const validator = new Validator(read("schemas/shapes.ttl"), { factory: rdf });
const data = read("data/clonazepam.ttl");
const good = await validator.validate({ dataset: data });
const modality = rdf.namedNode("https://w3id.org/linked-kb/ontology#modality");
const bad = await validator.validate({ dataset: data.filter((quad) => !quad.predicate.equals(modality)) });
console.log(JSON.stringify({ version, conforms: good.conforms, refuses: !bad.conforms }));
