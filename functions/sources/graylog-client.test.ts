// How often Graylog is asked again, and what a failure says: words for people, without secrets.
import { describe, expect, it } from "vitest";
import { graylog } from "./graylog.ts";
import { toLoopback } from "./test-fetch.ts";
import { failed, found, send, serve } from "./test-server.ts";

const secret = "s3cr3t-t0ken-9f";
const question = {
  filters: ["service:auth"],
  window: { from: 0, to: 60_000 },
  parts: { all: { kind: "count" as const } },
};
const ask = (url: string, settings: object = {}, signal = new AbortController().signal) =>
  graylog.open({ url, token: secret, timeoutMs: 2000, ...settings }, toLoopback).ask(question, signal);

describe("trying again", () => {
  it("one overload is survived, and the answer is whole", async () => {
    const { url, calls } = await serve(
      (_, res) => res.writeHead(503).end(),
      (_, res) => send(res, 200, found(7)),
    );
    expect(await ask(url)).toMatchObject({ ok: true, value: { parts: { all: { count: 7 } } } });
    expect(calls).toHaveLength(2);
  });

  it("an overload inside a 200 is survived too", async () => {
    const { url } = await serve(
      (_, res) => send(res, 200, failed("circuit_breaking_exception")),
      (_, res) => send(res, 200, found(7)),
    );
    expect(await ask(url)).toMatchObject({ ok: true, value: { parts: { all: { count: 7 } } } });
  });

  it("the budget of tries is kept, and what cannot get better is asked once", async () => {
    const busy = await serve((_, res) => res.writeHead(503).end());
    await ask(busy.url, { retries: 2 });
    expect(busy.calls).toHaveLength(3);
    const closed = await serve((_, res) => res.writeHead(401).end());
    await ask(closed.url, { retries: 2 });
    expect(closed.calls).toHaveLength(1);
  });

  it("Retry-After is honoured inside the time-out, and beyond it nothing is asked again", async () => {
    const soon = await serve(
      (_, res) => res.writeHead(429, { "retry-after": "0" }).end(),
      (_, res) => send(res, 200, found(1)),
    );
    expect(await ask(soon.url)).toMatchObject({ ok: true });
    const late = await serve((_, res) => res.writeHead(429, { "retry-after": "3600" }).end());
    expect(await ask(late.url)).toMatchObject({ ok: false, error: { kind: "overloaded" } });
    expect(late.calls).toHaveLength(1);
  });
});

describe("what is said and sent", () => {
  it("secrets are in no message, even where the server echoes them", async () => {
    const { url } = await serve((req, res) => send(res, 500, { message: `${req.headers.authorization} ${secret}` }));
    const answer = await ask(url);
    const basic = Buffer.from(`${secret}:token`).toString("base64");
    expect(JSON.stringify(answer)).toContain("overloaded");
    expect(JSON.stringify(answer)).not.toMatch(new RegExp(`${secret}|${basic}`));
  });

  it("a secret is masked in the server's words alone, also where it stands in quotes or at the end of a long answer", async () => {
    const password = 'wrong "one"';
    const account = { token: undefined, username: "u", password };
    const echo = await serve((_, res) => send(res, 500, { message: `${"x".repeat(290)} ${password} is wrong "one"` }));
    const said = await ask(echo.url, account);
    expect(JSON.stringify(said)).toContain("***");
    expect(JSON.stringify(said)).not.toMatch(/wrong|one/);
    const refused = await serve((_, res) => res.writeHead(401).end());
    const answer = await ask(refused.url, { ...account, password: "wrong" });
    expect(answer.ok ? "" : answer.error.message).toMatch(/the password is wrong/);
  });

  it("control signs in the server's words do not reach the message", async () => {
    const { url } = await serve((_, res) => send(res, 500, { message: "a\u001b[31mb\nc\u202ed" }));
    const answer = await ask(url);
    expect(answer.ok ? "" : answer.error.message).toMatch(/a \[31mb c d$/);
  });

  it.each([
    ["neither token nor user", {}],
    ["both", { token: "t", username: "u", password: "p" }],
    ["a user without password", { username: "u" }],
    ["a password without user", { password: "p" }],
    ["credentials in the address", { token: "t", url: "http://user:pass@graylog.example.com" }],
    ["no http address", { token: "t", url: "file:///etc/passwd" }],
    ["a stream that is no id", { token: "t", streams: ["prod"] }],
  ])("settings with %s are refused", (_, settings) => {
    expect(() => graylog.open({ url: "http://graylog.example.com", ...settings }, toLoopback)).toThrow();
  });
});
