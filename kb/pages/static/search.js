// Searches the names of a site in the browser: kbIndex has name, address, kind, definition, CURIE and other names of each thing,
// kbFacets what its facts are: their predicates, documents and hedges.
"use strict";

const box = document.querySelector("#search input");
const results = document.getElementById("results");
box.value = new URLSearchParams(location.search).get("q") || "";

// A pick list, by the values of its options and their labels.
function addList(label, values) {
  const part = document.createElement("p"), name = document.createElement("label"), list = document.createElement("select");
  list.id = `facet-${label}`;
  name.htmlFor = list.id;
  name.textContent = label;
  list.append(new Option("any", ""), ...values.map(([value, text]) => new Option(text, value)));
  list.addEventListener("change", find);
  part.append(name, " ", list);
  part.hidden = !values.length;
  document.getElementById("facets").append(part);
  return list;
}

const kinds = addList("Kind", [...new Set(window.kbIndex.map((entry) => entry[2]))].sort().map((kind) => [kind, kind]));
kinds.value = new URLSearchParams(location.search).get("kind") || "";
const lists = window.kbFacets.fields.map(([label, values]) => addList(label, [...values.entries()]));

function find() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = ([label, , , , curie, others]) => [label, curie, ...others].join("\n").toLowerCase();
  const narrow = lists.some((list) => list.value);
  const asked = words.length || kinds.value || narrow;
  const hasFact = (number) => window.kbFacets.facts[number].some((fact) => lists.every((list, place) => !list.value || Number(list.value) === fact[place]));
  const fits = (entry, number) => (!kinds.value || entry[2] === kinds.value) && (!narrow || hasFact(number)) && words.every((word) => text(entry).includes(word));
  const found = asked ? window.kbIndex.filter(fits) : [];
  found.sort((one, other) => one[0].length - other[0].length);
  results.replaceChildren(...found.slice(0, 200).map(([label, href, kind, definition, curie, others]) => {
    const item = document.createElement("li");
    const chip = Object.assign(document.createElement("span"), { className: "chip", textContent: kind });
    item.append(Object.assign(document.createElement("a"), { href, textContent: label }), " ", chip, " ", Object.assign(document.createElement("code"), { textContent: curie }));
    const names = words.length ? others.filter((name) => words.every((word) => name.toLowerCase().includes(word))) : [];
    if (names.length) item.append(document.createElement("br"), Object.assign(document.createElement("span"), { className: "small", textContent: `Found by: ${names.join("; ")}` }));
    if (definition) item.append(document.createElement("br"), definition);
    return item;
  }));
  document.getElementById("found").textContent = found.length ? `${found.length} found${found.length > 200 ? ", the shortest 200 names shown" : ""}.` : "";
  document.getElementById("hint").hidden = !asked || found.length > 0;
}

box.addEventListener("input", find);
box.form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `?q=${encodeURIComponent(box.value)}`);
  find();
});
find();
