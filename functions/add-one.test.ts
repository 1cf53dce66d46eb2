// "One file + one registry line": a plug-in of each pure kind is added to a copy of the project, and is then in the catalogue, is
// checked in watch files and runs in a back-test, with nothing else changed.
import { execFile } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "logwatch-copy-"));

/** Each is what a newcomer would write: one file, and its line in the registry. */
const added: Record<string, [file: string, text: string]> = {
  analyses: [
    "shouted-lines",
    `import * as z from "zod";
import { defineAnalysis } from "./analysis.ts";
import { countIn } from "./answer-parts.ts";
import { counted } from "./measured.ts";
export const shoutedLines = defineAnalysis({
  id: "shouted-lines", title: "Shouted lines", description: "How many lines shout.",
  params: z.strictObject({ word: z.string().default("HELP").meta({ title: "Word", description: "What is shouted." }) }),
  measures: () => ({ shouts: [] }),
  question: ({ word }) => ({ filter: \`message:"\${word}"\`, parts: { all: { kind: "count" } } }),
  measure: (answer) => ({ measurements: [counted("shouts", countIn(answer, "all"))], views: [], examples: [], truncated: [] }),
});`,
  ],
  "rule-kinds": [
    "any-at-all",
    `import * as z from "zod";
import { defineRuleKind } from "./rule-kind.ts";
export const anyAtAll = defineRuleKind({
  id: "any-at-all", title: "Any at all", description: "Breaches while there is anything.",
  params: z.strictObject({ measurement: z.string().meta({ title: "Measurement", description: "Which." }) }),
  watches: ({ measurement }) => ({ name: measurement, where: {} }),
  memory: () => ({ points: 0, quietMs: 0 }),
  monotone: () => true,
  judge: (_params, series) => series.map(({ labels, points }) => {
    const value = points.at(-1)?.value ?? 0;
    return { labels, breached: value > 0, cleared: value === 0, value, reason: \`\${value} there\` };
  }),
});`,
  ],
  formats: [
    "piped",
    `import { defineFormat } from "./format.ts";
export const piped = defineFormat({
  id: "piped", title: "Piped", description: "Epoch seconds, a pipe, the message.",
  reader: () => (line) => {
    const [, at, message] = /^(\\d{10})\\|(.*)$/.exec(line) ?? [];
    return at && message ? { at: Number(at) * 1000, service: "piped", host: "", level: null, message, fields: {} } : undefined;
  },
});`,
  ],
};

const watch = `name: sample
services: [{ name: piped, filter: "service:piped" }]
destinations: [{ name: mail, channel: email, address: { to: [oncall@example.com] } }]
jobs:
  - name: shouts
    service: piped
    analysis: shouted-lines
    every: 1m
    rules: [{ name: somebody shouts, kind: any-at-all, params: { measurement: shouts }, destinations: [mail] }]
`;

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", ...args], { cwd: copy, maxBuffer: 16 * 1024 * 1024 });

beforeAll(() => {
  for (const folder of ["functions", "events", "simulators", "package.json"])
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const [folder, [file, text]] of Object.entries(added)) {
    writeFileSync(join(copy, "functions", folder, `${file}.ts`), text);
    const name = file.replace(/-(.)/g, (_whole, letter: string) => letter.toUpperCase());
    appendFileSync(join(copy, "functions", folder, "index.ts"), `export { ${name} } from "./${file}.ts";\n`);
  }
  writeFileSync(join(copy, "watch.yaml"), watch);
  writeFileSync(join(copy, "sample.log"), "1767225600|HELP me\n1767225601|all is well\n1767225700|HELP again\n");
});
afterAll(() => rmSync(copy, { recursive: true }));

test("a new analysis and a new rule kind are in the catalogue, with their parameters", async () => {
  const { stdout } = await run(
    "-e",
    'import("./functions/apply/watch-schema.ts").then(({ watchSchema }) => console.log(JSON.stringify(watchSchema())))',
  );
  for (const words of ['"shouted-lines"', '"What is shouted."', '"any-at-all"']) expect(stdout).toContain(words);
});

test("a new analysis, rule kind and format run from a log file to the message, with nothing else changed", async () => {
  const { stdout } = await run("simulators/backtest.ts", "sample.log", "--watch", "watch.yaml", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    lines: 3,
    parsed: { piped: 3 },
    windows: { due: 2, complete: 2, failed: 0, missing: 0 },
    alerts: { opened: 1, resolved: 0 },
    totals: [{ job: "shouts", name: "shouts", labels: {}, value: 2 }],
  });
});

test("parameters of a new plug-in are refused with their path and rule", async () => {
  writeFileSync(join(copy, "wrong.yaml"), watch.replace("every: 1m", "every: 1m\n    params: { word: 7 }"));
  const refused = run("simulators/backtest.ts", "sample.log", "--watch", "wrong.yaml");
  await expect(refused).rejects.toMatchObject({
    stderr: expect.stringMatching(/wrong\.yaml:\d+:\d+.*jobs\.0\.params\.word/),
  });
});
