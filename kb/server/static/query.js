// The query page: YASGUI with the prefixes, classes and properties of the dataset, and without services of other hosts.
"use strict";

const about = JSON.parse(document.getElementById("about").textContent);
const Yasqe = Yasgui.Yasqe;

// Completions come from the dataset; those of the editor would send requests to prefix.cc and LOV.
const completions = {
  prefixes: Object.entries(about.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`),
  property: about.properties,
  class: about.classes,
};
for (const [name, words] of Object.entries(completions)) {
  Yasqe.registerAutocompleter({ ...Yasqe.Autocompleters[name], bulk: true, persistenceId: null, get: () => words });
}

const yasgui = new Yasgui(document.getElementById("yasgui"), {
  requestConfig: { endpoint: about.endpoint, method: "POST" },
  copyEndpointOnNewTab: true,
  populateFromUrl: false,
  endpointCatalogueOptions: { getData: () => [{ endpoint: about.endpoint }], keys: ["endpoint"] },
  persistenceId: `kb ${about.endpoint}`,
  yasqe: { value: about.query, prefixCcApi: null, createShareableLink: null, createShortLink: null },
  yasr: { prefixes: about.prefixes },
});

const tab = () => yasgui.getTab();
if (tab().getYasqe().getValue().trim() === "" || about.given) {
  tab().getYasqe().setValue(about.query);
}

// A header marks an answer that is cut; show it on the page.
const cut = document.getElementById("cut");
function showCuts(queryTab) {
  queryTab.getYasqe().on("queryResponse", (_, response) => {
    const headers = response && response.headers;
    const limit = headers && (headers.get ? headers.get("KB-Cut") : headers["kb-cut"]);
    cut.textContent = limit ? `Cut: there is more than this server gives (${limit}).` : "";
    cut.hidden = !limit;
  });
}
showCuts(tab());
yasgui.on("tabAdd", (_, id) => setTimeout(() => yasgui.getTab(id) && showCuts(yasgui.getTab(id))));

for (const example of document.querySelectorAll("#examples a")) {
  example.addEventListener("click", (event) => {
    event.preventDefault();
    tab().getYasqe().setValue(example.dataset.query);
    tab().query();
    window.scrollTo(0, 0);
  });
}
