// Rules in our own words: one for each thing zod checks by itself, and a schema's own words before them.

import { expect, test } from "vitest";
import * as z from "zod";
import { ruleWords } from "./rule-words.ts";

const ruleOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: ruleWords }).error?.issues.map(({ message }) => message);

test.each([
  ["text that is missing", z.object({ name: z.string() }), {}, "must be there"],
  ["a choice that is missing", z.object({ role: z.enum(["a", "b"]) }), {}, "must be there"],
  ["no text", z.string(), 3, "must be text"],
  ["no number", z.number(), "3", "must be a number"],
  ["no whole number", z.int(), 3.5, "must be a whole number"],
  ["neither true nor false", z.boolean(), "true", "must be true or false"],
  ["no list", z.array(z.string()), "a", "must be a list"],
  ["no object", z.object({}), [], "must be an object"],
  ["no record", z.record(z.string(), z.unknown()), null, "must be an object"],
  ["none of the choices", z.enum(["a", "b"]), "c", 'must be one of "a", "b"'],
  ["not the one choice", z.literal("delete"), "c", 'must be "delete"'],
  ["no moment", z.iso.datetime(), "yesterday", "must be a moment in UTC, such as 2026-11-22T12:00:00Z"],
  ["an empty text", z.string().min(1), "", "must have at least 1 character"],
  ["a text that is too long", z.string().max(2), "abc", "must have at most 2 characters"],
  ["too few entries", z.array(z.string()).min(1), [], "must have at least 1 entry"],
  ["a number that is too small", z.number().min(2), 1, "must be at least 2"],
  ["a number that is too large", z.int().max(2), 3, "must be at most 2"],
])("%s is told in our own words", (_what, schema, value, rule) => {
  expect(ruleOf(schema, value)).toEqual([rule]);
});

test("a schema's own words come first", () => {
  expect(ruleOf(z.string({ error: "must be a colour" }), 3)).toEqual(["must be a colour"]);
  expect(ruleOf(z.string().min(3, "is too short"), "a")).toEqual(["is too short"]);
});
