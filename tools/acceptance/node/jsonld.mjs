// jsonld.js makes RDF of the JSON-LD, with nothing to fetch.
import { readFileSync } from "node:fs";
import jsonld from "jsonld";

const version = JSON.parse(readFileSync(new URL("node_modules/jsonld/package.json", import.meta.url))).version;
const document = JSON.parse(readFileSync(`${process.argv[2]}/rdf/clonazepam.jsonld`));
const documentLoader = (url) => { throw new Error(`it asked for ${url}`); };
const quads = await jsonld.toRDF(document, { documentLoader });
console.log(JSON.stringify({ version, jsonld: quads.length }));
