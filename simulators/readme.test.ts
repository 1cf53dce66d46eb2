// What the README says is so: its paths exist, its commands are there, and its examples run.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;

const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block = ""]) => block.split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "");

test("every path it names exists", () => {
  const paths = [...readme.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`|\]\((?!https?:)([^)]+)\)/g)].map(
    ([, code, link]) => code ?? link ?? "",
  );
  expect(paths.length).toBeGreaterThan(10);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("every command it shows is one of the project's", () => {
  const names = commands.flatMap((line) => /^npm (?:run )?([\w-]+)/.exec(line)?.[1] ?? []);
  expect(names).toEqual(expect.arrayContaining(["start", "test", "replay", "backtest"]));
  expect(names.filter((name) => !(name in scripts))).toEqual([]);
});

const backtests = commands.filter((line) => line.startsWith("npm run backtest -- "));

test.each(backtests)("%s prints its books", async (line) => {
  const args = line.replace("npm run backtest -- ", "").split(/\s+/);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "simulators/backtest.ts", ...args],
    {
      cwd: root,
    },
  );
  expect(stdout).toMatch(/^Lines {6}\d/);
  expect(stdout).toMatch(/\nAlerts {5}opened [1-9]/);
});
