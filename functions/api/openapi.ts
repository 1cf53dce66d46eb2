// OpenAPI 3.1, made from the routes: the schemas that parse requests and encode answers, the access table, the examples.
import { id, problem } from "@logwatch/events/api";
import * as z from "zod";
import { type Access, accessOf } from "./access.ts";
import { idempotencyKey } from "./once.ts";
import { mayBeAbsent } from "./read-input.ts";
import type { Route } from "./route.ts";
import { paramName } from "./router.ts";
import { ifMatch } from "./version.ts";

type Json = { [key: string]: unknown };

export const openApiOf = (routes: readonly Route[]): Json => {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operationOf(route);
    paths[route.path] = path;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "LogWatch",
      version: "1",
      description:
        "Everything a user of LogWatch can do. A session is a cookie: a write with it needs the header `x-logwatch-csrf` (any value) and the dashboard's `Origin`. A script sends `Authorization: Bearer <token>` and needs neither.",
    },
    servers: [{ url: "/api" }],
    tags: [...new Set(routes.map((route) => route.area))].map((name) => ({ name })),
    components: {
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "__Host-logwatch" },
        token: { type: "http", scheme: "bearer" },
      },
      schemas: { Problem: wireSchema(problem) },
    },
    paths,
  };
};

const operationOf = (route: Route): Json => {
  const row = accessOf(route.id);
  return {
    operationId: route.id,
    tags: [route.area],
    summary: route.title,
    description: [route.description, sayAccess(row)].filter((text) => text !== "").join("\n\n"),
    ...(row.who === "anyone"
      ? { security: [] }
      : { security: row.session ? [{ session: [] }] : [{ session: [] }, { token: [] }] }),
    parameters: parametersOf(route),
    ...(route.body
      ? {
          requestBody: {
            required: !mayBeAbsent(route.body),
            content: { "application/json": { schema: wireSchema(route.body), ...exampleOf(route.example.body) } },
          },
        }
      : {}),
    responses: responsesOf(route, row),
  };
};

/** Who may call it, in words. */
export const sayAccess = ({ who, scope, session, object }: Access): string => {
  if (who === "anyone") return "Anyone may call it.";
  const caller = who === "admin" ? "An admin of the instance" : "Whoever is signed in";
  const how = session ? "with a session, not a token" : scope === "write" ? "a token must be allowed to write" : "";
  const on = object && who !== "admin" ? `, as ${object.role} of the ${object.kind}` : "";
  return `${caller} may call it${on}${how === "" ? "" : ` (${how})`}.`;
};

const parametersOf = (route: Route): Json[] => {
  const names = route.path.split("/").flatMap((segment) => paramName(segment) ?? []);
  const query: Record<string, z.ZodType> = route.query instanceof z.ZodObject ? route.query.shape : {};
  const header = (name: string, required: boolean, description: string, schema: Json) => ({
    name,
    in: "header",
    required,
    description,
    schema,
  });
  return [
    ...names.map((name) => ({
      name,
      in: "path",
      required: true,
      schema: wireSchema(id),
      ...exampleOf(route.example.params?.[name]),
    })),
    ...Object.entries(query).map(([name, schema]) => {
      const { description, ...rest } = wireSchema(schema);
      return {
        name,
        in: "query",
        required: !schema.safeParse(undefined).success,
        ...(description === undefined ? {} : { description }),
        schema: rest,
        ...exampleOf(route.example.query?.[name]),
      };
    }),
    ...(route.isVersioned
      ? [
          header("If-Match", true, "The ETag of the version you change, or `*`.", {
            type: "string",
            pattern: ifMatch.source,
          }),
        ]
      : []),
    ...(route.creates
      ? [
          header("Idempotency-Key", false, "The same key makes the same thing once, for a day.", {
            type: "string",
            pattern: idempotencyKey.source,
          }),
        ]
      : []),
  ];
};

const refusals: Record<number, string> = {
  400: "Not of the shape this route takes.",
  401: "Nobody is signed in.",
  403: "Not allowed to this caller.",
  404: "Not there, or not to be seen by this caller.",
  409: "In conflict with what is there.",
  412: "Somebody was faster; `current` is the newer state.",
  413: "The body is too large.",
  415: "The body is not JSON.",
  422: "Well-formed, and still not possible.",
  428: "`If-Match` is missing.",
  429: "Too many requests.",
  503: "Not available right now.",
};

const responsesOf = (route: Route, row: Access): Json => {
  const isWrite = route.method !== "GET";
  const statuses = [
    400,
    ...(row.who === "anyone" ? [] : [401]),
    403,
    ...(row.object ? [404] : []),
    ...(isWrite ? [409] : []),
    ...(route.isVersioned ? [412, 428] : []),
    ...(route.body ? [413, 415] : []),
    422,
    429,
    503,
  ];
  const refused = (status: number) => [
    String(status),
    {
      description: refusals[status] ?? "A problem.",
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    },
  ];
  return Object.fromEntries([
    ...route.statuses.map((status) => [String(status), successOf(route, status)]),
    ...statuses.map(refused),
    ["default", { ...Object(refused(500)[1]), description: "Any other problem." }],
  ]);
};

const successOf = (route: Route, status: number): Json => {
  const description = status === 304 ? "Nothing changed." : status === 202 ? "Under way: look again." : "Done.";
  if (status === 304 || route.reply === null) return { description };
  // YAML is described by what it holds, as readers of the document parse it.
  const text = { type: route.media?.endsWith("yaml") ? "object" : "string" };
  if (route.media) return { description, content: { [route.media]: { schema: text } } };
  const schema = wireSchema(route.reply);
  return { description, content: { "application/json": { schema, ...exampleOf(route.example.reply) } } };
};

const exampleOf = (example: unknown): Json => (example === undefined ? {} : { example });

/** JSON Schema (2020-12) of what travels: the input side of codecs. */
export const wireSchema = (schema: z.ZodType): Json => {
  const { $schema: _draft, ...json } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const wire: unknown = jsonSchema.wire;
      delete jsonSchema.wire;
      delete jsonSchema.list;
      delete jsonSchema.id;
      // zod leaves a codec's own words on its input; what travels may be written otherwise, as numbers in a query.
      if (wire !== null && typeof wire === "object" && zodSchema) {
        delete jsonSchema.pattern;
        delete jsonSchema.enum;
        Object.assign(jsonSchema, wire);
      }
    },
  });
  return json;
};
