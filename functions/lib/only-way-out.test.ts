// The guard stands at the only door: nothing else in the steps, plug-ins and the API calls an address. Providers' own clients
// (AWS, Redis) go where the operator says, never where a user does.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const door = "lib/egress-call.ts";

/** What a test is made of is not deployed. */
const isDeployed = (file: string): boolean =>
  file.endsWith(".ts") && !/\.test\.ts$|(^|[/-])test-|-suite|-load\.ts$/.test(file);

/** A global `fetch(…)`, or a module that opens connections; a type of such a module opens none. */
const calls = (text: string): string[] =>
  text
    .split("\n")
    .filter(
      (line) =>
        /(^|[^.\w])fetch\(/.test(line) ||
        (/(from |import\(|require\(|getBuiltinModule\()"(node:)?(http|https|http2|net|tls|dgram|undici)"/.test(line) &&
          !/^import (type |\{ (type \w+|isIP|isIPv4|isIPv6)(, (type \w+|isIP|isIPv4|isIPv6))* \})/.test(line)),
    );

test("only the guard opens a connection", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(isDeployed);
  expect(files.length).toBeGreaterThan(100);
  const open = files.filter((file) => calls(readFileSync(join(root, file), "utf8")).length > 0);
  expect(open).toEqual([door]);
});

test("a second door would be seen", () => {
  expect(calls('const a = await fetch("https://example.com");')).toHaveLength(1);
  expect(
    calls('import { request } from "node:https";\nimport net from "net";\nawait import("node:tls");'),
  ).toHaveLength(3);
  expect(calls('process.getBuiltinModule("node:http");\nrequire("tls");')).toHaveLength(2);
  expect(calls('import type { Server } from "node:http";\nimport { isIPv4, isIPv6 } from "node:net";')).toEqual([]);
  expect(calls("const a = await access.fetch(url);\nawait prefetch(url);")).toEqual([]);
});
