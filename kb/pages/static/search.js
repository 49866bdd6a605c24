// Searches the names of a site in the browser: kbIndex has name, address, kind, definition, CURIE and other names of each thing.
"use strict";

const box = document.querySelector("#search input");
const kinds = document.getElementById("kind");
const results = document.getElementById("results");
kinds.append(...[...new Set(window.kbIndex.map((entry) => entry[2]))].sort().map((kind) => new Option(kind)));
box.value = new URLSearchParams(location.search).get("q") || "";

function find() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = ([label, , , , curie, others]) => [label, curie, ...others].join("\n").toLowerCase();
  const asked = words.length || kinds.value;
  const found = asked ? window.kbIndex.filter((entry) => (!kinds.value || entry[2] === kinds.value) && words.every((word) => text(entry).includes(word))) : [];
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
kinds.addEventListener("change", find);
box.form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", `?q=${encodeURIComponent(box.value)}`);
  find();
});
find();
