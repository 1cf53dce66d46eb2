// The API, core: one request in, one answer out. The only way to a handler, in this order: route, caller, limits, access table, forgery,
// object, input, version, the same request sent twice, handler, audit. Whatever refuses does so as problem+json.
import * as z from "zod";
import { fail, ok, type Result } from "../lib/result.ts";
import { type Access, accessOf, isAtLeast } from "./access.ts";
import { noteAudit } from "./audit.ts";
import { authenticate, type Caller } from "./authenticate.ts";
import { findObject } from "./find-object.ts";
import { checkForgery } from "./forgery.ts";
import { markChanges, marksOf } from "./mark-changes.ts";
import { once } from "./once.ts";
import type { ApiPorts } from "./ports.ts";
import { readInput } from "./read-input.ts";
import { notFound, type Refusal, refuse, toProblem } from "./refusal.ts";
import type { Answer, RequestFacts, Route } from "./route.ts";
import type { Match } from "./router.ts";
import { readIfMatch } from "./version.ts";

/** A request as the gateway hands it on; header names in lower case. */
export type HttpRequest = {
  id: string;
  method: string;
  /** Below the API's own prefix, as it came: `/jobs/…`. */
  path: string;
  query: string;
  headers: Readonly<Record<string, string | undefined>>;
  cookies: Readonly<Record<string, string>>;
  /** Undefined when it is longer than may be read. */
  body: string | undefined;
  address: string;
};

export type HttpResponse = {
  status: number;
  headers: Readonly<Record<string, string>>;
  cookies: readonly string[];
  body: string;
};

export type Dispatch = (request: HttpRequest) => Promise<HttpResponse>;

export const createDispatch =
  (match: (method: string, path: string) => Match, ports: ApiPorts): Dispatch =>
  async (request) => {
    const found = match(request.method, request.path);
    if (found.kind === "none") return refusalResponse(notFound(), request);
    if (found.kind === "other-method") {
      const detail = `${request.method.slice(0, 20)} is not possible here; ${found.allow.join(", ")} is.`;
      return refusalResponse(
        refuse(405, "other-method", detail, { headers: { allow: found.allow.join(", ") } }),
        request,
      );
    }
    const { route, params } = found;
    try {
      const answered = await callRoute(route, params, request, ports);
      return answered.ok ? answered.value : refusalResponse(answered.error, request);
    } catch (error) {
      ports.log("error", "a request failed", { request: request.id, route: route.id, error });
      return refusalResponse(failureOf(error), request);
    }
  };

const callRoute = async (
  route: Route,
  params: Record<string, string>,
  request: HttpRequest,
  ports: ApiPorts,
): Promise<Result<HttpResponse, Refusal>> => {
  const row = accessOf(route.id);
  const at = ports.now();
  const { authorization } = request.headers;
  const caller = await authenticate({ authorization, cookies: request.cookies }, ports.storage, at);
  // Counted before it is refused: whoever tries out tokens or forged requests is held up, too.
  const refused =
    (await ports.limits.checkCaller(caller, request.address)) ??
    checkCaller(row, caller) ??
    checkOrigin(request, caller, ports);
  if (refused) return fail(refused);
  const object = row.object ? await findObject(row.object, params, caller, ports) : undefined;
  if (row.object) {
    if (!object) return fail(notFound());
    if (!isAtLeast(object.role, row.object.role))
      return fail(refuse(403, "role", `This needs the role ${row.object.role}; yours is ${object.role}.`));
  }
  const contentType = request.headers["content-type"] ?? "";
  const input = readInput(route, { query: request.query, contentType, body: request.body });
  if (!input.ok) return input;
  const version = route.isVersioned ? readIfMatch(request.headers["if-match"]) : ok(null);
  if (!version.ok) return version;
  const facts: RequestFacts = {
    id: request.id,
    at,
    address: request.address,
    agent: (request.headers["user-agent"] ?? "").slice(0, 200),
    cookies: request.cookies,
    expectedVersion: version.value,
    ifNoneMatch: request.headers["if-none-match"] ?? null,
    ifMatch: request.headers["if-match"] ?? null,
  };
  const call = { caller, object, params, query: input.value.query, body: input.value.body, request: facts };
  const handle = async (): Promise<Result<HttpResponse, Refusal>> => {
    const answered = await route.handle(call, ports);
    if (!answered.ok) return fail(withCurrentInWireForm(answered, route));
    const notes = answered.audit === undefined ? [] : [answered.audit].flat();
    await noteAudit(notes, caller, facts, ports);
    await markChanges(marksOf(notes, caller), ports);
    return ok(toResponse(route, answered, request));
  };
  return route.creates ? once(route, caller, request, ports, handle) : handle();
};

/** The newer state that comes with a 412 is what the route would have answered. */
const withCurrentInWireForm = (refusal: Refusal, { reply }: Route): Refusal =>
  refusal.current === undefined || reply === null ? refusal : { ...refusal, current: z.encode(reply, refusal.current) };

/** Whether the table lets this caller in at all. */
const checkCaller = (row: Access, caller: Caller | undefined): Refusal | undefined => {
  if (row.who === "anyone") return undefined;
  if (!caller)
    return refuse(401, "sign-in", "Sign in, or send an API token that is still good.", { headers: challenge });
  if (row.session && caller.via !== "session")
    return refuse(403, "session-only", "This needs a session: sign in with your password. A token may not do it.");
  if (row.scope === "write" && caller.scope === "read")
    return refuse(403, "read-only", "This token may only read. Make one that may write.");
  if (row.who === "admin" && caller.user.role !== "admin")
    return refuse(403, "admin-only", "Only an admin of this instance may do this.");
  return undefined;
};

const challenge = { "www-authenticate": 'Bearer realm="LogWatch"' };

const checkOrigin = (request: HttpRequest, caller: Caller | undefined, ports: ApiPorts): Refusal | undefined => {
  if (request.method === "GET" || request.method === "HEAD" || caller?.via === "token") return undefined;
  return checkForgery(request.headers, ports.config.LOGWATCH_ORIGINS);
};

const toResponse = (route: Route, answered: Answer<unknown>, request: HttpRequest): HttpResponse => {
  const status = answered.status ?? route.statuses[0] ?? 200;
  const headers = {
    "x-request-id": request.id,
    "cache-control": route.isPublic ? "public, max-age=60" : "no-store",
    ...answered.headers,
  };
  const cookies = answered.cookies ?? [];
  if (status === 304 || route.reply === null) return { status, headers, cookies, body: "" };
  const isText = route.media !== undefined;
  const body = isText ? String(answered.body) : JSON.stringify(z.encode(route.reply, answered.body));
  const type = isText ? `${route.media}; charset=utf-8` : "application/json; charset=utf-8";
  return {
    status,
    headers: { "content-type": type, ...headers },
    cookies,
    body: request.method === "HEAD" ? "" : body,
  };
};

export const refusalResponse = (refusal: Refusal, request: Pick<HttpRequest, "id" | "method">): HttpResponse => ({
  status: refusal.status,
  headers: {
    "content-type": "application/problem+json; charset=utf-8",
    "x-request-id": request.id,
    "cache-control": "no-store",
    ...refusal.headers,
  },
  cookies: [],
  body: request.method === "HEAD" ? "" : JSON.stringify(toProblem(refusal, request.id)),
});

const retrySoon = { "retry-after": "5" };

/** What went wrong inside is told to our log alone. */
const failureOf = (error: unknown): Refusal =>
  isOutage(error)
    ? refuse(503, "unavailable", "A part of LogWatch cannot be reached right now. Try again in a moment.", {
        headers: retrySoon,
      })
    : refuse(500, "fault", "Something went wrong on our side. The id of this request stands in our log.");

const outages = /database|connection|ECONN|ETIMEDOUT|timed out|Unavailable/i;
const isOutage = (error: unknown): boolean =>
  error instanceof Error &&
  error.name !== "ZodError" &&
  (/^The database/.test(error.message) ? isUnreached(error) : outages.test(error.name));

/** The database was not reached; one that refused a statement is a fault of ours. */
const isUnreached = (error: Error): boolean => {
  const { cause } = error;
  if (!(cause instanceof Error)) return false;
  const code = "code" in cause ? String(cause.code) : "";
  return outages.test(cause.name) || outages.test(code);
};
