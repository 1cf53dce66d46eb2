// Log search by example.
import { expect, it } from "vitest";
import { openMemory } from "../sources/memory.ts";
import { logSearch } from "./log-search.ts";
import { logged, outcomeOf, valuesOf } from "./test-answer.ts";

const log = openMemory([
  logged(1, "billing", { code: "E42" }, "payment refused: card expired"),
  logged(2, "billing", { code: "E42" }, "payment refused: no funds"),
  logged(3, "billing", { code: "I1" }, "payment accepted"),
]).ask;

it("counts what matches, and shows the newest first", async () => {
  const outcome = await outcomeOf(log, logSearch, { filter: 'code:E42 AND message:"payment refused"' });
  expect(valuesOf(outcome)).toEqual({ matches: 2 });
  expect(outcome.examples).toEqual(["payment refused: no funds", "payment refused: card expired"]);
  expect((await outcomeOf(log, logSearch, { maxExamples: 1 })).examples).toEqual(["payment accepted"]);
});

it("what does not match is not counted", async () => {
  expect(valuesOf(await outcomeOf(log, logSearch, { filter: "code:E43" }))).toEqual({ matches: 0 });
});

it("an example is cut, for it travels in every event", async () => {
  const long = openMemory([logged(1, "billing", {}, "a".repeat(1_000_000))]).ask;
  expect((await outcomeOf(long, logSearch)).examples[0]).toHaveLength(1000);
});
