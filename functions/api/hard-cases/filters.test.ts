// Hard cases 1, 2 and 21, by every route that takes a filter or a pattern to keep or to ask by. Reading logs by filters that try to
// break out, against a real log store: logs-break-out.test.ts of the routes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EveryRoute, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";
import * as analysisPlugins from "../../analyses/index.ts";
import { registry } from "../../lib/registry.ts";
import { harmlessFilters, refusedFilters } from "../routes/logs-break-out-corpus.ts";

let every: EveryRoute;
beforeAll(async () => {
  every = await openEveryRoute();
}, 60_000);
afterAll(() => every.close());

const callOf = (id: string) => every.callOf(id);
const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text);

/** Bodies with a filter, and where in them it stands. */
const places: [string, string, string, (body: object, filter: string) => object][] = [
  ...["createService", "updateService"].map((id): (typeof places)[number] => [
    id,
    "its own",
    "body.filter",
    (body, filter) => ({ ...body, filter }),
  ]),
  ...registry("analysis", analysisPlugins).all.flatMap((analysis) => {
    const fields = ["filter", "queries", "attempts"].filter(
      (field) => analysis.params.safeParse({ [field]: "x" }).success,
    );
    return fields.flatMap((field) =>
      ["createRun", "createJob", "updateJob"].map((id): (typeof places)[number] => [
        id,
        `${field} of ${analysis.id}`,
        `body.params.${field}`,
        (body, filter) => ({ ...body, analysis: analysis.id, params: { [field]: filter }, rules: [] }),
      ]),
    );
  }),
];

describe("hard cases 1 and 2: a filter that does not parse alone is refused with its position, is not kept and asks nobody", () => {
  test("of every analysis that takes one", () => {
    expect(places.length).toBeGreaterThan(10);
  });

  test.each(places)(
    "%s, %s",
    async (id, _, path, put) => {
      const call = callOf(id);
      for (const filter of refusedFilters) {
        const before = every.writes();
        const { rules: _rules, ...made } = Object(put(Object(call.body), filter));
        const body = id === "createRun" ? made : put(Object(call.body), filter);
        const { status, body: said } = await every.send(call, { body });
        expect([shown(filter), [400, 413, 422].includes(status)]).toEqual([shown(filter), true]);
        if (status !== 413)
          expect([shown(filter), said.errors]).toEqual([
            shown(filter),
            expect.arrayContaining([expect.objectContaining({ path: expect.toBeOneOf([path, "body.params"]) })]),
          ]);
        expect([shown(filter), every.writes()]).toEqual([shown(filter), before]);
      }
      expect(every.api.published).toEqual([]);
    },
    60_000,
  );
});

test("hard case 2: a filter that parses goes beside its service's own, never into it", async () => {
  const call = callOf("createRun");
  const own = `service:own-side`;
  for (const filter of harmlessFilters.slice(0, 40)) {
    const body = { ...Object(call.body), analysis: "log-search", params: { filter } };
    const { status } = await every.send(call, { body });
    expect([shown(filter), status]).toEqual([shown(filter), 202]);
    const [record] = every.api.published.splice(0);
    const { data } = JSON.parse(record?.value ?? "{}");
    expect(data).toMatchObject({ filter: own, params: { filter } });
  }
});

const patterns: [string, string][] = [
  ["a repeated group within a repeat, counted", "(a+)+{1000}$"],
  ["5,000 alternatives", Array.from({ length: 5_000 }, (_, index) => `a${index}`).join("|")],
  ["a reference back", "(a)\\1+$"],
  ["a look ahead", "(?=(a+))a*b"],
  ["a look behind", "(?<=a+)b"],
  ["counted repeats within each other", "((a{1,1000}){1,1000}){1,1000}"],
  ["an open bracket", "(a"],
  ["201 characters", "a".repeat(201)],
  ["a nested grok", "%{GREEDYDATA:x}(%{GREEDYDATA:y})*"],
];

describe("hard case 21: a pattern without a bound is refused with its place", () => {
  test.each(patterns)("%s", async (_, value) => {
    for (const id of ["createSilence", "updateSilence", "previewSilence"]) {
      const call = callOf(id);
      for (const op of ["=~", "!~"]) {
        const before = every.writes();
        const matchers = [
          { name: "user", op: "=", value: "x" },
          { name: "user", op, value },
        ];
        const { status, body } = await every.send(call, { body: { ...Object(call.body), matchers } });
        expect([id, op, [400, 422].includes(status)]).toEqual([id, op, true]);
        const paths = Array.isArray(body.errors) ? body.errors.map((error) => error.path) : [];
        expect([id, paths.filter((path) => !/^body\.matchers(\.1\.value)?$/.test(path))]).toEqual([id, []]);
        expect(paths.length).toBeGreaterThan(0);
        expect(every.writes()).toBe(before);
      }
    }
  });

  test("what backtracks elsewhere takes no longer here, over alerts with labels made for it", async () => {
    const call = callOf("previewSilence");
    for (const value of ["(a+)+$", "(a*)*b", "(a|a)*b", "(.*a)+b", "((a*)*)*c"]) {
      const begun = performance.now();
      const { status } = await every.send(call, { body: { matchers: [{ name: "user", op: "=~", value }] } });
      expect([value, status]).toEqual([value, 200]);
      expect(performance.now() - begun).toBeLessThan(2_000);
    }
  });

  test("a text to look for by, or a name, is no pattern", async () => {
    for (const text of ["(a+)+$", ".*", "%", "_", "\\", "'"]) {
      const call = callOf("listJobs");
      const { status, body } = await every.send(call, { path: `/jobs?text=${encodeURIComponent(text)}` });
      expect([text, status, body.items]).toEqual([text, 200, []]);
    }
  });
});
