// Whatever filter a member gives, through the real handler over a real Graylog stand-in: lines of another service in the same log
// store never come back, and what does not parse alone never reaches the log store. Hard cases 1 and 2.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Identity } from "../../../simulators/stack/test-api.ts";
import { start } from "../../../simulators/stack/test-api.ts";
import { createLogWorlds, type LogWorld } from "../../../simulators/stack/test-logs.ts";
import { harmlessFilters, refusedFilters } from "./logs-break-out-corpus.ts";

const worlds = createLogWorlds();
let world: LogWorld;
let member: Identity;
let auth: string;
let canary: string;
beforeAll(async () => {
  world = await worlds.open();
  await world.write([
    { service: "auth", message: "x and y", fields: { number: 1, user_name: "root" } },
    { service: "auth", message: "canary is only a word here", fields: { number: 2 } },
    { service: "canary", host: "canary-host", message: "canary-7f3a x y", fields: { ticket: "canary-7f3a" } },
    { service: "canary", host: "canary-host", message: "canary-7f3a", fields: { ticket: "canary-7f3a", number: 3 } },
  ]);
  auth = await world.addService("auth", "service:auth");
  canary = await world.addService("canary", "service:canary");
  member = await world.api.user("member");
  await world.api.storage.members.put(auth, member.user.id, "viewer", start);
}, 60_000);
afterAll(worlds.closeAll);

const shown = (filter: string): string => (filter.length > 60 ? `${filter.slice(0, 60)}… (${filter.length})` : filter);
const named = (filters: readonly string[]) =>
  filters.map((filter): [string, string] => [JSON.stringify(shown(filter)), filter]);
const call = (path: string, filter: string, as = member) =>
  world.api.call("GET", `${path}filter=${encodeURIComponent(filter)}`, { as });

test("there is something to find: the owner sees the canary's lines, and the member those of auth", async () => {
  expect((await call(`/services/${canary}/logs?`, "*", world.owner)).text).toContain("canary-7f3a");
  const values = await call(`/services/${canary}/fields/values?field=ticket&`, "*", world.owner);
  expect(values.body.items).toEqual([{ value: "canary-7f3a", count: 2 }]);
  expect((await call(`/services/${auth}/logs?`, "*")).body.items).toHaveLength(2);
  expect((await call(`/services/${canary}/logs?`, "*")).status).toBe(404);
});

test("the corpus is as large as it should be, and holds nothing twice", () => {
  expect(new Set([...refusedFilters, ...harmlessFilters]).size).toBe(refusedFilters.length + harmlessFilters.length);
  expect(refusedFilters.length).toBeGreaterThan(60);
  expect(harmlessFilters.length).toBeGreaterThan(60);
});

describe("a filter that does not parse alone is refused with its position, before any call", () => {
  test.each(named(refusedFilters))("%s", async (_, filter) => {
    const before = world.asked.length;
    const answers = [
      await call(`/services/${auth}/logs?`, filter),
      await call(`/services/${auth}/fields/values?field=ticket&`, filter),
    ];
    for (const { status, body } of answers) {
      expect([400, 422]).toContain(status);
      expect(body.errors).toMatchObject([
        { path: "query.filter", rule: expect.stringMatching(/\(at position \d+\)$/) },
      ]);
      expect(positionIn(body.errors)).toBeLessThanOrEqual(filter.length);
    }
    const body = { name: "hostile", sourceId: world.sourceId, filter };
    const service = await world.api.call("POST", "/services", { as: world.owner, body });
    expect([400, 413, 422]).toContain(service.status);
    if (service.status !== 413) expect(service.body.errors).toMatchObject([{ path: "body.filter" }]);
    expect(world.asked.length).toBe(before);
  });
});

describe("a filter that parses narrows its service, and reaches no line of another", () => {
  test.each(named(harmlessFilters))("%s", async (_, filter) => {
    const before = world.asked.length;
    const lines = await call(`/services/${auth}/logs?`, filter);
    const values = await call(`/services/${auth}/fields/values?field=ticket&`, filter);
    expect([lines.status, values.status]).toEqual([200, 200]);
    expect(lines.text + values.text).not.toContain("canary-7f3a");
    expect(lines.body.items?.every((line) => line.service === "auth")).toBe(true);
    const queries = world.asked.slice(before).flatMap(queriesIn);
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const [first, ...others] = clausesOf(query);
      expect(first).toBe("service:auth");
      // Graylog's own names of fields have no dots.
      const allowed = [filter, filter.replace("user.name", "user_name"), '_exists_:"ticket"'];
      for (const other of others) expect(allowed).toContain(other);
    }
  });
});

const positionIn = (errors: unknown): number => Number(/at position (\d+)/.exec(JSON.stringify(errors))?.[1]);

/** The query texts of a search that came to Graylog. */
const queriesIn = (body: string): string[] =>
  [...body.matchAll(/"query_string":("(?:[^"\\]|\\.)*")/g)].map(([, literal = '""']) => String(JSON.parse(literal)));

/**
 * Cuts `(a) AND (b)` into its clauses by Lucene's own rules for brackets, quotes, escapes and ranges, without our parser: a clause
 * that closed its bracket early would show here as one that nobody gave.
 */
const clausesOf = (query: string): string[] => {
  if (!query.startsWith("(")) return [query];
  const clauses: string[] = [];
  let depth = 0;
  let begin = 0;
  let inside: '"' | "]" | undefined;
  for (let at = 0; at < query.length; at += 1) {
    const char = query.charAt(at);
    if (char === "\\") at += 1;
    else if (inside === '"') inside = char === '"' ? undefined : inside;
    else if (inside === "]" && char !== '"') inside = char === "]" || char === "}" ? undefined : inside;
    else if (inside === "]") at = query.indexOf('"', at + 1);
    else if (char === '"') inside = '"';
    else if (char === "[" || char === "{") inside = "]";
    else if (char === "(") {
      if (depth === 0) begin = at + 1;
      depth += 1;
    } else if (char === ")") {
      depth -= 1;
      if (depth === 0) clauses.push(query.slice(begin, at));
      if (depth < 0) throw new Error(`A clause of ${query} reaches out of its brackets.`);
    } else if (depth === 0 && !" AND ".includes(char)) throw new Error(`Something stands between clauses in ${query}.`);
  }
  if (depth !== 0 || inside !== undefined) throw new Error(`${query} ends inside a clause.`);
  return clauses;
};

test("the cutter itself tells clauses that reach out of their brackets", () => {
  expect(clausesOf('(service:auth) AND ("x) OR (y" \\))')).toEqual(["service:auth", '"x) OR (y" \\)']);
  expect(clausesOf("(a) AND (x) AND (y)")).toEqual(["a", "x", "y"]);
  for (const query of ["(service:auth) AND (x) OR (y)", "(a) AND (x)) OR ((y)", '(a) AND (")', "(a) AND ([a TO b)"]) {
    expect(() => clausesOf(query)).toThrow();
  }
});
