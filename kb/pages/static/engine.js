// The query page of a site: asks Oxigraph in the browser, and shows its answer with labels and links.
"use strict";

const settings = JSON.parse(document.getElementById("about").textContent);
const base = Object.entries(settings.prefixes).find(([prefix]) => prefix === "term")[1].replace(/term\/$/, "");
const byCurie = new Map(window.kbIndex.map((entry) => [entry[4], entry]));
let worker;

function send(query) {
  const declared = Object.entries(settings.prefixes).filter(([prefix]) => !new RegExp(`prefix\\s+${prefix.replace(".", "\\.")}:`, "i").test(query));
  const text = declared.map(([prefix, iri]) => `PREFIX ${prefix}: <${iri}> `).join("") + query;
  worker ||= new Worker(new URL("static/engine-worker.js", document.baseURI), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = () => reject(new Error("the engine could not be started; open the site from a web server, not from a file"));
    worker.postMessage({ address: new URL(settings.data, document.baseURI).href, query: text });
  });
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function shorten(iri) {
  const known = Object.entries(settings.prefixes).filter(([, start]) => iri.startsWith(start)).sort((one, other) => other[1].length - one[1].length)[0];
  return known ? `${known[0]}:${iri.slice(known[1].length)}` : iri;
}

function address(iri) {
  const path = iri.startsWith(base) ? iri.slice(base.length) : null;
  if (path === null) return /^https?:/.test(iri) ? iri : "";
  const fact = /^fact\/([^/]+\/([^/]+)\/.*?)(\/(evidence|hedged|figure)\/.*)?$/.exec(path);
  if (fact) return `term/${fact[2]}.html#${fact[1]}`;
  const sentence = /^document\/([^/]+)(?:\/(s\d+\.\d+).*|\/.*)?$/.exec(path);
  if (sentence) return `document/${sentence[1]}.html${sentence[2] ? `#${sentence[2]}` : ""}`;
  return /^(term|predicate)\/[^/]+$/.test(path) ? `${path}.html` : "";
}

function cell(term) {
  if (!term || term.type !== "uri") return term ? term.value : "";
  const short = shorten(term.value);
  const text = (byCurie.get(short) || [term.value.startsWith(base) && !/^(term|pred):/.test(short) ? term.value.slice(base.length) : short])[0];
  const href = address(term.value);
  return href ? Object.assign(element("a", text), { href }) : text;
}

function table({ variables, rows, total }) {
  const head = element("tr", ...variables.map((name) => Object.assign(element("th", name), { scope: "col" })));
  const body = rows.map((row) => element("tr", ...row.map((term) => element("td", cell(term)))));
  const box = Object.assign(element("div", element("table", element("thead", head), element("tbody", ...body))), { className: "table", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Answer");
  const lines = [variables, ...rows.map((row) => row.map((term) => (term ? term.value : "")))];
  const csv = lines.map((line) => line.map((text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",")).join("\r\n");
  const link = Object.assign(element("a", "csv"), { download: "answer.csv", href: URL.createObjectURL(new Blob([csv], { type: "text/csv" })) });
  const size = `${total} rows${total > rows.length ? `, of which the first ${rows.length} are shown` : ""}.`;
  return total ? [element("p", size), box, element("p", "Download: ", link)] : [element("p", "Nothing matches. Fewer conditions may match more.")];
}

window.kbEngine = {
  find: async (word) => {
    const wanted = word.toLowerCase();
    return window.kbIndex.filter(([label, , , , curie]) => curie.startsWith("term:") && label.toLowerCase().includes(wanted)).slice(0, 15).map(([label, , kind, , curie]) => [curie, `${label} (${kind})`]);
  },
  ask: async (query) => {
    history.replaceState(null, "", `#query=${encodeURIComponent(query)}`);
    const answer = await send(query);
    return [element("h2", "Answer"), ...("truth" in answer ? [Object.assign(element("p", String(answer.truth)), { className: "claim" })] : table(answer))];
  },
};
