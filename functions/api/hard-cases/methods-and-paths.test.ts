// Hard case 19, on every route: other methods, other ways to write its path, and headers that claim to know better. What another's
// ids do is walked through in walk.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EveryRoute, type ExampleCall, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";

let every: EveryRoute;
beforeAll(async () => {
  every = await openEveryRoute();
}, 60_000);
afterAll(() => every.close());

/** The methods there are of a path. */
const methodsOf = ({ route }: ExampleCall): string[] =>
  every.calls.filter((other) => other.route.path === route.path).map((other) => other.route.method);

/** Nothing of it but the id of the request. */
const shapeOf = (text: string): string => text.replace(/urn:logwatch:request:\w+/, "");

test("hard case 19: HEAD answers as GET does, without a body, and is a write nowhere", async () => {
  for (const call of every.calls) {
    const before = every.writes();
    const head = await every.send(call, { method: "HEAD", body: undefined });
    expect([call.route.id, head.text]).toEqual([call.route.id, ""]);
    if (methodsOf(call).includes("GET")) {
      const read = await every.send(call, { method: "GET", body: undefined });
      expect([call.route.id, head.status, Object.keys(head.headers)]).toEqual([
        call.route.id,
        read.status,
        Object.keys(read.headers),
      ]);
    } else expect([call.route.id, head.status]).toEqual([call.route.id, 405]);
    expect([call.route.id, every.writes()]).toEqual([call.route.id, before]);
  }
});

test.each(["OPTIONS", "TRACE", "TRACK", "CONNECT", "PATCH", "PROPFIND", "post", "Get", "__proto__", "constructor", ""])(
  "hard case 19: the method %j is refused on every path, with those that there are",
  async (method) => {
    for (const call of every.calls) {
      const before = every.writes();
      const answered = await every.send(call, { method });
      expect([call.route.id, answered.status]).toEqual([call.route.id, 405]);
      const allowed = String(answered.headers.allow).split(", ");
      expect([call.route.id, allowed.filter((one) => one !== "HEAD").toSorted()]).toEqual([
        call.route.id,
        methodsOf(call).toSorted(),
      ]);
      expect(every.writes()).toBe(before);
    }
  },
);

const overrides = { "x-http-method-override": "DELETE", "x-http-method": "DELETE", "x-method-override": "DELETE" };

test("hard case 19: a read stays a read, whatever a header says", async () => {
  for (const call of every.calls.filter(({ route }) => route.method === "GET")) {
    const before = every.writes();
    const plain = await every.send(call);
    const claimed = await every.send(call, { headers: overrides });
    expect([call.route.id, claimed.status]).toEqual([call.route.id, plain.status]);
    expect([call.route.id, every.writes()]).toEqual([call.route.id, before]);
    const mark = call.path.includes("?") ? "&" : "?";
    expect((await every.send(call, { path: `${call.path}${mark}_method=DELETE` })).status).toBe(400);
  }
}, 60_000);

/** Each another way to write the path, that some server or proxy takes for the same. */
const rewritten: [string, (path: string) => string][] = [
  ["a doubled slash in front", (path) => `/${path}`],
  ["a doubled slash within", (path) => path.replace(/(?<=.)\/|$/, "//")],
  ["a slash at the end", (path) => `${path}/`],
  ["a dot", (path) => `/.${path}`],
  ["a way up and down again", (path) => `/x/..${path}`],
  ["..;/ in front", (path) => `/..;${path}`],
  ["..;/ behind", (path) => `${path}/..;/x`],
  ["..%2f behind", (path) => `${path}/..%2fx`],
  ["%2e%2e/ in front", (path) => `/x/%2e%2e${path}`],
  ["%252e%252e/ in front", (path) => `/x/%252e%252e${path}`],
  ["its slashes as %2f", (path) => `/${path.slice(1).replaceAll("/", "%2f")}%2f`],
  ["backslashes", (path) => `${path.replaceAll("/", "\\")}\\`],
  ["a parameter of the last segment", (path) => `${path};jsessionid=1`],
  ["a NUL at the end", (path) => `${path}%00`],
  ["a line end and a header", (path) => `${path}%0d%0aset-cookie:x=1`],
  ["a blank at the end", (path) => `${path}%20`],
  ["capitals", (path) => path.replace(/^\/[^/]+/, (first) => first.toUpperCase())],
  ["its prefix twice", (path) => `/api${path}`],
  ["broken escapes", (path) => `${path}%ff%`],
  ["a segment of 10,000 letters", (path) => `${path}${"x".repeat(10_000)}`],
];

test.each(rewritten)("hard case 19: %s leads to no route", async (_, rewrite) => {
  for (const call of every.calls) {
    const [path = "", query] = call.path.split(/\?(.*)/s);
    const before = every.writes();
    const other = rewrite(path);
    if (other === path) continue;
    const answered = await every.send(call, { path: query === undefined ? other : `${other}?${query}` });
    expect([call.route.id, other.slice(0, 80), answered.status]).toEqual([call.route.id, other.slice(0, 80), 404]);
    expect(every.writes()).toBe(before);
    expect(answered.text).not.toContain(other);
  }
});

test("hard case 19: the route's own pattern is no id, in any way of writing patterns", async () => {
  for (const call of every.calls.filter(({ route }) => route.path.includes("{"))) {
    const patterns = [
      call.route.path,
      call.route.path.replace(/\{(\w+)\}/g, ":$1"),
      call.route.path.replace(/\{\w+\}/g, "*"),
    ];
    for (const path of [...patterns, encodeURI(call.route.path), call.route.path.replace(/\{\w+\}/g, "[id]")]) {
      const answered = await every.send(call, { path });
      expect([path, answered.status]).toEqual([path, 404]);
    }
  }
});

const claims = {
  "x-forwarded-for": "203.0.113.66",
  "x-real-ip": "203.0.113.66",
  forwarded: "for=203.0.113.66;host=evil.example;proto=http",
  "x-client-ip": "203.0.113.66",
  "true-client-ip": "203.0.113.66",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "http",
  host: "evil.example",
};

test("hard case 19: the audit log and the list of sessions name the address the gateway saw, whatever headers claim", async () => {
  const { owner } = every.world.callers;
  const body = { name: "from where", kind: "memory", params: {} };
  const made = await every.api.call("POST", "/sources", { ...owner, body, headers: claims });
  expect(made.status).toBe(201);
  expect(made.headers.location).toBe(`/api/sources/${made.body.id}`);
  const [entry] = await every.api.storage.audit.list({ objectId: String(made.body.id), limit: 1 });
  expect(entry?.address).toBe("192.0.2.1");
  expect(JSON.stringify(entry)).not.toMatch(/203\.0\.113|evil/);
});

test("hard case 19: another path or user claimed in a header is not looked at", async () => {
  const { viewer } = every.world.callers;
  const lies = {
    "x-original-url": "/api/users",
    "x-rewrite-url": "/api/users",
    "x-user-id": "admin",
    "x-forwarded-user": "admin",
  };
  const plain = await every.api.call("GET", "/me", viewer);
  const claimed = await every.api.call("GET", "/me", { ...viewer, headers: lies });
  expect([claimed.status, shapeOf(claimed.text)]).toEqual([200, shapeOf(plain.text)]);
  expect((await every.api.call("GET", "/me", { headers: lies })).status).toBe(401);
});
