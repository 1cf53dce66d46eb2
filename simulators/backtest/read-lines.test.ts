// Lines of files: only a line feed ends one, packed files are unpacked, and nothing in them ends the program.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { readLines } from "./read-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "logwatch-lines-"));
afterAll(() => rmSync(folder, { recursive: true }));

const linesOf = async (content: string | Buffer, name = "a.log"): Promise<string[]> => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return allOf(file);
};

const allOf = async (file: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of readLines(file)) lines.push(line);
  return lines;
};

it("reads lines with and without a last line feed", async () => {
  expect(await linesOf("a\nb\n")).toEqual(["a", "b"]);
  expect(await linesOf("a\n\nb")).toEqual(["a", "", "b"]);
  expect(await linesOf("")).toEqual([]);
});

it("no other sign ends a line: one in a user name would forge the next", async () => {
  expect(await linesOf("a\u2028b\u2029c\rd\u0085e\0f\n")).toEqual(["a\u2028b\u2029c\rd\u0085e\0f"]);
});

it("reads signs that lie across two chunks, and replaces what is not UTF-8", async () => {
  const long = `${"x".repeat(65_535)}é${"y".repeat(65_535)}`;
  expect(await linesOf(`${long}\nb`)).toEqual([long, "b"]);
  expect(await linesOf(Buffer.from([0x61, 0xff, 0x62, 0x0a]))).toEqual(["a\uFFFDb"]);
});

it("cuts a line that never ends", async () => {
  const [first = "", ...more] = await linesOf(`${"x".repeat(9 * 1024 * 1024)}\nb\n`);
  expect(first.length).toBe(8 * 1024 * 1024);
  expect(more).toEqual(["b"]);
});

it("unpacks what gzip packed", async () => {
  expect(await linesOf(gzipSync("a\nb\n"), "a.log.gz")).toEqual(["a", "b"]);
});

it("a file that is not there or not packed is an error", async () => {
  await expect(allOf(join(folder, "none.log"))).rejects.toThrow("ENOENT");
  await expect(allOf(join(folder, "none.log.gz"))).rejects.toThrow("ENOENT");
  await expect(linesOf("plain text", "b.log.gz")).rejects.toThrow(/header/);
});
