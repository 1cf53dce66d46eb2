// The table of hard cases names test files that exist, and every test of this folder.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const rows = readFileSync(join(root, "docs/hard-cases.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split(" | "));
const filesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, path = ""]) => path);

test("every case has a promise and at least one test file, and every file is there", () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const [name = "", promise = "", tests = ""] of rows) {
    expect([name, promise.length > 20, filesIn(tests).length > 0]).toEqual([name, true, true]);
    expect([name, filesIn(tests).filter((file) => !existsSync(join(root, file)))]).toEqual([name, []]);
  }
});

test("every test of this folder is in the table", () => {
  const named = new Set(rows.flatMap(([, , tests = ""]) => filesIn(tests)));
  const own = readdirSync(import.meta.dirname).filter(
    (file) => file.endsWith(".test.ts") && file !== "documented.test.ts",
  );
  expect(own.filter((file) => !named.has(`simulators/stack/hard-cases/${file}`))).toEqual([]);
});
