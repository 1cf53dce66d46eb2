// What servers do to a caller, played by real ones on loopback that the list allows: nothing is followed, nothing is endless, and a
// connection goes where the check said, whatever the name leads to by then.
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { get, guard, listen, request, serve, serveRaw, writeEndlessly } from "./egress-test-server.ts";

describe("redirects", () => {
  it("a 302 to this machine is an answer like any other: nobody goes there", async () => {
    const inner = await serve((_, res) => res.end("secret"));
    const outer = await serve((_, res) => res.writeHead(302, { location: inner.url }).end());
    expect(await get(outer.url)).toMatchObject({ ok: true, value: { status: 302, body: "" } });
    expect(inner.requests).toHaveLength(0);
  });

  it("a chain of 307 ends at its first link", async () => {
    const { url, requests } = await serve((req, res) => res.writeHead(307, { location: `${req.url}x` }).end());
    expect(await get(`${url}/x`)).toMatchObject({ ok: true, value: { status: 307, headers: { location: "/xx" } } });
    expect(requests).toHaveLength(1);
  });
});

describe("time", () => {
  const drip = (start: string, drop: string) =>
    serveRaw(async (socket) => {
      socket.write(start);
      while (!socket.destroyed) {
        socket.write(drop);
        await sleep(20);
      }
    });

  it.each([
    ["a body, a byte at a time", "HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n", "x"],
    ["headers, a byte at a time", "HTTP/1.1 200 OK\r\nx-long: ", "x"],
    ["hints without end before the answer", "", "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"],
    ["nothing", "", ""],
  ])("%s ends when the time is over", async (_, start, drop) => {
    const url = await drip(start, drop);
    const began = Date.now();
    expect(await get(url, { wholeMs: 200 })).toMatchObject({ ok: false, error: { kind: "timeout", retryable: true } });
    expect(Date.now() - began).toBeLessThan(2000);
  });

  it("a caller that gives up is told so at once, and the connection is closed", async () => {
    const closed = new Promise<void>((done) => {
      heard = done;
    });
    const { url } = await serve((req) => req.socket.on("close", () => heard()));
    const given = await guard()(url, { ...request, signal: AbortSignal.timeout(50) });
    expect(given).toMatchObject({ ok: false, error: { kind: "aborted" } });
    await closed;
    expect(await guard()(url, { ...request, signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      error: { kind: "aborted" },
    });
  });
  let heard: () => void = () => undefined;

  it("a server that takes the connection and never says hello in TLS is given up after the time for connecting", async () => {
    const port = await listen(createTcpServer(() => undefined));
    const given = await get(`https://127.0.0.1:${port}`, { connectMs: 100 });
    expect(given).toMatchObject({ ok: false, error: { kind: "unreachable", code: "ETIMEDOUT" } });
  });
});

describe("headers", () => {
  it.each([
    ["one of 100 MB", "HTTP/1.1 200 OK\r\nx-long: ", "x".repeat(1 << 20)],
    ["a million of them", "HTTP/1.1 200 OK\r\n", "x-a: b\r\n".repeat(10_000)],
    ["trailers without end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x-a: b\r\n".repeat(10_000)],
    ["an endless extension of a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "x".repeat(1 << 16)],
  ])("%s are too many", async (_, start, more) => {
    let sent = { bytes: () => 0 };
    const url = await serveRaw((socket) => {
      socket.write(start);
      sent = writeEndlessly(socket, more);
    });
    expect(await get(url)).toMatchObject({ ok: false, error: { kind: "bad-answer" } });
    expect(sent.bytes()).toBeLessThan(100 << 20);
  });

  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    [
      "a length beside chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ],
  ])("%s is a bad answer", async (_, answer) => {
    const url = await serveRaw((socket) => socket.end(answer));
    expect(await get(url)).toMatchObject({ ok: false, error: { kind: "bad-answer" } });
  });

  it("a change of protocol that nobody asked for ends the call", async () => {
    const url = await serveRaw((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
    );
    expect(await get(url)).toMatchObject({ ok: false, error: { kind: "unreachable" } });
  });

  it("the host that is asked is the address's own, whatever the caller adds", async () => {
    const { url, requests, port } = await serve((_, res) => res.end());
    await guard()(url, { ...request, headers: { host: "evil.example", "x-own": "1" } });
    expect(requests[0]?.headers).toMatchObject({ host: `127.0.0.1:${port}`, "x-own": "1" });
  });
});

describe("connections", () => {
  const named = (port: number) => `http://pinned.internal:${port}/`;

  it("go to the checked address under the name that was asked for", async () => {
    const { port, requests } = await serve((_, res) => res.end("here"));
    const given = await guard({}, async () => ["127.0.0.1"])(named(port), request);
    expect(given).toMatchObject({ ok: true, value: { body: "here" } });
    expect(requests[0]?.headers.host).toBe(`pinned.internal:${port}`);
  });

  it("are used again for the same check, and never for another one", async () => {
    const { port, requests } = await serve((_, res) => res.end(), "0.0.0.0");
    const answers = ["127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.1"];
    const call = guard({}, async () => [answers.shift() ?? ""]);
    const where: string[] = [];
    for (let at = 0; at < 4; at += 1) {
      expect(await call(named(port), request)).toMatchObject({ ok: true });
      const { localAddress = "", remotePort = 0 } = requests[at]?.socket ?? {};
      where.push(`${localAddress} ${remotePort}`);
    }
    expect(where[1]).toBe(where[0]);
    expect(where[2]).toMatch(/^127\.0\.0\.2 /);
    expect(where[3]).toBe(where[0]);
  });

  it("of which one address does not answer are made to the other", async () => {
    const { port } = await serve((_, res) => res.end("here"));
    const given = await guard({}, async () => ["127.0.0.3", "127.0.0.1"])(named(port), request);
    expect(given).toMatchObject({ ok: true, value: { body: "here" } });
  });

  it("ask for the certificate of the name, not of the address, and trust nobody unknown", async () => {
    const asked: string[] = [];
    const server = createTlsServer({
      SNICallback: (name, done) => {
        asked.push(name);
        done(new Error("no certificate"));
      },
    });
    const port = await listen(server);
    const given = await guard({}, async () => ["127.0.0.1"])(`https://pinned.internal:${port}`, request);
    expect(given).toMatchObject({ ok: false, error: { kind: "unreachable" } });
    expect(asked).toEqual(["pinned.internal"]);
  });

  it("to an http port over https say so", async () => {
    const { port } = await serve((_, res) => res.end());
    expect(await get(`https://127.0.0.1:${port}`)).toMatchObject({
      ok: false,
      error: { kind: "unreachable", message: expect.stringMatching(/does not speak TLS/) },
    });
  });
});
