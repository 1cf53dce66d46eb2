// From the text of a request to a route's input: query and body, parsed by the route's own schemas. Every mistake is told with its
// path and rule. 400: not of the shape that the schema says. 422: of that shape, and still against a rule.
import type { InputError } from "@logwatch/events/api";
import * as z from "zod";
import { fail, ok, type Result } from "../lib/result.ts";
import { ruleWords } from "../lib/rule-words.ts";
import { readJson } from "./read-json.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Route } from "./route.ts";

/** Nothing that people configure is larger. */
export const maxBodyBytes = 1_000_000;

export type RawInput = {
  query: string;
  contentType: string;
  /** Undefined when it was too large to be read. */
  body: string | undefined;
};

export const readInput = (route: Route, raw: RawInput): Result<{ query: unknown; body: unknown }, Refusal> => {
  const query = readQuery(route, raw.query);
  const body = readBody(route, raw);
  if (!body.ok) return body;
  const errors = [...query.errors, ...body.value.errors];
  if (errors.length > 0) return fail(badInput(errors));
  return ok({ query: query.value, body: body.value.value });
};

type Told = InputError & { isShape: boolean };
type Parsed = { value: unknown; errors: Told[] };

const badInput = (errors: Told[]): Refusal => {
  const told = errors.slice(0, maxErrors).map(({ path, rule }) => ({ path, rule }));
  return errors.some((error) => error.isShape)
    ? refuse(400, "bad-input", "The input is not of the shape this route takes.", { errors: told })
    : refuse(422, "not-possible", "The input is well-formed, but cannot be used as it is.", { errors: told });
};

const maxErrors = 50;

const readQuery = (route: Route, text: string): Parsed => {
  const given = new URLSearchParams(text);
  const shape: Record<string, z.ZodType> = route.query instanceof z.ZodObject ? route.query.shape : {};
  const values: Record<string, unknown> = {};
  const errors: Told[] = [];
  for (const key of new Set(given.keys())) {
    const all = given.getAll(key);
    const schema = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (!schema) errors.push({ path: `query.${key.slice(0, 80)}`, rule: "is not known here", isShape: true });
    else if (isList(schema)) values[key] = all;
    else if (all.length > 1) errors.push({ path: `query.${key}`, rule: "must be given once", isShape: true });
    else values[key] = all[0];
  }
  if (!route.query || errors.length > 0) return { value: undefined, errors };
  return parse(route.query, values, "query");
};

/** A query parameter that may be given more than once says so itself. */
const isList = (schema: z.ZodType): boolean => schema.meta()?.list === true;

const readBody = (route: Route, { body, contentType }: RawInput): Result<Parsed, Refusal> => {
  if (body === undefined || Buffer.byteLength(body) > maxBodyBytes)
    return fail(refuse(413, "too-large", `A body has at most ${maxBodyBytes} bytes.`));
  if (!route.body) {
    if (body.trim() === "") return ok({ value: undefined, errors: [] });
    return fail(
      refuse(400, "bad-input", "This route takes no body.", { errors: [{ path: "body", rule: "must be absent" }] }),
    );
  }
  // Where a body may say nothing, it may be left out: a client that sends none names no type for it either.
  if (body === "" && contentType === "" && mayBeAbsent(route.body)) return ok(parse(route.body, {}, "body"));
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType.trim()))
    return fail(refuse(415, "not-json", "Send JSON, with `content-type: application/json`."));
  const json = readJson(body);
  if (!json.ok) return ok({ value: undefined, errors: [{ path: "body", rule: json.error, isShape: true }] });
  return ok(parse(route.body, json.value, "body"));
};

/** Every field of it is optional, or there is a default. */
export const mayBeAbsent = (body: z.ZodType): boolean => body.safeParse({}).success;

const parse = (schema: z.ZodType, value: unknown, at: string): Parsed => {
  const parsed = schema.safeParse(value, { error: ruleWords });
  if (parsed.success) return { value: parsed.data, errors: [] };
  return { value: undefined, errors: parsed.error.issues.flatMap((issue) => told(issue, [at])) };
};

type Issue = z.core.$ZodIssue;

/** A rule of our own is about meaning; what zod checks by itself is in the JSON Schema, and so about shape. */
const told = (issue: Issue, before: readonly PropertyKey[]): Told[] => {
  const path = [...before, ...issue.path];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: [...path, key.slice(0, 80)].join("."),
      rule: "is not known here",
      isShape: true,
    }));
  return [{ path: path.map(String).join("."), rule: issue.message, isShape: issue.code !== "custom" }];
};
