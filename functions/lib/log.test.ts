// Our own log under hostile text: one line a fact, whatever names and log lines hold.
import { expect, test } from "vitest";
import { openLog } from "./log.ts";

const written = (facts: Record<string, unknown>, text = "told"): string => {
  const lines: string[] = [];
  openLog("info", (line) => lines.push(line))("warn", text, facts);
  return lines.join("");
};

test("line ends, terminal commands and turned text forge no line and reach no terminal, and are there when read", () => {
  const job = 'x\r\n{"level":"error"}\u001b[31m\u0085\u009b31m\u2028\u2029\u202egnp.exe\u2066\u007f\ud800';
  const line = written({ job }, `renamed ${job}`);
  expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/);
  expect(line.endsWith("\n")).toBe(true);
  expect(JSON.parse(line)).toMatchObject({ level: "warn", text: `renamed ${job}`, job });
});

test("letters of any language stay readable", () => {
  expect(written({ job: "Prüfung 検査 🔒" })).toContain("Prüfung 検査 🔒");
});

test("an error is written with its message and its causes", () => {
  const error = new Error("The database refused", { cause: new Error("Deadlock") });
  expect(JSON.parse(written({ error })).error).toMatchObject({
    error: "The database refused",
    cause: { error: "Deadlock" },
  });
});

test("what is below the level is not written", () => {
  const lines: string[] = [];
  const log = openLog("warn", (line) => lines.push(line));
  log("info", "quiet");
  log("error", "loud");
  expect(lines.map((line) => JSON.parse(line).text)).toEqual(["loud"]);
});
