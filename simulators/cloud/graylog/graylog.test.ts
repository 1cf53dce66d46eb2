import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createFaults, type Faults } from "../faults.ts";
import { type Graylog, type GraylogOptions, startGraylog } from "./graylog.ts";

let faults: Faults = createFaults();
let server: Graylog;
const options = (given: Partial<GraylogOptions> = {}): GraylogOptions => ({
  port: 0,
  gelfPort: 0,
  dataDir: ":memory:",
  username: "admin",
  password: "pass:word",
  token: "secret-token",
  faults,
  ...given,
});
beforeEach(async () => {
  faults = createFaults();
  server = await startGraylog(options());
});
afterEach(() => server.close());

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const ask = (path: string, body?: unknown, authorization = basic("admin:pass:word"), url = server.url) =>
  fetch(`${url}/api/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization,
      accept: "application/json",
      "content-type": "application/json",
      "x-requested-by": "test",
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
const recent = { type: "relative", range: 0 };
const gelf = (message: string) => JSON.stringify({ version: "1.1", host: "h", short_message: message });
const send = (body: Buffer | string, at = server) =>
  fetch(`http://127.0.0.1:${at.gelf.http}/gelf`, { method: "POST", body: body.toString() });
const read = async <Shape extends z.ZodType>(answer: Promise<Response>, shape: Shape): Promise<z.output<Shape>> =>
  shape.parse(await (await answer).json());
const table = z.object({ datarows: z.array(z.array(z.string())) });
const found = async (url = server.url): Promise<string[]> => {
  const body = { query: "*", timerange: recent, fields: ["message"], size: 1000, sort_order: "asc" };
  const { datarows } = await read(ask("search/messages", body, undefined, url), table);
  return datarows.flat();
};
const until = (count: number) => expect.poll(() => server.count(), { timeout: 5000, interval: 5 }).toBe(count);

describe("GELF inputs", () => {
  it("takes HTTP bodies plain and packed, and says 202 whatever they are", async () => {
    const post = (body: Buffer | string) =>
      fetch(`http://127.0.0.1:${server.gelf.http}/gelf`, { method: "POST", body: new Uint8Array(Buffer.from(body)) });
    const bodies = [
      gelf("plain"),
      gzipSync(gelf("gzip")),
      deflateSync(gelf("zlib")),
      "junk",
      "",
      Buffer.from([0x1f, 0x8b, 1]),
    ];
    for (const body of bodies) expect((await post(body)).status).toBe(202);
    expect(await found()).toEqual(["plain", "gzip", "zlib"]);
    expect((await post("x".repeat(65_537))).status).toBe(413);
    expect((await post(gelf("x".repeat(65_000)))).status).toBe(202);
    expect((await fetch(`http://127.0.0.1:${server.gelf.http}/gelf`)).status).toBe(405);
    expect((await fetch(`http://127.0.0.1:${server.gelf.http}/other`, { method: "POST" })).status).toBe(404);
  });

  it("stops a bomb at eight MiB", async () => {
    const bomb = gzipSync(gelf("x".repeat(9_000_000)));
    const socket = createSocket("udp4");
    await new Promise((resolve) => socket.send(bomb, server.gelf.udp, "127.0.0.1", resolve));
    await new Promise((resolve) => socket.send(gelf("after"), server.gelf.udp, "127.0.0.1", resolve));
    socket.close();
    await until(1);
    await send(gelf("later"));
    expect(await found()).toEqual(["after", "later"]);
  });

  it("cuts a TCP stream at its NULs wherever the packets break, and keeps no half frame", async () => {
    const socket = connect(server.gelf.tcp, "127.0.0.1");
    const text = Buffer.from(`${gelf("one ü")}\0${gelf("two")}\0\0${gelf("three")}\0${gelf("half").slice(0, 9)}`);
    for (const byte of text) await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    await until(3);
    socket.end();
    expect(await found()).toEqual(["one ü", "two", "three"]);
  });
});

describe("the API", () => {
  it("lets in a user, a token and a session, and nobody else", async () => {
    const session = ask("system/sessions", { username: "admin", password: "pass:word", host: "" }, "");
    const { session_id: id } = await read(session, z.object({ session_id: z.string() }));
    for (const good of ["admin:pass:word", "secret-token:token", "secret-token:TOKEN", `${id}:session`]) {
      expect([good, (await ask("system", undefined, basic(good))).status]).toEqual([good, 200]);
    }
    const bad = ["admin:pass", "admin:token", ":token", "x:session", "secret-token:pass:word", "admin"].map(basic);
    for (const authorization of [...bad, "Bearer secret-token", "", "Basic !"]) {
      const refused = await ask("system", undefined, authorization);
      expect([authorization, refused.status, await refused.text()]).toEqual([authorization, 401, ""]);
    }
    expect((await ask("system/sessions", { username: "admin", password: "no" }, "")).status).toBe(401);
  });

  it("answers strange paths as Graylog does", async () => {
    expect((await ask("search/nothing")).status).toBe(404);
    expect((await ask("toString")).headers.get("content-type")).toBe("text/html");
    const page = await fetch(`${server.url}/api/count/total`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect((await fetch(`${server.url}/api/system/lbstatus`)).status).toBe(200);
  });

  it("finds a message at once, by its own time and by the time of receipt", async () => {
    const at = Date.now();
    const old = JSON.stringify({ host: "h", short_message: "late", timestamp: at / 1000 - 3600 });
    await send(old);
    const time = (ms: number) => new Date(ms).toISOString().replace("T", " ").replace("Z", "");
    const query = `gl2_receive_timestamp:["${time(at - 1)}" TO "${time(at + 60_000)}"}`;
    const answer = ask("search/messages", { query, timerange: recent, fields: ["message"] });
    expect((await read(answer, table)).datarows).toEqual([["late"]]);
  });

  it("answers hostile times, names and depths without falling", async () => {
    await send(gelf("still here"));
    const bodies = [
      { timerange: { type: "relative", range: 1e300 } },
      { timerange: { type: "absolute", from: 1e300, to: -1e300 } },
      { fields: ["__proto__", "constructor", "toString"], timerange: recent },
      { query: "(".repeat(100_000), timerange: recent },
      { sort: "__proto__", timerange: recent },
    ];
    for (const body of bodies) expect((await ask("search/messages", body)).status).toBeLessThan(500);
    expect(await found()).toEqual(["still here"]);
  });
});

describe("faults", () => {
  it("plays each kind, and is itself again afterwards", async () => {
    await send(gelf("m"));
    faults.add({ target: "graylog", kind: "error", calls: 1, status: 502 });
    expect((await ask("system")).status).toBe(502);
    faults.add({ target: "graylog", kind: "throttle", calls: 1, retryAfterSeconds: 7 });
    const throttled = await ask("system");
    expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "7"]);
    faults.add({ target: "graylog", kind: "partial", calls: 1 });
    const half = await ask("system");
    expect(half.status).toBe(200);
    await expect(half.json()).rejects.toThrow(SyntaxError);
    faults.add({ target: "graylog", kind: "refuse", calls: 1 });
    await expect(ask("system")).rejects.toThrow("fetch failed");
    faults.add({ target: "gelf", kind: "error", calls: 1 });
    expect((await send(gelf("refused"))).status).toBe(503);
    expect(await found()).toEqual(["m"]);
  });
});

describe("startGraylog", () => {
  it("names a port that is taken, and leaves nothing open", async () => {
    const { port, gelf: ports } = server;
    await expect(startGraylog(options({ port }))).rejects.toThrow(`port ${port}`);
    await expect(startGraylog(options({ gelfPort: ports.http }))).rejects.toThrow(`port ${ports.http}`);
    await expect(startGraylog(options({ version: "4.0" }))).rejects.toThrow("4.0");
  });

  it("puts HTTP and UDP on the same port and TCP on another", async () => {
    const other = await startGraylog(options());
    await other.close();
    const again = await startGraylog(options({ gelfPort: other.gelf.http }));
    expect([again.gelf.http, again.gelf.udp]).toEqual([other.gelf.http, other.gelf.http]);
    expect(again.gelf.tcp).not.toBe(other.gelf.http);
    await again.close();
  });

  it("survives being killed: what was accepted before the last flush is there again", { timeout: 30_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "graylog-"));
    const script = `
      import { startGraylog } from ${JSON.stringify(new URL("./graylog.ts", import.meta.url).href)};
      const faults = { take: () => undefined };
      const s = await startGraylog({ port: 0, gelfPort: 0, dataDir: ${JSON.stringify(folder)}, username: "a", password: "b", faults });
      console.log(s.gelf.http);`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [output] = await once(child.stdout, "data");
    const url = `http://127.0.0.1:${Number(String(output))}/gelf`;
    for (let n = 0; n < 200; n += 1) await fetch(url, { method: "POST", body: gelf(`m${n}`) });
    await sleep(400);
    child.kill("SIGKILL");
    await once(child, "exit");
    const again = await startGraylog(options({ dataDir: folder }));
    expect(again.count()).toBe(200);
    await again.close();
    rmSync(folder, { recursive: true });
  });
});
