// Asks an endpoint with two clients from npm, each a SELECT, an ASK and a CONSTRUCT, and tells what they got, as JSON.
//   node clients.mjs ENDPOINT
import { SparqlEndpointFetcher } from "fetch-sparql-endpoint";
import ParsingClient from "sparql-http-client/ParsingClient.js";
import StreamClient from "sparql-http-client/StreamClient.js";

const endpoint = process.argv[2];
const select = "SELECT ?label { ?drug a kb:Drug ; skos:prefLabel ?label } ORDER BY ?label";
const ask = "ASK { term:clonazepam a kb:Drug }";
const construct = "CONSTRUCT { ?s skos:prefLabel ?label } WHERE { ?s a kb:Drug ; skos:prefLabel ?label }";
const prefixes = `PREFIX kb: <https://w3id.org/linked-kb/ontology#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX term: <https://w3id.org/linked-kb/clonazepam/term/> `;
const collect = async (stream) => {
  const found = [];
  for await (const each of stream) found.push(each);
  return found;
};

const fetcher = new SparqlEndpointFetcher();
const parsing = new ParsingClient({ endpointUrl: endpoint });
const stream = new StreamClient({ endpointUrl: endpoint, storeUrl: endpoint.replace(/sparql$/, "store") });
const seen = {
  "fetch-sparql-endpoint": {
    select: (await collect(await fetcher.fetchBindings(endpoint, prefixes + select))).map((row) => row.label.value),
    ask: await fetcher.fetchAsk(endpoint, prefixes + ask),
    construct: (await collect(await fetcher.fetchTriples(endpoint, prefixes + construct))).length,
  },
  "sparql-http-client": {
    select: (await parsing.query.select(prefixes + select)).map((row) => row.label.value),
    ask: await parsing.query.ask(prefixes + ask),
    construct: (await parsing.query.construct(prefixes + construct)).size,
    post: (await parsing.query.select(prefixes + select, { operation: "postDirect" })).length,
    form: (await parsing.query.select(prefixes + select, { operation: "postUrlencoded" })).length,
    graph: (await collect(stream.store.get(null))).length > 1000,
  },
};
console.log(JSON.stringify(seen));
