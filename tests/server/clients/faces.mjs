// Opens pages as readers do: on a desktop, on a phone of 320 pixels, in the dark, on paper and by keyboard; tells what is wrong as JSON.
//   node faces.mjs CHROMIUM ORIGIN PATH...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [executablePath, origin, ...paths] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"] });
const seen = { pages: 0, outside: [], errors: [], axe: [], sideways: [], clipped: [], tools: [], trapped: [], raw: [], empty: [], broken: [] };

// The words of usual length that a line break divides within cells.
const findBroken = () => [...document.querySelectorAll("main td, main th")].flatMap((cell) => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    if (/:\/\//.test(texts.currentNode.data) || texts.currentNode.parentElement.closest("code, pre")) continue;
    for (const word of texts.currentNode.data.matchAll(/(?<![\p{L}\p{N}_])[\p{L}\p{N}_]{2,14}(?![\p{L}\p{N}_])/gu)) {
      const range = document.createRange();
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1) found.push(word[0]);
    }
  }
  return found;
});

for (const [name, options] of [["desktop", { viewport: { width: 1200, height: 800 } }], ["dark phone", { viewport: { width: 320, height: 640 }, colorScheme: "dark" }]]) {
  const context = await browser.newContext({ ...options, bypassCSP: true });
  const page = await context.newPage();
  page.on("request", (request) => /^(data|blob):/.test(request.url()) || request.url().startsWith(origin) || seen.outside.push(request.url()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/status of (400|404)/.test(message.text()) && seen.errors.push(message.text()));
  for (const path of paths) {
    await page.goto(origin + path);
    seen.pages += 1;
    const [width, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (width > inner) seen.sideways.push(`${name} ${path}: ${width} > ${inner}`);
    const beyond = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((part) => !part.closest(".table, .sr, .skip, pre") && part.getClientRects().length && part.getBoundingClientRect().right > innerWidth - 14).filter((part) => !["HEADER", "MAIN"].includes(part.tagName)).map((part) => part.outerHTML.slice(0, 80)));
    if (beyond.length) seen.sideways.push(`${name} ${path}: ${beyond[0]}`);
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
    const broken = await page.evaluate(findBroken);
    if (broken.length) seen.broken.push(`${name} ${path}: ${broken.join(" ")}`);
    // No address of the knowledge base stands where a label belongs, and no box or heading is empty.
    const raw = await page.evaluate(() => [...document.querySelectorAll("main a, main h1, main h2, main td")].map((part) => part.textContent.trim()).filter((text) => /^(fact|document|term|predicate|proposition)\/\S+\/?\S*$/.test(text)));
    if (raw.length) seen.raw.push(`${name} ${path}: ${raw[0]}`);
    const empty = await page.evaluate(() => [...document.querySelectorAll("main .cut, main .error, main h1, main h2, main h3, main .chip, main figure, main dt")].filter((part) => !part.textContent.trim()).map((part) => part.outerHTML));
    if (empty.length) seen.empty.push(`${name} ${path}: ${empty[0]}`);
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    for (const violation of found.violations) seen.axe.push(`${name} ${path}: ${violation.id} ${violation.nodes[0].target} ${violation.nodes[0].failureSummary}`);
    if (name !== "desktop") continue;
    await page.emulateMedia({ media: "print" });
    const isWide = await page.evaluate(() => Boolean(document.querySelector("main.wide")));
    await page.setViewportSize(isWide ? { width: 1020, height: 640 } : { width: 700, height: 900 }); // A4 within its margins, wide pages landscape
    const wide = await page.evaluate(() => [...document.querySelectorAll("main table, main figure svg, main pre")].filter((part) => part.getBoundingClientRect().right > innerWidth + 1).length + [...document.querySelectorAll("main textarea")].filter((part) => part.scrollHeight > part.clientHeight + 1).length);
    const torn = await page.evaluate(findBroken);
    if (torn.length) seen.broken.push(`paper ${path}: ${torn.join(" ")}`);
    if (wide) seen.clipped.push(`${path}: ${wide}`);
    const tools = await page.evaluate(() => { document.querySelectorAll("details").forEach((part) => { part.open = false; }); return [...document.querySelectorAll("nav, form:not(#ask), button, summary, .tools")].filter((part) => part.getClientRects().length).length; });
    if (tools) seen.tools.push(`${path}: ${tools}`);
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize(options.viewport);
    // Tab reaches every part of the page once, and then leaves it.
    await page.evaluate(() => { document.querySelectorAll("details").forEach((part) => { part.open = false; }); document.activeElement.blur(); });
    const stops = new Map();
    for (let press = 0; press < 25; press += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => { const all = [...document.querySelectorAll("*")]; return all.indexOf(document.activeElement); });
      stops.set(at, (stops.get(at) || 0) + 1);
    }
    if (stops.size < 5 && Math.max(...stops.values()) > 8) seen.trapped.push(path);
  }
  await context.close();
}
await browser.close();
console.log(JSON.stringify(seen));
