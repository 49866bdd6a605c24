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
await page.fill("#query", "SELECT * { drows");
await page.keyboard.type("i");
await page.locator("#options li").first().waitFor();
seen.completions = await page.locator("#options li").allTextContents();
await page.fill("#query", "SELECT * {");
await page.press("#query", "Control+Enter");
await page.waitForSelector("#answer .error");
seen.error = await page.locator("#answer .error").textContent();

// As files.
await page.goto(`${files}/search.html?q=drows`);
seen.found = await page.locator("#results a").allTextContents();
await page.click("#results a");
await page.locator("a", { hasText: "evidence" }).first().click();
seen.target = String(await page.evaluate(() => Boolean(document.querySelector(":target"))));
await page.goto(`${files}/ask/facts.html`);
seen.all = String(await page.locator("tbody tr:visible").count());
await page.selectOption("form[data-filter] select", { index: 1 });
seen.filtered = String(await page.locator("tbody tr:visible").count());
await browser.close();
console.log(JSON.stringify(seen));
