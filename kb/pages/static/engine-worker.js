// Answers queries by Oxigraph, in a thread of its own, so that the page stays usable.
import init, { Store } from "./oxigraph/web.js";

let store;

async function load(address) {
  await init({ module_or_path: new URL("./oxigraph/web_bg.wasm", import.meta.url) });
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the data could not be loaded (${response.status})`);
  const stream = address.endsWith(".gz") ? response.body.pipeThrough(new DecompressionStream("gzip")) : response.body;
  const made = new Store();
  made.load(await new Response(stream).text(), { format: "application/n-quads" });
  return made;
}

function plain(term) {
  if (!term) return null;
  if (term.termType === "Literal") return { type: "literal", value: term.value, language: term.language, datatype: term.datatype.value };
  return { type: term.termType === "NamedNode" ? "uri" : "other", value: term.termType === "NamedNode" ? term.value : term.toString() };
}

self.onmessage = async ({ data: { address, query } }) => {
  try {
    store ||= load(address);
    const answer = (await store).query(query, { use_default_graph_as_union: true });
    if (typeof answer === "boolean") return self.postMessage({ truth: answer });
    const isGraph = answer.length > 0 && !(answer[0] instanceof Map);
    const variables = isGraph ? ["subject", "predicate", "object"] : [...new Set(answer.flatMap((row) => [...row.keys()]))];
    const rows = answer.slice(0, 1000).map((row) => variables.map((name) => plain(isGraph ? row[name] : row.get(name))));
    return self.postMessage({ variables, rows, isGraph, total: answer.length });
  } catch (error) {
    return self.postMessage({ error: String(error.message || error) });
  }
};
