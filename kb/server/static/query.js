// The query page: YASGUI, told of our prefixes, classes and properties, and of no service anywhere else.
"use strict";

const about = JSON.parse(document.getElementById("about").textContent);
const Yasqe = Yasgui.Yasqe;

// Completions come from what the server knows of the dataset; the editor's own would ask prefix.cc and LOV.
const known = {
  prefixes: Object.entries(about.prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`),
  property: about.properties,
  class: about.classes,
};
for (const [name, words] of Object.entries(known)) {
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

// An answer that is cut says so in a header; people see it here.
const cut = document.getElementById("cut");
function watch(one) {
  one.getYasqe().on("queryResponse", (_, response) => {
    const headers = response && response.headers;
    const said = headers && (headers.get ? headers.get("KB-Cut") : headers["kb-cut"]);
    cut.textContent = said ? `Cut: there is more than this server gives (${said}).` : "";
    cut.hidden = !said;
  });
}
watch(tab());
yasgui.on("tabAdd", (_, id) => setTimeout(() => yasgui.getTab(id) && watch(yasgui.getTab(id))));

for (const example of document.querySelectorAll("#examples a")) {
  example.addEventListener("click", (event) => {
    event.preventDefault();
    tab().getYasqe().setValue(example.dataset.query);
    tab().query();
    window.scrollTo(0, 0);
  });
}
