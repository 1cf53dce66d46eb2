// Two configurations compared: every difference in words and as data, and of secrets only that they differ.
import { expect, test } from "vitest";
import type { Configuration } from "../storage/configuration.ts";
import { compareWatch } from "./compare-watch.ts";
import { buildConfiguration, open, plainRule, seal } from "./test-configurations.ts";

const base = (): Configuration =>
  buildConfiguration(
    [["central", { isToken: true, secret: "hunter2", retries: 2, streams: undefined }]],
    [["sign-in", [0, "x"]]],
    [
      ["chat", { isChat: true, enabled: true, maxPerHour: 120 }],
      ["mail", { isChat: false, enabled: true, maxPerHour: 120 }],
    ],
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
          rules: [["brute force", { ...plainRule, to: [0] }]],
        },
      ],
    ],
  );

const compare = (change: (after: Configuration) => void) => {
  const after = structuredClone(base());
  change(after);
  return compareWatch(base(), after, { open, defaultSourceId: "local" });
};
const set = <Item>(items: Item[], over: Partial<Item>) => items.map((item) => ({ ...item, ...over }));

test("nothing differs from itself, however its secrets are sealed and whenever its jobs started", () => {
  const differences = compare((after) => {
    after.jobs = set(after.jobs, { startAt: 1, ownerId: "other" });
    after.destinations = set(after.destinations, { confirmedAt: 5 });
    after.sources = set(after.sources, { params: { retries: 2, url: "https://graylog.example.com" } });
  });
  expect(differences).toEqual([]);
});

test("a changed field is told as a watch file calls it, with what it was", () => {
  const differences = compare((after) => {
    after.jobs = set(after.jobs, { everyMs: 30_000, enabled: false });
    after.rules = set(after.rules, { holdMs: 90_000, flappingMs: 7_200_000, destinationIds: ["01D1"] });
    after.sources = set(after.sources, { params: { url: "https://graylog.example.com", streams: ["a"] } });
  });
  expect(differences.map((one) => one.words)).toEqual([
    'source "central": params.retries 2 → (none); params.streams (none) → ["a"]',
    'job "failed logins": every "10s" → "30s"; enabled true → false',
    'rule "brute force" of job "failed logins": hold "0s" → "90s"; flapping.within "1h" → "2h"; destinations ["chat"] → ["mail"]',
  ]);
  expect(differences[1]).toEqual({
    change: "changed",
    kind: "jobs",
    id: "01J0",
    name: "failed logins",
    fields: [
      { field: "every", isSecret: false, before: "10s", after: "30s" },
      { field: "enabled", isSecret: false, before: true, after: false },
    ],
    words: 'job "failed logins": every "10s" → "30s"; enabled true → false',
  });
});

test("what comes and what goes is told by name, and a new name is a change of the same thing", () => {
  const differences = compare((after) => {
    after.services = set(after.services, { name: "Sign-in" });
    after.destinations = after.destinations.filter((one) => one.name === "chat");
    after.rules = after.rules.flatMap((rule) => [rule, { ...rule, id: "new", name: "second" }]);
  });
  expect(differences.map((one) => [one.change, one.words])).toEqual([
    ["changed", 'service "Sign-in": name "sign-in" → "Sign-in"'],
    ["removed", 'destination "mail" goes'],
    // It names the service, which is called otherwise now.
    ["changed", 'job "failed logins": service "sign-in" → "Sign-in"'],
    ["added", 'new rule "second" of job "failed logins"'],
  ]);
});

test("of a secret it is told that it is another one, that it came or that it goes, and never what it is", () => {
  const differences = compare((after) => {
    after.sources = set(after.sources, { secret: seal('{"password":"hunter3"}') });
    after.destinations = after.destinations.map((one) =>
      one.channel === "slack"
        ? { ...one, secret: seal('{"url":"https://hooks.slack.com/services/T/B/hunter4"}') }
        : one,
    );
  });
  expect(differences.map((one) => one.words)).toEqual([
    'source "central": another params.token; another params.password',
    'destination "chat": another address.url',
  ]);
  expect(differences.flatMap((one) => one.fields)).toEqual([
    { field: "params.token", isSecret: true },
    { field: "params.password", isSecret: true },
    { field: "address.url", isSecret: true },
  ]);
  expect(JSON.stringify(differences)).not.toMatch(/hunter|HUNTER/);
});

test("a very long value is cut in the words, not in the data", () => {
  const filter = `user:"${"x".repeat(2000)}"`;
  const [difference] = compare((after) => {
    after.services = set(after.services, { filter });
  });
  expect(difference?.words.length).toBeLessThan(200);
  expect(difference?.fields[0]?.after).toBe(filter);
});
