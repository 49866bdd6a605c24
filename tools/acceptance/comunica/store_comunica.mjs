// Comunica over an N-Quads file, with the setting that the README of the release names. It repeats what two files both state, so
// that several knowledge bases, which share the words of the ontology, have to be one file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueryEngine } from "@comunica/query-sparql-file";

const plain = (text) => ({ true: "1", false: "0" })[text] ?? text;
const order = (rows) => JSON.stringify(rows.map((row) => JSON.stringify(row.map((cell) => plain(cell ?? "")))).sort());
const job = JSON.parse(readFileSync(process.env.KB_QUESTIONS, "utf-8"));
const counts = { version: createRequire(import.meta.url)("@comunica/query-sparql-file/package.json").version };
const folder = mkdtempSync(join(tmpdir(), "comunica-"));
for (const [name, { files, questions }] of Object.entries(job)) {
  const engine = new QueryEngine();
  const value = join(folder, `${name}.nq`);
  writeFileSync(value, files.map((file) => readFileSync(file, "utf-8")).join(""));
  const context = { sources: [{ type: "file", value }], unionDefaultGraph: true };
  let right = 0;
  for (const question of questions) {
    let rows;
    try {
      const result = await engine.query(question.text, context);
      if (result.resultType === "quads") {
        const quads = await (await result.execute()).toArray();
        const triples = quads.map((quad) => [quad.subject.value, quad.predicate.value, quad.object.value]);
        rows = [...new Set(triples.map((triple) => JSON.stringify(triple)))].map((triple) => JSON.parse(triple));
      } else {
        const bindings = await (await result.execute()).toArray();
        rows = bindings.map((row) => question.columns.map((column) => row.get(column)?.value));
      }
    } catch (error) {
      rows = [[String(error)]];
    }
    if (order(rows) === order(question.rows)) right += 1;
    else console.error(name, question.name, "gave", JSON.stringify(rows.slice(0, 2)), "of", rows.length, "for", question.rows.length);
  }
  counts[`questions_of_${name}`] = right;
}
rmSync(folder, { recursive: true });
console.log(JSON.stringify(counts));
