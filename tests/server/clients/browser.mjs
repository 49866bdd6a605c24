// Opens the query page and the pages of things in a browser as a person would, by keyboard too, and tells what it saw, as JSON.
//   node browser.mjs CHROMIUM URL
import { chromium } from "playwright-core";

const [executablePath, url] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const context = await browser.newContext();
const page = await context.newPage();
const seen = { asked: [], errors: [], violations: [] };
page.on("request", (request) => seen.asked.push(request.url()));
page.on("pageerror", (error) => seen.errors.push(String(error)));
page.on("console", (message) => {
  if (message.text().includes("Content Security Policy")) seen.violations.push(message.text());
  else if (message.type() === "error" && !message.text().includes("status of 400")) seen.errors.push(message.text());
});

try {
  await page.goto(`${url}/sparql`);
  const editor = page.locator("#query");
  seen.first = await editor.inputValue();
  await editor.focus();
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("#answer table tbody tr");
  seen.rows = await page.locator("#answer table tbody tr").count();
  seen.link = await page.locator("#answer table a").first().getAttribute("href");

  // Complete a prefix, a class, a predicate and a term by typing, and choose one with the arrow keys.
  seen.completions = {};
  for (const [name, text] of [["prefix", "PREFIX sko"], ["class", "SELECT * { ?s a Drug"], ["predicate", "SELECT * { ?s side"], ["term", "SELECT * { drowsi"]]) {
    await editor.fill(text.slice(0, -1));
    await editor.press("End");
    await page.keyboard.type(text.slice(-1));
    const typed = text.split(" ").pop().toLowerCase();  // the list of the word before it may still be there
    const isListed = (word) => [...document.querySelectorAll("#options li")].some((option) => option.textContent.toLowerCase().includes(word));
    await page.waitForFunction(isListed, typed, { timeout: 5000 }).catch(() => {});
    seen.completions[name] = await page.locator("#options li").allTextContents();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    seen.completions[`${name} accepted`] = await editor.inputValue();
  }

  // Tab leaves the editor, also while completions are open.
  await editor.fill("SELECT * { drows");
  await page.keyboard.type("i");
  await page.locator("#options li").first().waitFor({ timeout: 5000 }).catch(() => {});
  await page.keyboard.press("Tab");
  seen.tab = await page.evaluate(() => document.activeElement.id || document.activeElement.name);

  // An error is shown at its place, and the query stays.
  await editor.fill("SELECT * {\n  ?s ?p }");
  await editor.press("Control+Enter");
  await page.waitForSelector("#error");
  seen.error = await page.locator("#error").innerText();
  seen.kept = await editor.inputValue();
  seen.selected = await page.evaluate(() => document.getElementById("query").selectionStart);

  // An answer that is cut, one that is explained, one that is drawn.
  await editor.fill("SELECT * { ?s ?p ?o }");
  await editor.press("Control+Enter");
  await page.waitForSelector("#answer .cut");
  seen.cut = await page.locator("#answer .cut").first().textContent();
  await editor.fill("SELECT ?effect { ?fact rdf:predicate pred:has-side-effect ; rdf:object/skos:prefLabel ?effect } LIMIT 3");
  await page.click("button[name=explain]");
  await page.waitForSelector("#answer .support");
  seen.support = await page.locator("#answer .support").first().innerText();
  const facts = page.locator("#answer svg[aria-label^='Claims']");
  await facts.waitFor({ state: "attached" });
  seen.facts = [await facts.getAttribute("aria-label"), await facts.locator("path[stroke-dasharray]").count()];
  await editor.fill("CONSTRUCT { ?a ?b ?c } { ?a ?b ?c . ?a a kb:Term . ?c a kb:Term } LIMIT 5");
  await editor.press("Control+Enter");
  await page.waitForSelector("#answer svg", { state: "attached" });
  seen.drawn = await page.locator("#answer svg").first().getAttribute("aria-label");

  await page.goto(`${url}/term/drowsiness`);
  seen.thing = { title: await page.title(), text: await page.locator("main").innerText() };
  seen.data = JSON.parse(await page.locator("script[type='application/ld+json']").textContent());
} catch (error) {
  seen.errors.push(String(error));
}
await browser.close();
console.log(JSON.stringify(seen));
