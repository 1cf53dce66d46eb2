// The import rule of the folders: steps import plug-ins, storage, lib; plug-ins import lib only; nothing imports a step, but the API
// the cores of others; `events/` imports nothing of ours; SDKs, drivers and the environment only where they are allowed.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const plugins = ["analyses", "sources", "rule-kinds", "channels", "formats"];
const steps = ["schedule", "analyze", "evaluate", "notify", "deliver", "apply"];
const shared = ["lib", "storage", ...plugins];

type Import = { file: string; target: string };

const filesUnder = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === "node_modules") return [];
    if (statSync(path).isDirectory()) return filesUnder(path);
    return /\.ts$/.test(name) && !/\.test\.ts$/.test(name) ? [path] : [];
  });

const importsOf = (file: string): Import[] => {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, target = ""]) => ({
    file: relative(root, file),
    target: target.startsWith(".") ? relative(root, resolve(dirname(file), target)) : target,
  }));
};

/** `functions/evaluate/x.ts` → `evaluate`. */
const folderOf = (path: string): string => path.split("/")[1] ?? "";

/** Why an import is forbidden; undefined when it is allowed. */
const problemOf = ({ file, target }: Import): string | undefined => {
  const says = (rule: string) => `${file} imports ${target}: ${rule}`;
  if (file.startsWith("events/")) {
    return target.startsWith("functions/") || target.startsWith("simulators/")
      ? says("events/ imports nothing of ours")
      : undefined;
  }
  if (!file.startsWith("functions/")) return undefined;
  if (/^(simulators|bench|web|infra)\//.test(target)) return says("functions/ never imports what runs it");
  if (!target.startsWith("functions/")) {
    const isDriver = /^(@aws-sdk\/|ioredis|@slack\/|libsql|kafkajs|nodemailer)/.test(target);
    const mayDrive = /^functions\/(storage|sources|channels|lib)\//.test(file) || file.endsWith("/handler.ts");
    return isDriver && !mayDrive
      ? says("SDKs and drivers belong in handlers, storage/, sources/, channels/ and lib/")
      : undefined;
  }
  const [from, to] = [folderOf(file), folderOf(target)];
  if (from === to) return undefined;
  // Previews and manual runs ask the production cores what they would do; a handler is a Lambda of its own.
  if (from === "api" && steps.includes(to) && !target.endsWith("/handler.ts")) return undefined;
  if (!shared.includes(to)) return says("nothing imports a step, but the API their cores");
  if (plugins.includes(from) && to !== "lib") return says("plug-ins import lib only");
  if (from === "lib") return says("lib imports nothing of ours but events");
  if (from === "storage" && to !== "lib") return says("storage imports lib only");
  return undefined;
};

test("every import keeps the import rule", () => {
  const files = [...filesUnder(join(root, "events")), ...filesUnder(join(root, "functions"))];
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap(importsOf).map(problemOf).filter(Boolean)).toEqual([]);
});

test("a forbidden import is named in words", () => {
  expect(problemOf({ file: "functions/analyses/x.ts", target: "functions/storage/jobs.ts" })).toBe(
    "functions/analyses/x.ts imports functions/storage/jobs.ts: plug-ins import lib only",
  );
  expect(problemOf({ file: "functions/notify/x.ts", target: "functions/evaluate/y.ts" })).toMatch(
    /nothing imports a step/,
  );
  expect(problemOf({ file: "functions/api/x.ts", target: "functions/evaluate/evaluate-rule.ts" })).toBeUndefined();
  expect(problemOf({ file: "functions/api/x.ts", target: "functions/evaluate/handler.ts" })).toMatch(/nothing imports/);
  expect(problemOf({ file: "functions/evaluate/x.ts", target: "functions/api/route.ts" })).toMatch(/nothing imports/);
  expect(problemOf({ file: "functions/evaluate/x.ts", target: "ioredis" })).toMatch(/SDKs and drivers/);
  expect(problemOf({ file: "functions/lib/x.ts", target: "simulators/run.ts" })).toMatch(/never imports what runs it/);
});

test("the environment is read in lib/ alone", () => {
  const readers = filesUnder(join(root, "functions")).filter((file) =>
    readFileSync(file, "utf8").includes("process.env"),
  );
  expect(readers.map((file) => relative(root, file)).filter((file) => !file.startsWith("functions/lib/"))).toEqual([]);
});
