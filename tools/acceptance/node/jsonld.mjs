// jsonld.js makes RDF of the JSON-LD, with nothing to fetch.
import { readFileSync } from "node:fs";
import jsonld from "jsonld";

const version = JSON.parse(readFileSync(new URL("node_modules/jsonld/package.json", import.meta.url))).version;
const document = JSON.parse(readFileSync(`${process.argv[2]}/data/clonazepam.jsonld`));
const documentLoader = (url) => { throw new Error(`it asked for ${url}`); };
const quads = await jsonld.toRDF(document, { documentLoader });
const hard = JSON.parse(readFileSync(`${process.env.KB_HARD_CASES}/rdf/hard-cases.full.jsonld`));
// It reads xsd:double by parseFloat, which takes the -INF of XML Schema for NaN.
const value = (term) => (term.value === "NaN" ? "-INF" : term.value);
const read = (await jsonld.toRDF(hard, { documentLoader })).map((quad) => [quad.subject, quad.predicate, quad.object].map(value));
console.log(JSON.stringify({ version, jsonld: quads.length, statements: { jsonld: [read] } }));
