// Opens the query page in a browser as a person would, and tells what it saw, as JSON.
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
  else if (message.type() === "error") seen.errors.push(message.text());
});

try {
  await page.goto(`${url}/sparql`);
  await page.waitForSelector(".yasqe .CodeMirror");
  seen.first = await page.evaluate(() => document.querySelector(".yasqe .CodeMirror").CodeMirror.getValue());
  await page.click(".yasqe_queryButton");
  await page.waitForSelector(".yasr table tbody tr");
  seen.rows = await page.locator(".yasr table tbody tr").count();

  // Complete a prefix, a class and a property by typing.
  seen.completions = {};
  for (const [name, text] of [["prefix", "PREFIX sko"], ["class", "SELECT * { ?s a kb:Dr"], ["property", "SELECT * { ?s skos:pref"]]) {
    await page.evaluate((value) => document.querySelector(".yasqe .CodeMirror").CodeMirror.setValue(value.slice(0, -1)), text);
    await page.evaluate(() => {
      const editor = document.querySelector(".yasqe .CodeMirror").CodeMirror;
      editor.focus();
      editor.setCursor({ line: 0, ch: editor.getLine(0).length });
    });
    await page.keyboard.type(text.slice(-1));
    await page.keyboard.press("Control+Space");
    const shown = page.locator(".CodeMirror-hints li");
    await shown.first().waitFor({ timeout: 5000 }).catch(() => {});
    seen.completions[name] = await shown.allTextContents();
    await page.keyboard.press("Escape");
  }

  // An example from the list below the editor, and an answer that is cut.
  await page.locator("#examples a").first().click();
  await page.waitForSelector(".yasr table tbody tr");
  await page.evaluate(() => document.querySelector(".yasqe .CodeMirror").CodeMirror.setValue("SELECT * { ?s ?p ?o }"));
  await page.click(".yasqe_queryButton");
  seen.cut = await page.locator("#cut:not([hidden])").textContent({ timeout: 10000 }).catch(() => "");

  await page.goto(`${url}/term/drowsiness`);
  seen.thing = { title: await page.title(), text: await page.locator("main").innerText() };
  seen.data = JSON.parse(await page.locator("script[type='application/ld+json']").textContent());
} catch (error) {
  seen.errors.push(String(error));
}
await browser.close();
console.log(JSON.stringify(seen));
