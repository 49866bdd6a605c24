// Filters the rows of an answer by the pick lists of its form, on pages that no server answers.
"use strict";

const fields = document.querySelector("[data-filter]");
fields.hidden = false;
for (const select of fields.querySelectorAll("select")) {
  const known = new Set([...document.querySelectorAll("tbody tr")].map((row) => row.getAttribute(`data-${select.name}`)).filter(Boolean));
  if (!known.size) select.closest("p").hidden = true;
  const wanted = new URLSearchParams(location.search).get(select.name);
  if (wanted) select.value = wanted;
  select.addEventListener("change", filter);
}
if (![...fields.querySelectorAll("p")].some((part) => !part.hidden)) fields.hidden = true;
const count = fields.appendChild(document.createElement("p"));
count.setAttribute("role", "status");

function filter() {
  const wanted = [...fields.querySelectorAll("select")].filter((select) => select.value);
  let shown = 0;
  for (const row of document.querySelectorAll("tbody tr")) {
    row.hidden = !wanted.every((select) => row.getAttribute(`data-${select.name}`) === select.value);
    shown += !row.hidden;
  }
  count.textContent = wanted.length ? (shown ? `${shown} of these rows.` : "No row has all of these: choose “any” in one of the lists.") : "";
}
filter();
