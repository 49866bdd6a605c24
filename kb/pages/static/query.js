// The query editor: completes words by label, and asks without leaving the page. Without it, the page is a plain form.
"use strict";

const about = { ...JSON.parse(document.getElementById("about").textContent), ...window.kbEngine };
const form = document.getElementById("ask");
const editor = document.getElementById("query");
const answer = document.getElementById("answer");
const KEYWORDS = "ASK BIND CONSTRUCT COUNT DESCRIBE DISTINCT EXISTS FILTER GROUP BY LIMIT MINUS NOT OFFSET OPTIONAL ORDER PREFIX SELECT STR UNION VALUES WHERE".split(" ");

const options = Object.assign(document.createElement("ul"), { id: "options", className: "options", hidden: true });
options.setAttribute("role", "listbox");
options.setAttribute("aria-label", "Completions");
editor.after(options);
for (const [name, value] of Object.entries({ "aria-controls": "options", "aria-autocomplete": "list" })) {
  editor.setAttribute(name, value);
}
const announcement = Object.assign(document.createElement("p"), { className: "sr" });
announcement.setAttribute("role", "status");
editor.after(announcement);
document.getElementById("hint").hidden = false;

// Completion: what stands before the cursor is compared with prefixes, labels and names.
let shown = [];
let active = -1;
let asked = 0;

function wordBeforeCursor() {
  const [word] = /[\p{L}\p{N}_.:-]*$/u.exec(editor.value.slice(0, editor.selectionStart));
  return word;
}

async function complete() {
  const word = wordBeforeCursor();
  const number = ++asked;
  if (word.length < 2) return close();
  const name = word.includes(":") ? word.slice(word.indexOf(":") + 1) : word;
  const wanted = name.toLowerCase();
  const matches = (text) => text.toLowerCase().includes(wanted);
  const known = about.words.filter(([curie, label]) => curie.startsWith(word) || (wanted && (matches(label) || matches(curie))));
  const terms = wanted.length > 1 ? await about.find(name) : [];
  if (number !== asked) return;
  const own = [
    ...KEYWORDS.filter((keyword) => keyword.startsWith(word.toUpperCase()) && keyword !== word.toUpperCase()).map((keyword) => [keyword, ""]),
    ...Object.keys(about.prefixes).filter((prefix) => prefix.startsWith(word)).map((prefix) => [`${prefix}:`, about.prefixes[prefix]]),
    ...terms.filter(([curie]) => !word.includes(":") || curie.startsWith(word.slice(0, word.indexOf(":") + 1))),
    ...known,
  ];
  const unique = new Map(own.map((both) => [both[0], both]));
  open([...unique.values()].filter(([text]) => text !== word).slice(0, 30));
}

function open(found) {
  const chosen = active < 0 ? undefined : shown[active][0];
  shown = found;
  active = -1;
  options.replaceChildren(...found.map(([text, label], index) => {
    const item = Object.assign(document.createElement("li"), { id: `option-${index}` });
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(Object.assign(document.createElement("code"), { textContent: text }), ` ${label}`);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); accept(index); });
    return item;
  }));
  options.hidden = !found.length;
  editor.removeAttribute("aria-activedescendant");
  announcement.textContent = found.length ? `${found.length} completions, choose with the arrow keys` : "";
  const kept = found.findIndex(([text]) => text === chosen); // an answer that arrives late does not undo a choice
  if (kept >= 0) choose(kept);
}

function close() {
  open([]);
}

function choose(index) {
  active = (index + shown.length) % shown.length;
  for (const [number, item] of [...options.children].entries()) item.setAttribute("aria-selected", String(number === active));
  options.children[active].scrollIntoView({ block: "nearest" });
  editor.setAttribute("aria-activedescendant", `option-${active}`);
}

function accept(index) {
  const start = editor.selectionStart - wordBeforeCursor().length;
  editor.setRangeText(shown[index][0] + (shown[index][0].endsWith(":") ? "" : " "), start, editor.selectionEnd, "end");
  close();
}

editor.addEventListener("input", complete);
editor.addEventListener("blur", close);
editor.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return form.requestSubmit();
  }
  if (event.key === " " && event.ctrlKey) {
    event.preventDefault();
    return complete();
  }
  if (options.hidden) return undefined;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(active < 0 && event.key === "ArrowUp" ? -1 : active + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Enter" && active >= 0) {
    event.preventDefault();
    accept(active);
  } else if (event.key === "Escape") {
    close();
  }
  return undefined;
});

// Terms are found by the search of the server, or in the index of a site.
about.find ||= async (word) => {
  try {
    const response = await fetch(`${about.search}?format=json&q=${encodeURIComponent(word)}`);
    return (await response.json()).results.filter((result) => result.curie).slice(0, 15).map((result) => [result.curie, `${result.label} (${result.kind})`]);
  } catch {
    return [];
  }
};

// Asking: the page of the answer is fetched, and what it says replaces what this page says.
about.ask ||= async (query, explain) => {
  const body = new URLSearchParams({ query, format: "html", ...(explain ? { explain: "1" } : {}) });
  const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const made = page.getElementById("answer") || page.querySelector("main");
  history.pushState(null, "", `${form.action}?${body}`);
  return [...made.childNodes];
};

async function run(explain) {
  answer.setAttribute("aria-busy", "true");
  answer.textContent = "Asking …";
  try {
    answer.replaceChildren(...await about.ask(editor.value, explain));
    await drawFacts();
  } catch (error) {
    answer.replaceChildren(Object.assign(document.createElement("p"), { className: "error", textContent: `The query was not answered: ${error.message}. It is still in the editor; try again.` }));
  }
  answer.removeAttribute("aria-busy");
  showPlace();
}

// On a server, the facts that the rows of a table name are drawn here; a site draws what its engine answers.
async function drawFacts() {
  const links = [...answer.querySelectorAll("tbody a[href^='/fact/']")];
  if (window.kbEngine || !links.length) return;
  const base = about.prefixes.term.replace(/term\/$/, "");
  const iris = [...new Set(links.map((link) => window.kbViews.factOf(base + link.getAttribute("href").slice(1))))].slice(0, window.kbViews.MOST);
  const ask = async (query) => {
    const response = await fetch(form.action, { method: "POST", body: new URLSearchParams({ query, format: "json" }) });
    return (await response.json()).results.bindings;
  };
  const facts = await window.kbViews.facts(ask, iris, (iri) => (iri.startsWith(base) ? `/${iri.slice(base.length)}` : iri)).catch(() => []);
  window.kbViews.nameFacts(answer, facts, (iri) => `/${iri.slice(base.length)}`);
  if (facts.length) answer.append(window.kbViews.view("The facts as a graph", window.kbViews.graph(facts)));
}

function showPlace() {
  const error = document.getElementById("error");
  editor.toggleAttribute("aria-invalid", Boolean(error));
  if (!error || !error.dataset.line) return;
  const lines = editor.value.split("\n");
  const line = Math.min(Number(error.dataset.line), lines.length) - 1;
  const start = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
  const place = start + Math.min([...lines[line]].slice(0, Number(error.dataset.column) - 1).join("").length, lines[line].length);
  editor.focus();
  editor.setSelectionRange(place, Math.min(place + 1, start + lines[line].length));
}

form.addEventListener("submit", (event) => {
  if (form.elements.format && form.elements.format.value !== "html") return;
  event.preventDefault();
  close();
  run(event.submitter && event.submitter.name === "explain");
});

// The query of an address: of a server in its query, of a site in its fragment, which can also name a question of this page.
function queryOf(address) {
  const name = new URLSearchParams(address.hash.slice(1)).get("question");
  const question = name && document.querySelector(`[data-question="${CSS.escape(name)}"]`);
  if (question) return queryOf(new URL(question.href));
  return address.searchParams.get("query") || new URLSearchParams(address.hash.slice(1)).get("query") || "";
}

if (window.kbEngine) {
  editor.value = queryOf(new URL(location.href)) || editor.value;
} else {
  window.addEventListener("popstate", () => location.reload());
}
for (const example of document.querySelectorAll("[data-query]")) {
  example.addEventListener("click", (event) => {
    event.preventDefault();
    editor.value = queryOf(new URL(example.href));
    run(false);
    editor.scrollIntoView();
    editor.focus();
  });
}
showPlace();
drawFacts();
