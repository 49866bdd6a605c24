// n3.js parses and counts the formats that it reads.
import { readFileSync } from "node:fs";
import { Parser } from "n3";

const version = JSON.parse(readFileSync(new URL("node_modules/n3/package.json", import.meta.url))).version;
const found = { version, statements: {} };
for (const [name, suffix, format] of [["turtle", "ttl", "Turtle"], ["ntriples", "nt", "N-Triples"], ["trig", "trig", "TriG"], ["nquads", "nq", "N-Quads"]]) {
  found[name] = new Parser({ format, baseIRI: "https://example.org/" }).parse(readFileSync(`${process.argv[2]}/data/clonazepam.${suffix}`, "utf8")).length;
  const quads = new Parser({ format }).parse(readFileSync(`${process.env.KB_HARD_CASES}/rdf/hard-cases.full.${suffix}`, "utf8"));
  found.statements[name] = [quads.map((quad) => [quad.subject.value, quad.predicate.value, quad.object.value])];
}
console.log(JSON.stringify(found));
