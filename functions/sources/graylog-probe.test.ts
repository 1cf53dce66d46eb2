// "Test connection" of a Graylog: each thing that can be wrong is said in a sentence that tells what to do about it, without secrets.
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createFaults } from "../../simulators/cloud/faults.ts";
import { startGraylog } from "../../simulators/cloud/graylog/graylog.ts";
import { graylog } from "./graylog.ts";
import { outsideTo, toLoopback } from "./test-fetch.ts";
import { cleanUps, failed, found, portOf, send, serve } from "./test-server.ts";

const secret = "s3cr3t-t0ken-9f";
const patient = () => new AbortController().signal;
const root = (version = "7.0.1+29f3984") => ({ cluster_id: "c", node_id: "n", version, tagline: "Manage your logs" });

const probe = async (url: string, settings: object = {}, outside = toLoopback) => {
  const given = await graylog
    .open({ url, token: secret, timeoutMs: 1000, retries: 0, ...settings }, outside)
    .probe(patient());
  expect(JSON.stringify(given)).not.toMatch(
    new RegExp(`${secret}|${Buffer.from(`${secret}:token`).toString("base64")}`),
  );
  return given;
};
/** The sentence of a probe that must fail. */
const reason = async (...given: Parameters<typeof probe>) => {
  const result = await probe(...given);
  if (result.ok) throw new Error("The probe succeeded.");
  return `${result.error.kind}: ${result.error.message}`;
};

describe("a Graylog that answers", () => {
  const standIns: { close: () => Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const one of standIns.splice(0)) await one.close();
  });
  const standIn = async (version: string) => {
    const account = { username: "admin", password: "right", faults: createFaults() };
    const server = await startGraylog({ port: 0, gelfPort: 0, dataDir: ":memory:", version, ...account });
    standIns.push(server);
    return server.url;
  };
  const as = (password: string) => ({ token: undefined, username: "admin", password });

  it("says its version, and what will not work with it", async () => {
    for (const version of ["7.0.1", "6.1.4"])
      expect(await probe(await standIn(version), as("right"))).toEqual({
        ok: true,
        value: { product: "Graylog", version },
      });
    expect(await probe(await standIn("5.1.13"), as("right"))).toMatchObject({
      ok: true,
      value: { version: "5.1.13", detail: expect.stringMatching(/Late logs .*6\.0/) },
    });
  });

  it("to a wrong password, and to a wrong token: each is said in its own words", async () => {
    const url = await standIn("7.0.1");
    expect(await reason(url, as("wrong"))).toMatch(/^refused: .*the user or the password is wrong/);
    expect(await reason(url)).toMatch(/^refused: .*this token is wrong or has expired/);
  });

  it("is found with and without the path of its API, and with a slash at the end", async () => {
    const url = await standIn("7.0.1");
    for (const path of ["", "/", "/api", "/api/"])
      expect(await probe(url + path, as("right"))).toMatchObject({ ok: true });
  });
});

describe("a probe that fails", () => {
  it.each([
    [
      "no stream is shared with the token's user",
      { message: "User doesn't have access to any streams", streams: [], type: "MissingStreamPermission" },
      /^refused: .*this token.*share the streams.*any streams/,
    ],
    [
      "a stream was named that the user may not see",
      { message: "The search is referencing at least one stream you are not permitted to see.", streams: ["x"] },
      /^refused: .*share the streams.*not permitted to see/,
    ],
  ])("%s", async (_, body, says) => {
    const { url, calls } = await serve(
      (_req, res) => send(res, 200, root()),
      (_req, res) => send(res, 403, body),
    );
    expect(await reason(url)).toMatch(says);
    expect(calls).toEqual(["/api/", "/api/views/search/sync"]);
  });

  it("the permission is tried with the streams that questions will name", async () => {
    const bodies: string[] = [];
    const { url } = await serve(
      (_req, res) => send(res, 200, root()),
      (_req, res) => send(res, 200, found(0)),
    );
    const stream = "0123456789abcdef01234567";
    const outside = {
      fetch: (address: string, request: Parameters<typeof toLoopback.fetch>[1]) => {
        bodies.push(request.body ?? "");
        return toLoopback.fetch(address, request);
      },
    };
    expect(await probe(url, { streams: [stream] }, outside)).toMatchObject({ ok: true });
    expect(bodies[1]).toContain(`{"type":"stream","id":"${stream}"}`);
  });

  it("a search that fails inside a 200 is no success", async () => {
    const { url } = await serve(
      (_req, res) => send(res, 200, root()),
      (_req, res) => send(res, 200, failed("no such index []")),
    );
    expect(await reason(url)).toMatch(/^bad-query: .*no such index/);
  });

  it("a page, a redirect, another product and an old version are told apart", async () => {
    const page = await serve((_, res) => res.writeHead(200, { "content-type": "text/html" }).end("<html></html>"));
    expect(await reason(page.url)).toMatch(/^unreachable: .*a page instead of Graylog's JSON; is the address right\?/);
    const moved = await serve((_, res) => res.writeHead(302, { location: "https://login.example.com" }).end());
    expect(await reason(moved.url)).toMatch(/^unreachable: .*HTTP 302.*is the address right\?/);
    const other = await serve((_, res) =>
      send(res, 200, { version: { number: "2.19.1" }, tagline: "The OpenSearch Project" }),
    );
    expect(await reason(other.url)).toMatch(/^unreachable: .*in a shape that Graylog does not have \(at version\)/);
    const old = await serve((_, res) => send(res, 200, root("4.3.15")));
    expect(await reason(old.url)).toMatch(/^bad-query: This is Graylog 4\.3\.15; 5\.1 or newer is needed/);
  });

  it("nobody listening, a name that does not exist, silence and the wrong scheme are told apart", async () => {
    const silent = createTcpServer();
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    cleanUps.push(async () => silent.close());
    const port = portOf(silent.address());
    expect(await reason(`http://127.0.0.1:${port}`, { timeoutMs: 150 })).toMatch(/^timeout: .*did not answer in time/);
    const { url } = await serve((_, res) => res.end());
    expect(await reason(url.replace("http:", "https:"))).toMatch(
      /^unreachable: .*does not speak TLS; is it an http address/,
    );
    await cleanUps.pop()?.();
    expect(await reason(url)).toMatch(/^unreachable: .*it refuses connections/);
    // Where there is no name service, that is said instead.
    expect(await reason("http://graylog.invalid")).toMatch(
      /^unreachable: .*its name (does not exist|cannot be looked up)/,
    );
  });

  it("an address that the operator did not allow is refused with the rule, and nothing is called", async () => {
    const { url, calls } = await serve((_, res) => send(res, 200, root()));
    const nothing = outsideTo("");
    expect(await reason(url, {}, nothing)).toMatch(
      /^refused: .*not public; the operator can allow it in ALLOWED_SOURCE_HOSTS/,
    );
    expect(await reason("http://graylog.example.com", {}, nothing)).toMatch(/^refused: .*plain http .* use https/);
    expect(await reason("https://169.254.169.254", {}, nothing)).toMatch(/^refused: .*credentials/);
    expect(calls).toEqual([]);
  });

  it("neither are questions and fields let through: the guard stands at the only door", async () => {
    const { url, calls } = await serve((_, res) => send(res, 200, found(1)));
    const source = graylog.open({ url, token: secret }, outsideTo(""));
    const window = { from: 0, to: 60_000 };
    const refused = { ok: false, error: { kind: "refused", retryable: false } };
    expect(await source.ask({ filters: [], window, parts: { all: { kind: "count" } } }, patient())).toMatchObject(
      refused,
    );
    expect(await source.fields({ filters: [], window }, patient())).toMatchObject(refused);
    const late = { filters: [], received: window, happened: window, everyMs: 60_000 };
    expect(await source.arrivals?.(late, patient())).toMatchObject(refused);
    expect(calls).toEqual([]);
  });
});

describe("fields of a Graylog", () => {
  const window = { from: 0, to: 60_000 };
  const field = (name: string, type: string) => ({ name, type: { type, properties: [], index_names: [] }, unit: null });

  it("are asked for the streams of the settings and the window, and their types become kinds", async () => {
    const { url, calls } = await serve((_, res) =>
      send(res, 200, [
        field("took", "double"),
        field("client", "ip"),
        field("ok", "boolean"),
        field("place", "geo-point"),
        field("gl2_message_id", "string"),
        field("streams", "streams"),
      ]),
    );
    const streams = ["0123456789abcdef01234567"];
    const given = await graylog
      .open({ url, token: secret, streams }, toLoopback)
      .fields({ filters: [], window }, patient());
    expect(given).toEqual({
      ok: true,
      value: [
        { name: "client", kind: "address" },
        { name: "ok", kind: "boolean" },
        { name: "place", kind: "unknown" },
        { name: "took", kind: "number" },
      ],
    });
    expect(calls).toEqual(["/api/views/fields"]);
  });

  it("are no more than a form can show", async () => {
    const many = Array.from({ length: 5000 }, (_, n) => field(`f${n}`, "string"));
    const { url } = await serve((_, res) => send(res, 200, many));
    const given = await graylog.open({ url, token: secret }, toLoopback).fields({ filters: [], window }, patient());
    expect(given.ok && given.value.length).toBe(2000);
  });
});
