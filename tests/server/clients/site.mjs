// Uses a site as a reader would, from a server of files and as files, and tells what it saw, as JSON.
//   node site.mjs CHROMIUM ORIGIN FILES
import { chromium } from "playwright-core";

const [executablePath, origin, files] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
const seen = { errors: [] };
page.on("pageerror", (error) => seen.errors.push(String(error)));

await page.goto(`${origin}/sparql.html`);
await page.fill("#query", "SELECT ?fact ?object { ?fact a kb:Fact ; rdf:object ?object }");
await page.press("#query", "Control+Enter");
await page.waitForSelector("#answer tbody tr", { timeout: 60000 });
seen.rows = await page.locator("#answer tbody tr").count();
seen.links = await page.locator("#answer td a").evaluateAll((links) => links.map((link) => [link.textContent, link.getAttribute("href")]));
seen.drawn = await page.locator("#answer svg").getAttribute("aria-label");
// With evidence, each row is followed by the facts behind it; hedges and denials are in the picture.
await page.fill("#query", "SELECT ?drug ?other { ?fact a kb:Fact ; kb:trigger ?t ; rdf:subject ?drug ; rdf:object ?other }");
await page.getByText("Run and show evidence").click();
await page.waitForSelector("#answer tr.support");
seen.support = await page.locator("#answer tr.support").allTextContents();
seen.places = await page.locator("#answer tr.support a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
seen.restricted = [await page.locator("#answer svg").getAttribute("aria-label"), await page.locator("#answer svg path[stroke-dasharray]").count()];
seen.below = await page.locator("#answer svg text[font-size='11']").allTextContents();
seen.denied = await page.evaluate(() => window.kbViews.graph([{ source: { text: "a" }, target: { text: "<b>" }, label: "causes", note: "", denied: true }]).outerHTML);
await page.fill("#query", "SELECT ?modality (COUNT(?f) AS ?n) { ?f a kb:Fact ; kb:modality ?modality } GROUP BY ?modality ORDER BY ?modality");
await page.press("#query", "Control+Enter");
await page.waitForSelector("#answer svg[aria-label^='Bars']", { state: "attached" });
seen.bars = await page.locator("#answer svg rect").evaluateAll((bars) => bars.map((bar) => parseFloat(bar.getAttribute("width"))));
seen.labels = await page.locator("#answer tbody td:nth-child(1)").allTextContents();
seen.counts = await page.locator("#answer tbody td:nth-child(2)").allTextContents();
await page.fill("#query", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(STRSTARTS(STR(?p), STR(pred:))) } LIMIT 5");
await page.press("#query", "Control+Enter");
await page.waitForSelector("#answer svg[aria-label^='Claims']", { state: "attached" });
seen.triples = await page.locator("#answer svg rect").count();
await page.fill("#query", "SELECT * { drows");
await page.keyboard.type("i");
await page.locator("#options li").first().waitFor();
seen.completions = await page.locator("#options li").allTextContents();
await page.fill("#query", "SELECT * {");
await page.press("#query", "Control+Enter");
await page.waitForSelector("#answer .error");
seen.error = await page.locator("#answer .error").textContent();

// From the answer of a question to its query, and from a fact.
await page.goto(`${origin}/ask/mechanism.html`);
await page.getByText("SPARQL", { exact: true }).last().click();
await page.getByText("Edit and run this query").click();
await page.waitForURL(/sparql/);
await page.locator("#hint:visible").waitFor();
seen.edited = await page.inputValue("#query");
await page.goto(`${origin}/term/gaba.html`);
await page.locator("summary", { hasText: "Evidence" }).first().click();
await page.locator("a:visible", { hasText: "Ask this in SPARQL" }).first().click();
await page.getByRole("button", { name: "Run", exact: true }).click();
await page.waitForSelector("#answer tbody tr");
seen.asked = await page.locator("#answer tbody").innerText();

// As files.
await page.goto(`${files}/search.html?q=drows`);
await page.locator("#results a").first().waitFor();
seen.found = await page.locator("#results a").allTextContents();
// Narrowed as on a server: one fact has all that is chosen.
await page.goto(`${files}/search.html`);
for (const [label, value] of [["Kind", "symptom"], ["In facts with", "has withdrawal symptom"], ["Modality", "may"]]) await page.getByLabel(label, { exact: true }).selectOption({ label: value });
seen.narrowed = await page.locator("#results a").allTextContents();
await page.goto(`${files}/search.html?q=drows`);
await page.click("#results a");
await page.locator("a", { hasText: "evidence" }).first().click();
await page.waitForSelector(":target", { state: "attached" });
seen.target = String(await page.evaluate(() => Boolean(document.querySelector(":target"))));
await page.goto(`${files}/ask/facts.html`);
seen.all = String(await page.locator("tbody tr:visible").count());
await page.selectOption("form[data-filter] select", { index: 1 });
seen.filtered = String(await page.locator("tbody tr:visible").count());
await browser.close();
console.log(JSON.stringify(seen));
