// The table of hard cases names test files that exist, and every test of the folders that are for them.
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
  expect(rows.length).toBeGreaterThan(35);
  for (const [name = "", promise = "", tests = ""] of rows) {
    expect([name, promise.length > 20, filesIn(tests).length > 0]).toEqual([name, true, true]);
    expect([name, filesIn(tests).filter((file) => !existsSync(join(root, file)))]).toEqual([name, []]);
  }
});

test.each(["simulators/stack/hard-cases", "functions/api/hard-cases"])("every test of %s is in the table", (folder) => {
  const named = new Set(rows.flatMap(([, , tests = ""]) => filesIn(tests)));
  const own = readdirSync(join(root, folder)).filter(
    (file) => file.endsWith(".test.ts") && file !== "documented.test.ts",
  );
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter((file) => !named.has(`${folder}/${file}`))).toEqual([]);
});
