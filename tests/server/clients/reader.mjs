// Finds answers as a first-time reader does: from the home page by links, the search box and forms alone; tells what was read, as JSON.
//   node reader.mjs CHROMIUM HOME '[[["follow", "Uses"], ["row", "panic disorder"]], ...]'
import { chromium } from "playwright-core";

const [executablePath, home, routes] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage();
page.setDefaultTimeout(15000);
const main = page.locator("main");

const steps = {
  follow: (name) => main.getByRole("link", { name, exact: true }).first().click(),
  search: async (words) => {
    await page.getByRole("searchbox").fill(words);
    await page.getByRole("button", { name: "Search", exact: true }).click();
  },
  choose: async (label, value) => {
    await main.getByLabel(label).selectOption({ label: value });
    const ask = main.getByRole("button", { name: "Ask", exact: true });
    if (await ask.count()) await ask.click(); // a site filters at once
  },
  // The first claim or row with these words, and the way from it to its evidence.
  row: async (words) => {
    const row = main.locator("tr:visible", { hasText: words }).first();
    const text = await row.innerText();
    await row.getByRole("link", { name: /^(fact|evidence)/i }).first().click();
    return text;
  },
  // The facts of a sentence of a document.
  sentence: async (number, words) => {
    await main.locator("summary", { hasText: `of ${number}` }).click();
    const link = main.locator("details[open] a", { hasText: words }).first();
    const text = await link.innerText();
    await link.click();
    return text;
  },
};

// What states a fact: on a server on a page of its own, on a site at its row.
async function readEvidence() {
  const own = main.locator("article.fact, :target").first();
  await own.waitFor();
  const folded = own.locator("summary", { hasText: "Evidence" });
  if (await folded.count()) await folded.click();
  const evidence = await own.locator("ul.evidence li").allInnerTexts();
  const found = await main.getByText(/^(Cite: )?“/).allInnerTexts();
  await main.locator("summary:visible", { hasText: "BibTeX" }).first().click();
  const bibtex = await main.locator("pre:visible").first().innerText();
  await own.locator("ul.evidence a").first().click();
  const place = main.locator("h1, :target").last();
  await place.waitFor();
  return { evidence, cite: found.find(Boolean), bibtex, place: await place.innerText(), heading: await main.locator("h1").innerText() };
}

const read = [];
for (const route of JSON.parse(routes)) {
  await page.goto(home);
  let answer = "";
  for (const [step, ...words] of route) answer = (await steps[step](...words)) || answer;
  read.push({ answer, ...await readEvidence() });
}
await browser.close();
console.log(JSON.stringify(read));
