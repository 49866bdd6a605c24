// Views of an answer beside its table: the facts that its rows name or connect, with their sentences; a graph of claims; bars.
"use strict";

window.kbViews = (() => {
  const MOST = 30; // claims of a graph
  const FACTS = `?fact a kb:Fact ; rdfs:label ?says ; rdf:subject ?subject ; rdf:predicate/rdfs:label ?predicate ; rdf:object ?object ;
    kb:modality ?grade ; prov:wasDerivedFrom ?sentence ; prov:hadPrimarySource/dcterms:title ?title .
    ?subject skos:prefLabel ?subjectLabel . ?grade skos:prefLabel|rdfs:label ?modality .
    OPTIONAL { ?object skos:prefLabel ?objectLabel } OPTIONAL { ?fact kb:restrictions ?restrictions }
    OPTIONAL { ?fact kb:polarity ?denial } OPTIONAL { ?sentence oa:hasSelector/oa:exact ?quote }`;

  function svg(name, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  function picture(width, height, words, parts) {
    const style = { "font-family": "system-ui, sans-serif", "font-size": 13, fill: "currentColor", role: "group", "aria-label": words };
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, ...style }, ...parts);
  }

  // The words below a line, as lines: a reader needs all that restricts a claim.
  function wrap(text, most) {
    const lines = [];
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const last = lines.length - 1;
      if (last >= 0 && [...lines[last], " ", ...word].length <= most) lines[last] += ` ${word}`;
      else lines.push(shorten(word, most));
    }
    return lines.length > 8 ? [...lines.slice(0, 7), `${lines[7]} …`] : lines;
  }

  function box({ text, href }, x, y) {
    const shape = svg("rect", { x, y, width: 200, height: 32, rx: 6, fill: "none", stroke: "currentColor" });
    const group = svg("g", {}, svg("title", {}, text), shape, svg("text", { x: x + 8, y: y + 20 }, shorten(text, 26)));
    return href ? svg("a", { href }, group) : group;
  }

  // A dashed line is hedged, restricted or graded, a crossed one denied; the words at the line say how.
  function graph(edges) {
    const rows = new Map();
    for (const edge of edges.slice(0, MOST)) rows.set(edge.source.text, [...(rows.get(edge.source.text) || []), edge]);
    const parts = [];
    let y = 20;
    for (const own of rows.values()) {
      const top = y;
      parts.push(box(own[0].source, 10, top));
      for (const { target, label, note, denied } of own) {
        const level = y + 16;
        parts.push(svg("path", { d: `M210 ${top + 16}H226V${level}H482`, stroke: "currentColor", fill: "none", ...(note ? { "stroke-dasharray": "6 4" } : {}) }));
        parts.push(svg("path", { d: `M482 ${level - 4}l8 4l-8 4z` }));
        if (denied) parts.push(svg("path", { d: `M460 ${level - 6}l12 12m0 -12l-12 12`, stroke: "currentColor", "stroke-width": 2, fill: "none" }));
        parts.push(svg("text", { x: 232, y: level - 5 }, shorten(`${denied ? "denied: " : ""}${label}`, 36)));
        const lines = wrap(note, 44);
        lines.forEach((line, place) => parts.push(svg("text", { x: 232, y: level + 14 + 13 * place, "font-size": 11 }, svg("title", {}, note), line)));
        parts.push(box(target, 490, y));
        y += 50 + 13 * Math.max(0, lines.length - 1);
      }
    }
    const words = edges.map(({ source, target, label, note, denied }) => `${source.text} ${denied ? "denied: " : ""}${label}${note ? ` (${note})` : ""} ${target.text}`);
    return picture(700, y, `Claims as a graph: ${words.join("; ")}`, parts);
  }

  // Each column of whole numbers with its name, labelled by the other columns.
  function bars(names, rows) {
    const counted = rows.length > 1 && rows.length <= 40 ? [...rows[0].keys()].filter((place) => rows.every((row) => /^\d{1,9}$/.test(row[place]))) : [];
    if (counted.length === (rows[0] || []).length) return [];
    const labels = rows.map((row) => row.filter((_, place) => !counted.includes(place)).slice(0, 2).join(" · "));
    return counted.map((place) => [names[place], drawBars(names[place], labels, rows.map((row) => Number(row[place])))]);
  }

  function drawBars(name, labels, numbers) {
    const shares = numbers.map((number) => `${((80 * number) / (Math.max(...numbers) || 1)).toFixed(1)}%`);
    const parts = numbers.map((number, index) => svg("g", {}, svg("title", {}, `${labels[index]}: ${number}`),
      svg("text", { x: 0, y: index * 40 + 16 }, shorten(labels[index], 40)),
      svg("rect", { x: 0, y: index * 40 + 22, width: shares[index], height: 14, opacity: 0.6 }),
      svg("text", { x: shares[index], dx: 6, y: index * 40 + 34 }, String(number))));
    const made = picture(700, numbers.length * 40 + 8, `Bars of ${name}: ${numbers.map((number, index) => `${labels[index]} ${number}`).join("; ")}`, parts);
    made.removeAttribute("viewBox"); // shares of any width
    made.setAttribute("width", "100%");
    made.setAttribute("class", "bars");
    return made;
  }

  function view(title, drawn) {
    const made = document.createElement("details");
    const region = Object.assign(document.createElement("div"), { className: "table", tabIndex: 0 });
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", title);
    region.append(drawn);
    made.open = true;
    made.append(Object.assign(document.createElement("summary"), { textContent: title }), region);
    return made;
  }

  // A part of a fact, such as its evidence, follows document, subject, predicate, object and pairs of qualifier and value.
  const PART = "(?:evidence|evaluation|figure|group|hedged)";
  const IN_FACT = new RegExp(`((?:^|/)fact/[^/]+/[^/]+/[^/]+/[^/]+(?:/(?!${PART}/)[^/]+/[^/]+)*)/${PART}/.*`);
  const factOf = (iri) => iri.replace(IN_FACT, "$1");

  // The facts with these IRIs, each with its claim and its sentences.
  async function facts(ask, iris, address) {
    if (!iris.length) return [];
    const found = new Map();
    for (const row of await ask(`SELECT * { VALUES ?fact { ${iris.map((iri) => `<${iri}>`).join(" ")} } ${FACTS} }`)) {
      const end = (name) => ({ text: (row[`${name}Label`] || row[name]).value, href: row[name].type === "uri" ? address(row[name].value) : "" });
      const note = [row.modality.value, row.restrictions && row.restrictions.value].filter((word) => word && word !== "is").join("; ");
      const iri = row.fact.value;
      const fact = found.get(iri) || { iri, says: row.says.value, title: row.title.value, source: end("subject"), target: end("object"), label: row.predicate.value, note, denied: Boolean(row.denial), sentences: new Map() };
      fact.sentences.set(row.sentence.value, row.quote ? row.quote.value : "");
      found.set(iri, fact);
    }
    return [...found.values()];
  }

  // The facts of each row: those that it names, and those that state something of one of its terms about another.
  async function explain(ask, rows, base, address) {
    const named = rows.map((row) => row.filter((term) => term && term.type === "uri").map((term) => term.value));
    const pairs = named.map((iris) => iris.filter((iri) => iri.startsWith(`${base}term/`))).flatMap((ends) => ends.flatMap((one) => ends.filter((other) => other !== one).map((other) => `(<${one}> <${other}>)`)));
    const between = pairs.length ? await ask(`SELECT ?fact ?subject ?object { VALUES (?subject ?object) { ${[...new Set(pairs)].join(" ")} } ?fact a kb:Fact ; rdf:subject ?subject ; rdf:object ?object }`) : [];
    const own = named.map((iris) => [...new Set([...iris.filter((iri) => iri.startsWith(`${base}fact/`)).map(factOf), ...between.filter(({ subject, object }) => iris.includes(subject.value) && iris.includes(object.value)).map(({ fact }) => fact.value)])]);
    const known = new Map((await facts(ask, [...new Set(own.flat())], address)).map((fact) => [fact.iri, fact]));
    return own.map((iris) => iris.map((iri) => known.get(iri)).filter(Boolean));
  }

  // Puts claims in words in the place of the IRIs of facts.
  function nameFacts(part, known, address) {
    const words = new Map(known.map(({ iri, says }) => [address(iri), says]));
    for (const link of part.querySelectorAll("tbody a")) {
      const says = words.get(link.getAttribute("href"));
      if (says && /^fact\//.test(link.textContent) && !link.textContent.includes("/evidence/")) link.textContent = says;
    }
  }

  return { nameFacts, graph, bars, view, facts, explain, factOf, MOST };
})();
