// Hard case 18, on every route that is not a plain read: what a page of another site can make its visitor's browser send.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EveryRoute, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";
import { origin } from "../../../simulators/stack/test-api.ts";

let every: EveryRoute;
beforeAll(async () => {
  every = await openEveryRoute();
}, 60_000);
afterAll(() => every.close());

const written = () => every.calls.filter(({ route }) => route.method !== "GET");
const withoutHeaders = ({ as }: { as?: { cookies: string[] } | undefined }) => ({ cookies: as?.cookies ?? [] });

const form = "application/x-www-form-urlencoded";
const forged: [string, Record<string, string>][] = [
  ["a form sent as text", { "content-type": "text/plain", origin: "https://evil.example" }],
  ["a form", { "content-type": form, origin: "https://evil.example" }],
  ["a form of our own origin, which has no header of ours", { "content-type": form, origin }],
  ["no Origin", { "x-logwatch-csrf": "1" }],
  ["no Origin but a Referer of ours", { "x-logwatch-csrf": "1", referer: `${origin}/jobs` }],
  ["Origin null, as of a sandboxed frame", { "x-logwatch-csrf": "1", origin: "null" }],
  ["an empty Origin", { "x-logwatch-csrf": "1", origin: "" }],
  ["a sibling subdomain", { "x-logwatch-csrf": "1", origin: "https://evil.example.com" }],
  ["a subdomain of ours", { "x-logwatch-csrf": "1", origin: "https://evil.logwatch.example.com" }],
  ["the domain above", { "x-logwatch-csrf": "1", origin: "https://example.com" }],
  ["our host without TLS", { "x-logwatch-csrf": "1", origin: "http://logwatch.example.com" }],
  ["our host at another port", { "x-logwatch-csrf": "1", origin: `${origin}:8443` }],
  ["our host with a dot", { "x-logwatch-csrf": "1", origin: `${origin}.` }],
  ["a host that begins like ours", { "x-logwatch-csrf": "1", origin: `${origin}.evil.example` }],
  ["a host behind ours", { "x-logwatch-csrf": "1", origin: `${origin}@evil.example` }],
  ["two origins", { "x-logwatch-csrf": "1", origin: `${origin},https://evil.example` }],
  ["our Origin without our header", { origin }],
];

test.each(forged)("hard case 18: %s writes nothing, on any route", async (_, headers) => {
  expect(written().length).toBeGreaterThan(30);
  for (const call of written()) {
    const { route, path, body, who } = call;
    const before = every.writes();
    const cookies = withoutHeaders(who).cookies;
    const answered = await every.api.call(route.method, path, {
      cookies,
      headers: { "if-match": "*", ...headers },
      body,
    });
    expect([route.id, answered.status, answered.body.type]).toEqual([route.id, 403, "urn:logwatch:problem:forgery"]);
    expect([route.id, every.writes(), answered.cookies]).toEqual([route.id, before, []]);
  }
});

test("hard case 18: a browser that asks whether it may is told nothing, of any path and origin", async () => {
  for (const { route, path, who } of every.calls) {
    const headers = { origin: "https://evil.example", "access-control-request-method": route.method };
    const asked = await every.api.call("OPTIONS", path, { headers });
    const read = await every.api.call("GET", path, { ...who, headers });
    expect([route.id, asked.status]).toEqual([route.id, 405]);
    for (const answered of [asked, read])
      expect(Object.keys(answered.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    expect(read.headers["cross-origin-resource-policy"]).toBe("same-origin");
  }
});

test("hard case 18: a token is sent by nobody unknowingly, and needs neither Origin nor header", async () => {
  const { as: token } = every.world.callers["write token"];
  for (const { route, path, body } of written()) {
    // Not of the shape the route takes, so that it gets past the check of forgery and changes nothing.
    const { status, body: said } = await every.api.call(route.method, path, {
      headers: { ...token?.headers, "if-match": "*" },
      body: body === undefined ? { no: 1 } : { ...Object(body), "no such field": 1 },
    });
    expect([route.id, said.type]).not.toEqual([route.id, "urn:logwatch:problem:forgery"]);
    expect([400, 403, 404], route.id).toContain(status);
  }
});
