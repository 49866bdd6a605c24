// The query page of a site: asks Oxigraph in the browser, and shows its answer with labels and links.
"use strict";

const settings = JSON.parse(document.getElementById("about").textContent);
const base = Object.entries(settings.prefixes).find(([prefix]) => prefix === "term")[1].replace(/term\/$/, "");
const byCurie = new Map(window.kbIndex.map((entry) => [entry[4], entry]));
for (const [curie, label] of settings.words) if (!byCurie.has(curie)) byCurie.set(curie, [label]);
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
  if (/^fact(\/[^/]+){4}/.test(path)) {
    const own = window.kbViews.factOf(path).slice("fact/".length);
    return `term/${own.split("/")[1]}.html#${own}`;
  }
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

function table({ variables, rows, total, isGraph }) {
  const head = element("tr", ...variables.map((name) => Object.assign(element("th", name), { scope: "col" })));
  const body = rows.map((row) => element("tr", ...row.map((term) => element("td", cell(term)))));
  const box = Object.assign(element("div", element("table", element("thead", head), element("tbody", ...body))), { className: "table", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Answer");
  const lines = [variables, ...rows.map((row) => row.map((term) => (term ? term.value : "")))];
  const csv = lines.map((line) => line.map((text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",")).join("\r\n");
  const link = Object.assign(element("a", "csv"), { download: "answer.csv", href: URL.createObjectURL(new Blob([csv], { type: "text/csv" })) });
  const texts = rows.map((row) => row.map((term) => { const made = cell(term); return made.textContent ?? made; }));
  const bars = window.kbViews.bars(variables, texts).map(([name, drawn]) => window.kbViews.view(`As bars: ${name}`, drawn));
  const size = `${total} ${isGraph ? "triple" : "row"}${total === 1 ? "" : "s"}${total > rows.length ? `, of which the first ${rows.length} are shown` : ""}.`;
  return total ? [element("p", size), box, ...bars, element("p", "Download: ", link)] : [element("p", "Nothing matches. Fewer conditions may match more.")];
}

const nodeOf = (term) => { const made = cell(term); return { text: made.textContent ?? made, href: made.href ? made.getAttribute("href") : "" }; };

async function ask(query) {
  const { variables, rows } = await send(query);
  return rows.map((row) => Object.fromEntries(variables.map((name, place) => [name, row[place]])));
}

// Draws triples, or the facts of rows; with explain, each row is followed by its facts and their sentences.
async function addViews(made, { rows, isGraph }, explain) {
  const { graph, view, factOf, facts, MOST } = window.kbViews;
  const named = rows.flat().filter((term) => term && term.type === "uri" && term.value.startsWith(`${base}fact/`)).map((term) => factOf(term.value));
  const support = explain ? await window.kbViews.explain(ask, rows.slice(0, 100), base, address) : [];
  const known = await facts(ask, [...new Set(named)], address);
  let edges = (explain ? [...new Set(support.flat())] : known).slice(0, MOST);
  if (isGraph) edges = rows.slice(0, MOST).map(([subject, predicate, object]) => ({ source: nodeOf(subject), label: nodeOf(predicate).text, target: nodeOf(object), note: "" }));
  const [, box] = made;
  window.kbViews.nameFacts(box, known, address);
  if (edges.length) made.splice(2, 0, view(isGraph ? "As a graph" : "The facts as a graph", graph(edges)));
  const lines = [...box.querySelectorAll("tbody tr")];
  for (const [place, own] of support.entries()) {
    const list = Object.assign(element("ul", ...own.map(({ iri, says, title, sentences }) => element("li", Object.assign(element("a", says), { href: address(iri) }), ` ${title}`, ...[...sentences].flatMap(([sentence, quote]) => [", ", Object.assign(element("a", sentence.split("/").pop()), { href: address(sentence) }), ...(quote ? [element("q", quote)] : [])])))), { className: "evidence" });
    const line = element("tr", Object.assign(element("td", own.length ? list : "names no fact, and no two terms between which there is one"), { colSpan: rows[0].length }));
    line.className = "support";
    lines[place].after(line);
  }
}

window.kbEngine = {
  find: async (word) => {
    const wanted = word.toLowerCase();
    return window.kbIndex.filter(([label, , , , curie]) => curie.startsWith("term:") && label.toLowerCase().includes(wanted)).slice(0, 15).map(([label, , kind, , curie]) => [curie, `${label} (${kind})`]);
  },
  ask: async (query, explain) => {
    history.replaceState(null, "", `#query=${encodeURIComponent(query)}`);
    const answer = await send(query);
    if ("truth" in answer) return [element("h2", "Answer"), Object.assign(element("p", String(answer.truth)), { className: "claim" })];
    const made = table(answer);
    if (answer.total) await addViews(made, answer, explain);
    return [element("h2", "Answer"), ...made];
  },
};
