// GELF as it leaves: names, and what a small receiver of each transport reads back.
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import { createServer as createTcp } from "node:net";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gelfChunks, isChunk } from "./cloud/graylog/gelf-chunks.ts";
import { type GelfMessage, gelfMessages, openGelf, toGelf } from "./gelf.ts";

const host = "127.0.0.1";
const entry = { at: 1_700_000_000_123, service: "auth", host: "h", level: 4, message: "m", fields: {} };
const portOf = (address: unknown): number =>
  typeof address === "object" && address !== null && "port" in address ? Number(address.port) : 0;
const big = (bytes: number): GelfMessage => {
  let text = "";
  for (let seed = 1; text.length < bytes; seed = (seed * 48_271) % 2_147_483_647) text += seed.toString(36);
  return { ...toGelf(entry), full_message: text };
};

test("names are what Graylog stores: no dots, no _id, no booleans", () => {
  const fields = { "source.ip": "192.0.2.1", id: "x", "a b/c": 2.5, ok: true };
  const written = { _source_ip: "192.0.2.1", _id_: "x", _a_b_c: 2.5, _ok: "true", _service: "auth", level: 4 };
  expect(toGelf({ ...entry, fields })).toMatchObject({ ...written, timestamp: 1_700_000_000.123 });
});

test("an entry that stands for three is sent three times", () => {
  expect(gelfMessages({ ...entry, repeats: 3 }).map((one) => one._event_repeat)).toEqual([0, 1, 2]);
});

test("HTTP sends every message once, again after a failure, and never a too large one again", async () => {
  const got: string[] = [];
  let calls = 0;
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const part of req) body += part;
    calls += 1;
    const status = body.length > 65_536 ? 413 : calls === 1 ? 503 : 202;
    if (status === 202) got.push(body);
    res.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const gelf = openGelf({ transport: "http", host, port: portOf(server.address()) });
  await gelf.send(Array.from({ length: 50 }, (_, n) => toGelf(entry, { _n: n })));
  expect(new Set(got).size).toBe(50);
  await expect(gelf.send([big(70_000)])).rejects.toThrow("after 1 tries: status 413");
  await gelf.close();
  server.close();
});

test("UDP comes back whole from chunks, and more than 128 chunks are refused", async () => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const chunks = gelfChunks();
  const whole = new Promise<Buffer>((resolve) =>
    socket.on("message", (part) => {
      expect(part.length).toBeLessThanOrEqual(8154);
      const body = isChunk(part) ? chunks.add(part, 0) : part;
      if (body) resolve(body);
    }),
  );
  const gelf = openGelf({ transport: "udp", host, port: socket.address().port });
  await gelf.send([big(40_000)]);
  expect(JSON.parse(gunzipSync(await whole).toString())).toEqual(big(40_000));
  await expect(gelf.send([big(2_500_000)])).rejects.toThrow("UDP allows 128");
  await gelf.close();
  socket.close();
});

test("TCP frames end with NUL and keep their order", async () => {
  let finish = (_text: string) => {};
  const all = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const server = createTcp((socket) => {
    let text = "";
    socket.on("data", (part) => {
      text += part;
    });
    socket.on("end", () => finish(text));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const gelf = openGelf({ transport: "tcp", host, port: portOf(server.address()) });
  await gelf.send(Array.from({ length: 500 }, (_, n) => toGelf(entry, { _n: n })));
  await gelf.close();
  const frames = (await all).split("\0");
  expect(frames.pop()).toBe("");
  expect(frames.map((frame) => JSON.parse(frame)._n)).toEqual(Array.from({ length: 500 }, (_, n) => n));
  server.close();
});
