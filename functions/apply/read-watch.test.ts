// How a watch file's slips are told: where they stand, and what was likely meant.
import { expect, test } from "vitest";
import { readWatch, writeProblems } from "./read-watch.ts";

const watch = `name: team
sources:
  - name: central
    kind: graylog
    params:
      url: https://graylog.example.com
services:
  - name: auth
    source: central
destinations:
  - name: mail
    channel: email
    address:
      to: [a@example.com]
jobs:
  - name: logins
    service: auth
    analysis: log-search
    every: 10s
    params:
      maxLines: 5
    rules:
      - name: any
        kind: threshold
        params:
          measurement: matches
          limit: 5
`;

/** `line:column: path: message` of every problem. */
const problems = (text: string): string[] => {
  const read = readWatch(text, {});
  return read.ok ? [] : writeProblems("w", read.error).split("\n");
};
const without = (key: string) => watch.replace(new RegExp(`^ *${key}:.*\\n`, "m"), "");

test("a file without slips is read", () => {
  expect(problems(watch.replace("maxLines: 5", "filter: a"))).toEqual([]);
});

test.each([
  ["of the file", watch.replace("jobs:", "job:"), "w:15:1: job: is not known here; is `jobs` meant?"],
  [
    "that resembles none",
    watch.replace("    service: auth", "    service: auth\n    often: 10s"),
    "w:18:5: jobs.0.often: is not known here; known: name, service, analysis, params, every, window, delay, enabled, rules",
  ],
  [
    "that is longer than one",
    watch.replace("    every: 10s", "    every: 10s\n    delayMs: 5"),
    "w:20:5: jobs.0.delayMs: is not known here; is `delay` meant?",
  ],
  [
    "of a source's settings",
    watch.replace("url: https", "stream: []\n      url: https"),
    "w:6:7: sources.0.params.stream: is not known here; is `streams` meant?",
  ],
  [
    "of an address",
    watch.replace("to: [a@", "cc: [b@example.com]\n      to: [a@"),
    "w:14:7: destinations.0.address.cc: is not known here; known: to",
  ],
  [
    "of an analysis",
    watch.replace("maxLines: 5", "filtr: a"),
    "w:21:7: jobs.0.params.filtr: is not known here; is `filter` meant?",
  ],
  [
    "of a rule kind",
    watch.replace("maxLines: 5", "filter: a").replace("limit: 5", "limit: 5\n          recover: 4"),
    "w:28:11: jobs.0.rules.0.params.recover: is not known here; is `recovery` meant?",
  ],
  [
    "in one line with its value",
    watch.replace("rules:\n", "rules:\n      - { name: x, kind: absence, parms: { a: 1 } }\n"),
    "w:23:35: jobs.0.rules.0.parms: is not known here; is `params` meant?",
  ],
])("an unknown key %s is told where it is written, with what was meant", (_what, text, expected) => {
  expect(problems(text)).toContain(expected);
});

test("every unknown key is told, not the first alone", () => {
  const text = watch.replace("maxLines: 5", "one: 1\n      two: 2").replace("limit: 5", "limit: 5\n          three: 3");
  expect(problems(text).map((problem) => problem.split(": ").slice(0, 2))).toEqual([
    ["w:21:7", "jobs.0.params.one"],
    ["w:22:7", "jobs.0.params.two"],
    ["w:29:11", "jobs.0.rules.0.params.three"],
  ]);
});

test.each([
  ["every", "w:16:5: jobs.0.every: is missing: must be a duration such as 30s, 5m, 1h or 1d"],
  ["analysis", "w:16:5: jobs.0.analysis: is missing (string)"],
  ["services", "w:1:1: services: is missing (array)"],
])("a missing `%s` says so and what is wanted", (key, expected) => {
  const text = key === "services" ? "name: team\n" : without(key);
  expect(problems(text)).toEqual([expected]);
});

test("a second document is told in words for who writes the file", () => {
  expect(problems(`${watch}---\nname: other\n`)).toEqual([
    "w:28:1: a second document begins here, and a watch file is one: put it into a file of its own",
  ]);
});

test("a key that every object has by birth is as unknown as any other", () => {
  expect(problems(`${watch}__proto__: { a: 1 }\n`)[0]).toMatch(/^w:28:1: __proto__: is not known here/);
  expect(problems(`${watch}constructor: 1\n`)[0]).toMatch(/^w:28:1: constructor: is not known here; known: /);
});

test.each([
  ["nothing but keys", Array.from({ length: 28_000 }, (_, at) => `k${at}: 1`).join("\n")],
  ["one key, very often", "a: 1\n".repeat(40_000)],
  [
    "an unknown key in each of its jobs",
    `name: a\nservices: []\njobs:\n${Array.from({ length: 10_000 }, (_, at) => `- { x${at}: 1 }`).join("\n")}`,
  ],
  ["brackets that never end", "[".repeat(250_000)],
  ["aliases of aliases", `a: &a [x, x, x]\nb: &b [*a, *a]\nc: [${"*b, ".repeat(50_000)}*b]`],
])(
  "a hostile file is refused with a bounded number of problems: %s",
  (_what, text) => {
    const read = readWatch(text, {});
    expect(read.ok).toBe(false);
    expect(read.ok ? 0 : read.error.length).toBeLessThanOrEqual(200);
  },
  20_000,
);
