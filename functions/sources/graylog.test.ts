// Graylog as a source when things go wrong: every failure has its kind, and none is ever a zero. The server is a few lines of
// HTTP, because no stand-in of Graylog breaks in all the ways that networks and proxies do.
import type { RequestListener } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { graylog } from "./graylog.ts";
import { toLoopback } from "./test-fetch.ts";
import { cleanUps, failed, found, portOf, send, serve } from "./test-server.ts";

const secret = "s3cr3t-t0ken-9f";
const question = {
  filters: ["service:auth"],
  window: { from: 0, to: 60_000 },
  parts: { all: { kind: "count" as const } },
};
const ask = (url: string, settings: object = {}, signal = new AbortController().signal) =>
  graylog.open({ url, token: secret, timeoutMs: 2000, ...settings }, toLoopback).ask(question, signal);

describe("an answer that is no answer", () => {
  const cases: [string, RequestListener, { kind: string; retryable: boolean; says: RegExp }][] = [
    ["401", (_, res) => res.writeHead(401).end(), { kind: "refused", retryable: false, says: /expired/ }],
    [
      "403",
      (_, res) => send(res, 403, { type: "MissingStreamPermission", message: "no" }),
      { kind: "refused", retryable: false, says: /streams/ },
    ],
    [
      "400",
      (_, res) => send(res, 400, { type: "ApiError", message: "limit is odd" }),
      { kind: "bad-query", retryable: false, says: /limit is odd/ },
    ],
    [
      "429",
      (_, res) => res.writeHead(429, { "retry-after": "60" }).end(),
      { kind: "overloaded", retryable: true, says: /429/ },
    ],
    [
      "500",
      (_, res) => send(res, 500, { type: "ApiError", message: "boom" }),
      { kind: "overloaded", retryable: true, says: /boom/ },
    ],
    [
      "503",
      (_, res) => res.writeHead(503).end("<html>busy</html>"),
      { kind: "overloaded", retryable: true, says: /503/ },
    ],
    [
      "400 by a full search queue",
      (_, res) => send(res, 400, { message: "type=es_rejected_execution_exception" }),
      { kind: "overloaded", retryable: true, says: /rejected/ },
    ],
    [
      "404",
      (_, res) => send(res, 404, { message: "HTTP 404 Not Found" }),
      { kind: "unreachable", retryable: false, says: /address/ },
    ],
    [
      "a redirect",
      (_, res) => res.writeHead(302, { location: "http://192.0.2.1/" }).end(),
      { kind: "unreachable", retryable: false, says: /302/ },
    ],
    [
      "200 with a web page",
      (_, res) => res.writeHead(200, { "content-type": "text/html" }).end("<html></html>"),
      { kind: "unreachable", retryable: true, says: /page/ },
    ],
    [
      "truncated JSON",
      (_, res) => res.writeHead(200, { "content-type": "application/json" }).end('{"execution":{"do'),
      { kind: "unreachable", retryable: true, says: /cut off/ },
    ],
    [
      "the shape of something else",
      (_, res) => send(res, 200, { count: 0 }),
      { kind: "unreachable", retryable: false, says: /shape/ },
    ],
    [
      "a search that lacks its result",
      (_, res) => send(res, 200, { ...found(0), results: {} }),
      { kind: "unreachable", retryable: true, says: /lacks/ },
    ],
    [
      "a search that is not done",
      (_, res) =>
        send(res, 200, { ...found(0), execution: { done: false, cancelled: false, completed_exceptionally: false } }),
      { kind: "timeout", retryable: true, says: /gave up/ },
    ],
    [
      "a search that failed inside a 200",
      (_, res) => send(res, 200, failed("Field [x] is not supported for aggregation [avg]")),
      { kind: "bad-query", retryable: false, says: /aggregation/ },
    ],
    [
      "a search that was rejected inside a 200",
      (_, res) => send(res, 200, failed("rejected_execution_exception")),
      { kind: "overloaded", retryable: true, says: /rejected/ },
    ],
    [
      "a connection closed without a word",
      (req) => req.socket.end(),
      { kind: "unreachable", retryable: true, says: /closed/ },
    ],
    [
      "a connection reset",
      (req) => req.socket.resetAndDestroy(),
      { kind: "unreachable", retryable: true, says: /broke off|closed/ },
    ],
    [
      "a body that breaks off",
      (_, res) => {
        res.writeHead(200, { "content-type": "application/json", "content-length": "9999" }).write('{"execution":');
        res.destroy();
      },
      { kind: "unreachable", retryable: true, says: /reached/ },
    ],
    [
      "endless JSON",
      (_, res) => {
        res.writeHead(200, { "content-type": "application/json" });
        const more = () => {
          while (!res.destroyed && res.write(" ".repeat(1 << 20)));
        };
        res.on("drain", more);
        more();
      },
      { kind: "bad-query", retryable: false, says: /larger/ },
    ],
  ];
  it.each(cases)("%s is a failure with its kind, never a count of 0", async (_, step, { kind, retryable, says }) => {
    const { url } = await serve(step);
    const answer = await ask(url, { timeoutMs: 5000 });
    expect(answer).toMatchObject({ ok: false, error: { kind, retryable } });
    if (!answer.ok) expect(answer.error.message).toMatch(says);
  });

  it("a server that never answers ends in time as a timeout", async () => {
    const { url, calls } = await serve(() => undefined);
    expect(await ask(url, { timeoutMs: 150 })).toMatchObject({
      ok: false,
      error: { kind: "timeout", retryable: true },
    });
    expect(calls).toHaveLength(1);
  });

  it("a slow drip of bytes does not outlive the time-out", async () => {
    const { url } = await serve(async (_, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      while (!res.destroyed) {
        res.write(" ");
        await sleep(20);
      }
    });
    expect(await ask(url, { timeoutMs: 200 })).toMatchObject({ ok: false, error: { kind: "timeout" } });
  });

  it("a question given up by its caller is a timeout at once", async () => {
    const { url } = await serve(() => undefined);
    expect(await ask(url, { timeoutMs: 60_000 }, AbortSignal.timeout(50))).toMatchObject({
      ok: false,
      error: { kind: "timeout" },
    });
  });

  it("nobody listening, an unknown name and a half-open socket are unreachable", async () => {
    const sockets: Socket[] = [];
    const half = createTcpServer({ allowHalfOpen: true }, (socket) =>
      sockets.push(socket.once("data", () => socket.end())),
    );
    await new Promise<void>((done) => half.listen(0, "127.0.0.1", done));
    cleanUps.push(async () => {
      for (const socket of sockets) socket.destroy();
      half.close();
    });
    const { url } = await serve(() => undefined);
    await cleanUps.pop()?.();
    for (const address of [url, "http://graylog.invalid", `http://127.0.0.1:${portOf(half.address())}`]) {
      expect(await ask(address)).toMatchObject({ ok: false, error: { kind: "unreachable", retryable: true } });
    }
  });
});
