// Hard cases 4 to 8, by every route on which a user's address is called: trying settings, trying what is saved, reading logs. The
// guard's own rules have a corpus in functions/lib/egress.test.ts; here each way out is shown to go through it.
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiOpener, type Identity, type TestApi } from "../../../simulators/stack/test-api.ts";

const opener = createApiOpener();
const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
  await opener.closeAll();
});

const sockets = new Set<Socket>();
const listen = async (server: Server): Promise<number> => {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((done) => server.listen(0, () => done()));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
};

let api: TestApi;
let user: Identity;
beforeAll(async () => {
  api = await opener.open({ LOGWATCH_REQUESTS_PER_USER: "100000" });
  user = await api.user("user");
}, 60_000);

let made = 0;
/** What each way out says of an address; a source that cannot even be saved has no further ways. */
const tryAll = async (url: string) => {
  const params = { url, token: "a-token-that-nobody-may-see", retries: 0, timeoutMs: 2_000 };
  made += 1;
  const tried = await api.call("POST", "/sources/test", { as: user, body: { kind: "graylog", params } });
  const saved = await api.call("POST", "/sources", {
    as: user,
    body: { name: `source ${made}`, kind: "graylog", params },
  });
  if (saved.status !== 201) return [tried, saved];
  const again = await api.call("POST", `/sources/${saved.body.id}/test`, { as: user });
  const body = { name: `service ${made}`, sourceId: saved.body.id };
  const service = await api.call("POST", "/services", { as: user, body });
  const logs = await api.call("GET", `/services/${service.body.id}/logs`, { as: user });
  const fields = await api.call("GET", `/sources/${saved.body.id}/fields`, { as: user });
  return [tried, again, logs, fields];
};

const expectRefused = async (url: string) => {
  const begun = performance.now();
  for (const { status, body, text } of await tryAll(url)) {
    expect([url, status === 200 ? body.ok : status]).toEqual([
      url,
      status === 200 ? false : expect.toBeOneOf([422, 424]),
    ]);
    if (status === 200) expect([url, body.kind]).toEqual([url, "refused"]);
    expect(text).not.toContain("nobody-may-see");
  }
  // Nobody was waited for.
  expect(performance.now() - begun).toBeLessThan(2_000);
};

describe("hard cases 4 and 5: what hands out a machine's credentials, however it is written", () => {
  test.each([
    "https://169.254.169.254",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2",
    "https://127.1",
    "https://2852039166",
    "https://0xa9fea9fe",
    "https://0251.0376.0251.0376",
    "https://１６９.２５４.１６９.２５４",
    "https://169.254.169.254.",
    "https://[::169.254.169.254]",
    "https://[::ffff:a9fe:a9fe]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[2002:a9fe:a9fe::]",
    "https://[fd00:ec2::254]",
    "https://100.100.100.200",
    "https://192.0.0.192",
    "https://[fe80::1]",
    "https://0.0.0.0",
    "https://10.0.0.1:9000",
    "https://[::]",
  ])("%s", expectRefused);
});

describe("hard case 6: names that lead inward", () => {
  test.each(["https://localhost", "https://LOCALHOST:9000", "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ"])("%s", expectRefused);
});

describe("hard case 8: addresses that readers understand in two ways", () => {
  test.each([
    "https://graylog.example.com@127.0.0.1",
    "https://user:pass@graylog.example.com",
    "https://graylog.example.com\\@127.0.0.1",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://127.0.0.1",
    "data:text/plain,x",
    "javascript:alert(1)",
    "https://graylog.example.com\r\nHost: 127.0.0.1",
    "https://graylog.example.com/\u0000",
    "//127.0.0.1",
    "",
    "https://",
    "https://graylog.example.com:22",
    "http://graylog.example.com",
  ])("%j", expectRefused);
});

test("hard cases 4 to 8: nothing of this machine is connected to, unless the operator lists it", async () => {
  let connections = 0;
  const port = await listen(
    createServer((socket) => {
      connections += 1;
      socket.destroy();
    }),
  );
  for (const host of ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"])
    for (const scheme of ["http", "https"]) await expectRefused(`${scheme}://${host}:${port}`);
  expect(connections).toBe(0);
  // The listener would have told.
  const listed = await opener.open({ ALLOWED_SOURCE_HOSTS: "127.0.0.1:*" });
  const params = { url: `http://127.0.0.1:${port}`, token: "t", retries: 0, timeoutMs: 2_000 };
  const as = await listed.user("user");
  const tried = await listed.call("POST", "/sources/test", { as, body: { kind: "graylog", params } });
  expect([tried.body.ok, tried.body.kind]).toEqual([false, "unreachable"]);
  expect(connections).toBeGreaterThan(0);
});

describe("hard case 7: a log store that answers as badly as it can is a failed try within its time", () => {
  let listed: TestApi;
  let as: Identity;
  let inward = 0;
  let elsewhere: string;
  beforeAll(async () => {
    listed = await opener.open({ ALLOWED_SOURCE_HOSTS: "127.0.0.1:*" });
    as = await listed.user("user");
    const port = await listen(
      createHttpServer((_, res) => {
        inward += 1;
        res.end("{}");
      }),
    );
    elsewhere = `http://127.0.0.1:${port}`;
  });

  const endless =
    (piece: string | Buffer, everyMs: number): RequestListener =>
    (req, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => res.write(piece), everyMs);
      req.on("close", () => clearInterval(timer));
      res.on("close", () => clearInterval(timer));
    };
  const cases: [string, RequestListener][] = [
    ["a 302 to this machine", (_, res) => res.writeHead(302, { location: elsewhere }).end()],
    ["a 307 to a cloud's credentials", (_, res) => res.writeHead(307, { location: "http://169.254.169.254/" }).end()],
    ["a 307 to itself, for ever", (req, res) => res.writeHead(307, { location: `${req.url}x` }).end()],
    ["an endless body", endless(Buffer.alloc(1_000_000, 32), 1)],
    ["a byte a second", endless(" ", 1_000)],
    [
      "a body that grows a thousand times when unpacked",
      (_, res) =>
        res
          .writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
          .end(gzipSync(Buffer.alloc(200_000_000, 32))),
    ],
    ["headers without end", (_, res) => res.socket?.write(`HTTP/1.1 200 OK\r\n${"x-a: b\r\n".repeat(1_000_000)}`)],
    ["one header of 10 MB", (_, res) => res.socket?.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(10_000_000)}`)],
    ["what is no HTTP", (_, res) => res.socket?.end("+PONG\r\n")],
    ["JSON cut short", (_, res) => res.writeHead(200, { "content-type": "application/json" }).end('{"version":"7.0')],
    [
      "JSON of great depth",
      (_, res) => res.writeHead(200, { "content-type": "application/json" }).end("[".repeat(100_000)),
    ],
  ];
  test.each(cases)("%s", async (_, listener) => {
    const url = `http://127.0.0.1:${await listen(createHttpServer(listener))}`;
    const params = { url, token: "a-token-that-nobody-may-see", retries: 0, timeoutMs: 1_000 };
    const before = process.memoryUsage().rss;
    const begun = performance.now();
    const tried = await listed.call("POST", "/sources/test", { as, body: { kind: "graylog", params } });
    expect([tried.status, tried.body.ok]).toEqual([200, false]);
    expect(String(tried.body.reason).length).toBeLessThan(500);
    expect(tried.text).not.toContain("nobody-may-see");
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
    expect(inward).toBe(0);
  });
});

describe("hard case 8: only Slack's own host is a Slack address, and only over https", () => {
  const path = "/services/T1/B1/XXtokenXX";
  test.each([
    `https://hooks.slack.com@evil.example${path}`,
    `https://hooks.slack.com.evil.example${path}`,
    `https://evil.example/hooks.slack.com${path}`,
    `https://hooks.slаck.com${path}`,
    `https://xn--hooks-sack-com-0zc.example${path}`,
    `http://hooks.slack.com${path}`,
    `https://hooks.slack.com:8443${path}`,
    `https://user:pass@hooks.slack.com${path}`,
    `https://hooks.slack.com\\.evil.example${path}`,
    `https://hooks.slack.com${path}\r\nHost: evil.example`,
    `https://169.254.169.254${path}`,
    `file://hooks.slack.com${path}`,
    `gopher://hooks.slack.com${path}`,
  ])("%j", async (url) => {
    const body = { name: `slack ${url.length}`, channel: "slack", address: { url } };
    const made = await api.call("POST", "/destinations", { as: user, body });
    expect([made.status, made.body.errors]).toMatchObject([422, [{ path: "body.address.url" }]]);
    expect(made.text).not.toContain("XXtokenXX");
    expect((await api.call("GET", "/destinations", { as: user })).body.items).toEqual([]);
  });
});
