// A watch file: what it declares, and how its mistakes are told.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileWatch } from "./compile-watch.ts";
import { readWatch, writeProblems } from "./read-watch.ts";
import { watchSchema } from "./watch-schema.ts";

const options = {
  defaultSourceId: "local",
  now: Date.UTC(2026, 10, 22, 12, 0, 17),
  ownerId: "me",
  seal: (plain: string) => `sealed(${plain})`,
};
const examples = new URL("../../examples/", import.meta.url);

const compile = (text: string, variables: Record<string, string> = {}) => {
  const read = readWatch(text, variables);
  return read.ok ? compileWatch(read.value, options) : read;
};

/** `line:column path: message` of every problem. */
const problems = (text: string): string[] => {
  const compiled = compile(text);
  return compiled.ok ? [] : writeProblems("w", compiled.error).split("\n");
};

const watch = `name: team
services:
  - name: Auth
    filter: service:auth
destinations:
  - name: chat
    channel: slack
    address: { url: https://hooks.slack.com/services/T000/B000/x }
jobs:
  - name: failed logins
    service: Auth
    analysis: failed-logins
    every: 10s
    window: 1m
    rules:
      - name: brute force
        kind: threshold
        params: { measurement: failed_logins_by_address, op: ge, limit: 10 }
        hold: 30s
        destinations: [chat]
`;

test("a watch file becomes a configuration; durations are ms, ids come from names, secrets are sealed", () => {
  const compiled = compile(watch);
  if (!compiled.ok) throw new Error(writeProblems("w", compiled.error));
  const { jobs, rules, services, destinations } = compiled.value;
  expect(services[0]).toMatchObject({ id: "team.auth", name: "Auth", sourceId: "local" });
  expect(jobs[0]).toMatchObject({
    id: "team.failed-logins",
    everyMs: 10_000,
    windowMs: 60_000,
    delayMs: 30_000,
    startAt: Date.UTC(2026, 10, 22, 12, 0, 10),
  });
  expect(rules[0]).toMatchObject({
    id: "team.failed-logins.brute-force",
    holdMs: 30_000,
    destinationIds: ["team.chat"],
  });
  expect(destinations[0]).toMatchObject({
    address: {},
    secret: 'sealed({"url":"https://hooks.slack.com/services/T000/B000/x"})',
  });
});

test("applying the same file again declares the same", () => {
  expect(compile(watch)).toEqual(compile(watch));
});

test.each([
  ["an unknown field", watch.replace("hold:", "holdFor:"), /^w:19:9: jobs\.0\.rules\.0\.holdFor: is not known here/],
  [
    "a duration that is none",
    watch.replace("every: 10s", "every: often"),
    /^w:13:12: jobs\.0\.every: must be a duration/,
  ],
  ["a period below the floor", watch.replace("every: 10s", "every: 10ms"), /jobs\.0\.every: must be between 1s and 1d/],
  [
    "a period with a part of a second",
    watch.replace("every: 10s", "every: 1500ms"),
    /^w:13:12: jobs\.0\.every: must be whole seconds/,
  ],
  ["more label sets than one update holds", watch.replace("hold: 30s", "maxTracked: 1001"), /maxTracked: .*1000/],
  [
    "a window shorter than its interval",
    watch.replace("window: 1m", "window: 5s"),
    /jobs\.0\.window: must not be shorter than `every`/,
  ],
  [
    "an unknown analysis",
    watch.replace("analysis: failed-logins", "analysis: nothing"),
    /^w:12:15: jobs\.0\.analysis: there is no analysis "nothing"/,
  ],
  [
    "an unknown service",
    watch.replace("service: Auth", "service: auth2"),
    /jobs\.0\.service: there is no service called "auth2" in this file; known: Auth/,
  ],
  [
    "an unknown destination",
    watch.replace("[chat]", "[mail]"),
    /^w:20:24: jobs\.0\.rules\.0\.destinations\.0: there is no destination called "mail"/,
  ],
  ["a rule kind's own parameter", watch.replace("limit: 10", "limit: .inf"), /jobs\.0\.rules\.0\.params\.limit: /],
  [
    "a filter that does not parse",
    watch.replace("filter: service:auth", "filter: service:(auth"),
    /services\.0\.filter: /,
  ],
  [
    "a filter that breaks out",
    watch.replace("filter: service:auth", 'filter: "x) OR (streams:other"'),
    /services\.0\.filter: /,
  ],
  ["a leading wildcard", watch.replace("filter: service:auth", 'filter: "service:*auth"'), /services\.0\.filter: /],
  [
    "a name with a line end",
    watch.replace("name: Auth", 'name: "Auth\\r\\nBcc: x"'),
    /services\.0\.name: must not contain control characters/,
  ],
  [
    "a name used twice",
    watch.replace(
      "jobs:",
      "  - name: CHAT\n    channel: slack\n    address: { url: https://hooks.slack.com/services/a/b/c }\njobs:",
    ),
    /destinations\.1\.name: is taken/,
  ],
  ["a variable that is not set", watch.replace("team", "$" + "{TEAM}"), /^w:1:7: name: the variable TEAM is not set/],
  ["YAML that is none", "name: [", /^w:1:\d+: /],
  ["a key twice", "name: a\nname: b\nservices: []", /^w:2:1: .*unique/],
  ["nothing at all", "", /^w:1:1: /],
] as const)("%s is told with line, column, path and rule", (_what, text, expected) => {
  expect(problems(text)[0]).toMatch(expected);
});

test("a variable may have a default, and its value cannot add structure", () => {
  const text = watch.replace("name: team", "name: $" + "{TEAM:-ours}");
  expect(compile(text)).toMatchObject({ ok: true, value: { jobs: [{ id: "ours.failed-logins" }] } });
  const compiled = compile(text, { TEAM: 'x", jobs: []' });
  expect(compiled).toMatchObject({ ok: true, value: { jobs: [{ name: "failed logins" }] } });
});

test("an alias bomb is refused, not expanded", () => {
  const bomb = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ...Array.from(
      { length: 9 },
      (_, index) =>
        `${"bcdefghij"[index]}: &${"bcdefghij"[index]} [${Array(9).fill(`*${"abcdefghi"[index]}`).join(",")}]`,
    ),
  ].join("\n");
  expect(problems(bomb).length).toBeGreaterThan(0);
});

test.each(readdirSync(examples).filter((name) => name.endsWith(".yaml")))("examples/%s is right", (name) => {
  const compiled = compile(readFileSync(new URL(name, examples), "utf8"), {
    SLACK_WEBHOOK_URL: "http://127.0.0.1:8025/services/T/B/x",
  });
  expect(compiled.ok ? [] : compiled.error).toEqual([]);
});

test("the published JSON Schema is the one the plug-ins say", () => {
  const published: unknown = JSON.parse(readFileSync(new URL("watch.schema.json", examples), "utf8"));
  expect(published).toEqual(JSON.parse(JSON.stringify(watchSchema())));
});
