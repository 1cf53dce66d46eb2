// A configuration written as a watch file: reading it back gives the same, and no secret is in it.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Configuration } from "../storage/configuration.ts";
import { compareWatch } from "./compare-watch.ts";
import { type CompileOptions, compileWatch } from "./compile-watch.ts";
import { readWatch, writeProblems } from "./read-watch.ts";
import { secretVariable } from "./secret-variables.ts";
import { buildConfiguration, configurations, now, open, ownerId, plainRule, seal } from "./test-configurations.ts";
import { writeWatch } from "./write-watch.ts";

const written = { name: "exported", open, defaultSourceId: "local" };

/** Ids of the things that are called so. */
const idsIn =
  (configuration: Configuration): CompileOptions["idOf"] =>
  (kind, name, within) =>
    configuration[kind].find((one) => one.name === name && (!("jobId" in one) || one.jobId === within))?.id ?? "new";

const readBack = (yaml: string, variables: Record<string, string>, options: Partial<CompileOptions>): Configuration => {
  const read = readWatch(yaml, variables);
  const compiled = read.ok
    ? compileWatch(read.value, { defaultSourceId: "local", now, ownerId, seal, ...options })
    : read;
  if (!compiled.ok) throw new Error(`${writeProblems("w", compiled.error)}\n${yaml}`);
  return compiled.value;
};

const sorted = (configuration: Configuration): Configuration => {
  const byId = <Item extends { id: string }>(items: readonly Item[]): Item[] =>
    [...items].sort((left, right) => (left.id < right.id ? -1 : 1));
  return {
    sources: byId(configuration.sources),
    services: byId(configuration.services),
    jobs: byId(configuration.jobs),
    rules: byId(configuration.rules),
    destinations: byId(configuration.destinations),
  };
};

test("what is written is read back the same over what is stored, without a variable, and needs no secret sealed anew", () => {
  fc.assert(
    fc.property(configurations, (configuration) => {
      const yaml = writeWatch(configuration, written);
      const { sources, destinations } = configuration;
      const back = readBack(
        yaml,
        {},
        {
          idOf: idsIn(configuration),
          stored: { sources, destinations, open },
          confirmedAt: null,
          seal: (plain) => `sealed anew: ${plain}`,
        },
      );
      expect(sorted(back)).toEqual(sorted(configuration));
      expect(compareWatch(configuration, back, written)).toEqual([]);
      expect(writeWatch(back, written)).toBe(yaml);
    }),
    { numRuns: 300 },
  );
});

test("with its variables set it is the same anywhere, and its secrets are in no line of it", () => {
  fc.assert(
    fc.property(configurations, (configuration) => {
      const yaml = writeWatch(configuration, written);
      expect(yaml).not.toContain("hunter2");
      const variables: Record<string, string> = {};
      for (const kind of ["sources", "destinations"] as const)
        for (const { name, secret } of configuration[kind])
          for (const [field, value] of Object.entries<string>(secret === "" ? {} : JSON.parse(open(secret)))) {
            variables[secretVariable(kind, name, field)] = value;
            expect(yaml.slice(0, yaml.indexOf("\nname:"))).toContain(secretVariable(kind, name, field));
          }
      const back = readBack(yaml, variables, { idOf: idsIn(configuration) });
      const destinations = configuration.destinations.map((one) => ({ ...one, confirmedAt: 0 }));
      expect(sorted(back)).toEqual(sorted({ ...configuration, destinations }));
    }),
    { numRuns: 200 },
  );
});

test("it reads as people write it: durations, names, no defaults", () => {
  const configuration = buildConfiguration(
    [["central", { isToken: true, secret: "hunter2", retries: undefined, streams: undefined }]],
    [["sign-in", [0, "x"]]],
    [["chat", { isChat: true, enabled: true, maxPerHour: 120 }]],
    [
      [
        "failed logins",
        {
          service: 0,
          every: 10,
          windows: 6,
          delayMs: 30_000,
          enabled: true,
          params: {},
          rules: [["brute force", { ...plainRule, holdMs: 90_000, to: [0] }]],
        },
      ],
    ],
  );
  expect(
    writeWatch(configuration, written),
  ).toBe(`# A watch file. Secrets are not in it: these variables stand for them.
#   SOURCE_CENTRAL_TOKEN: token of the source "central"
#   DESTINATION_CHAT_URL: url of the destination "chat"
# Where these things are stored already, a secret whose variable is not set stays as it is.
name: exported
sources:
  - name: central
    kind: graylog
    params:
      url: https://graylog.example.com
      token: \${SOURCE_CENTRAL_TOKEN}
services:
  - name: sign-in
    source: central
destinations:
  - name: chat
    channel: slack
    address:
      url: \${DESTINATION_CHAT_URL}
jobs:
  - name: failed logins
    service: sign-in
    analysis: failed-logins
    every: 10s
    window: 1m
    rules:
      - name: brute force
        kind: threshold
        params:
          limit: 0.5
          measurement: failed_logins_by_address
          where: {}
        hold: 90s
        destinations:
          - chat
`);
});
