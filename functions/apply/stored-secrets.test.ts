// A watch file over what is stored: which secrets stay, which change, which are missing, and who has agreed to be told.
import { expect, test } from "vitest";
import { type CompileOptions, compileWatch } from "./compile-watch.ts";
import { readWatch, writeProblems } from "./read-watch.ts";
import { now, open, ownerId, seal } from "./test-configurations.ts";
import { writeWatch } from "./write-watch.ts";

const watch = (url: string, to = "a@example.com") => `name: team
services: []
destinations:
  - name: On call
    channel: slack
    address: { url: "${url}" }
  - name: mail
    channel: email
    address: { to: [${to}] }
`;
const own = "$" + "{DESTINATION_ON_CALL_URL}";
const hook = (last: string) => `https://hooks.slack.com/services/T/B/${last}`;

const compile = (text: string, variables: Record<string, string>, options: Partial<CompileOptions> = {}) => {
  const read = readWatch(text, variables);
  const compiled = read.ok
    ? compileWatch(read.value, { defaultSourceId: "local", now, ownerId, seal, ...options })
    : read;
  return compiled.ok ? compiled.value.destinations : writeProblems("w", compiled.error);
};
const stored = () => {
  const destinations = compile(watch(hook("one")), {}, { confirmedAt: 500 });
  if (typeof destinations === "string") throw new Error(destinations);
  return { sources: [], destinations, open };
};

test("a secret that is its own variable, which is not set, stays as it is stored", () => {
  const resealed = { stored: stored(), seal: () => "sealed anew", confirmedAt: null };
  expect(compile(watch(own), {}, resealed)).toEqual(stored().destinations);
});

test("a secret that is given again as it is keeps its sealed text; another one is sealed and must be agreed to", () => {
  const options = { stored: stored(), seal: () => "sealed anew", confirmedAt: null };
  expect(compile(watch(own), { DESTINATION_ON_CALL_URL: hook("one") }, options)).toEqual(stored().destinations);
  expect(compile(watch(hook("two")), {}, options)).toMatchObject([
    { secret: "sealed anew", confirmedAt: null },
    { confirmedAt: 500 },
  ]);
});

test("whoever agreed to be told at one address has not agreed for another", () => {
  const options = { stored: stored(), confirmedAt: null };
  expect(compile(watch(own, "b@example.com"), {}, options)).toMatchObject([
    { confirmedAt: 500 },
    { confirmedAt: null },
  ]);
});

test.each([
  ["its own, with nothing stored", own, {}, "DESTINATION_ON_CALL_URL"],
  ["another's, though a secret is stored", "$" + "{SOURCE_ON_CALL_URL}", { stored: stored() }, "SOURCE_ON_CALL_URL"],
  ["a part of the text", `${hook("")}${own}`, { stored: stored() }, "DESTINATION_ON_CALL_URL"],
])("a variable that is not set is told when it is %s", (_what, url, options, name) => {
  expect(compile(watch(url), {}, options)).toBe(
    `w:6:21: destinations.0.address.url: the variable ${name} is not set, and there is no default (\${${name}:-…})`,
  );
});

test("a field that is no secret is never taken from what is stored", () => {
  const text = watch(own).replace("[a@example.com]", '"$' + '{DESTINATION_MAIL_TO}"');
  expect(compile(text, {}, { stored: stored() })).toMatch(/^w:9:20: .*DESTINATION_MAIL_TO is not set/);
});

test("two dollar signs say that no variable is meant", () => {
  const text = `name: a $$\{X} $\{Y} $$\{Z:-z}\nservices: []\n`;
  const read = readWatch(text, { X: "no", Y: "yes", Z: "no" });
  expect(read.ok && read.value.watch.name).toBe("a $" + "{X} yes $" + "{Z:-z}");
});

test("what refers to things outside of the file is found by whoever knows them, and written with their names", () => {
  const text = `name: team
services:
  - { name: dns, source: theirs }
jobs:
  - { name: lookups, service: shared, analysis: log-search, every: 1m, rules: [
      { name: many, kind: threshold, params: { measurement: matches, limit: 5 }, destinations: [boss] } ] }
`;
  const read = readWatch(text, {});
  if (!read.ok) throw new Error(writeProblems("w", read.error));
  const options = { defaultSourceId: "local", now, ownerId, seal };
  const alone = compileWatch(read.value, options);
  expect(alone.ok ? [] : alone.error.map((one) => one.message)).toEqual([
    'there is no source called "theirs" in this file; known: none',
    'there is no service called "shared" in this file; known: dns',
    'there is no destination called "boss" in this file; known: none',
  ]);
  const elsewhere: CompileOptions["elsewhere"] = (kind, name) => `${kind}:${name}`;
  const compiled = compileWatch(read.value, { ...options, elsewhere });
  if (!compiled.ok) throw new Error(writeProblems("w", compiled.error));
  expect(compiled.value.services[0]?.sourceId).toBe("sources:theirs");
  expect(compiled.value.jobs[0]?.serviceId).toBe("services:shared");
  expect(compiled.value.rules[0]?.destinationIds).toEqual(["destinations:boss"]);
  const yaml = writeWatch(compiled.value, { name: "team", open, nameOf: (kind, id) => id.slice(kind.length + 1) });
  const again = readWatch(yaml, {});
  expect(again.ok && compileWatch(again.value, { ...options, elsewhere })).toEqual(compiled);
});
