// Bodies that servers send to a caller, played by real ones on loopback: none is endless, none unpacks to more than was asked for.
import type { RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { get, serve, writeEndlessly } from "./egress-test-server.ts";

describe("bodies", () => {
  it("an endless body is cut at the bound, and its connection closed", async () => {
    let sent = { bytes: () => 0 };
    const closed = new Promise<void>((done) => {
      serveLater = (_, res) => {
        sent = writeEndlessly(res, "x".repeat(65_536));
        res.on("close", () => done());
      };
    });
    const { url } = await serve((req, res) => serveLater(req, res));
    const answer = await get(url);
    expect(answer).toMatchObject({ ok: true, value: { status: 200, isCut: true } });
    expect(answer.ok && answer.value.body.length).toBe(1 << 20);
    await closed;
    expect(sent.bytes()).toBeLessThan(64 << 20);
  });
  let serveLater: RequestListener = () => undefined;

  it.each([
    ["gzip", gzipSync(Buffer.alloc(200 << 20))],
    ["br", brotliCompressSync(Buffer.alloc(50 << 20))],
  ])("a bomb of %s is unpacked up to the bound and no further", async (coding, bomb) => {
    const { url } = await serve((_, res) => res.writeHead(200, { "content-encoding": coding }).end(bomb));
    const before = process.memoryUsage().rss;
    const answer = await get(url);
    expect(answer).toMatchObject({ ok: true, value: { isCut: true } });
    expect(answer.ok && answer.value.body.length).toBe(1 << 20);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 << 20);
  });

  it("a packed body of the right size is whole, and a sign over two packets stays one", async () => {
    const text = "ünï ✓ 日本 ".repeat(5000);
    const { url } = await serve((req, res) => {
      if (req.url !== "/packed") return void writeSlowly(res, Buffer.from(text));
      res.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(text));
    });
    for (const path of ["/packed", "/plain"])
      expect(await get(url + path)).toMatchObject({ ok: true, value: { body: text, isCut: false } });
  });

  it("what is packed twice, packed strangely or broken is a bad answer", async () => {
    const packed = gzipSync("hello");
    const odd: Record<string, [string, Buffer]> = {
      "/twice": ["gzip, gzip", gzipSync(packed)],
      "/strange": ["zstd", packed],
      "/broken": ["gzip", Buffer.from("hello")],
      "/cut": ["gzip", packed.subarray(0, packed.length - 6)],
    };
    const { url } = await serve((req, res) => {
      const [coding, body] = odd[req.url ?? ""] ?? ["", Buffer.alloc(0)];
      res.writeHead(200, { "content-encoding": coding }).end(body);
    });
    for (const path of Object.keys(odd))
      expect(await get(url + path), path).toMatchObject({ ok: false, error: { kind: "bad-answer" } });
  });

  it("an answer without a body is empty, though it says that it is packed", async () => {
    const { url } = await serve((req, res) =>
      res
        .writeHead(req.url === "/204" ? 204 : 401, {
          "content-encoding": "gzip",
          ...(req.url === "/204" ? {} : { "content-length": 0 }),
        })
        .end(),
    );
    for (const status of [204, 401])
      expect(await get(`${url}/${status}`)).toMatchObject({ value: { status, body: "" } });
  });

  it("a body that breaks off is a failure, never a shorter body", async () => {
    const { url } = await serve((_, res) => {
      res.writeHead(200, { "content-length": "100" }).write("half");
      setTimeout(() => res.destroy(), 20);
    });
    expect(await get(url)).toMatchObject({ ok: false, error: { kind: "unreachable", code: "ECONNRESET" } });
  });
});

const writeSlowly = async (res: ServerResponse, bytes: Buffer): Promise<void> => {
  for (let at = 0; at < bytes.length; at += 9973) {
    res.write(bytes.subarray(at, at + 9973));
    await sleep(1);
  }
  res.end();
};
