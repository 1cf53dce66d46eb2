// Every source keeps the same promises. A real Graylog takes part where GRAYLOG_URL and GRAYLOG_TOKEN are set; it takes GELF
// over HTTP at GRAYLOG_GELF_URL, by default at port 12201 of the same host.
import { describe, expect, it } from "vitest";
import { createFaults } from "../../simulators/cloud/faults.ts";
import { startGraylog } from "../../simulators/cloud/graylog/graylog.ts";
import { graylog } from "./graylog.ts";
import { loadGraylog } from "./graylog-load.ts";
import { openMemory } from "./memory.ts";
import { memoryLog } from "./memory-log.ts";
import { sourceSuite } from "./source-suite.ts";
import { outsideTo, toLoopback } from "./test-fetch.ts";

const startStandIn = (version?: string) =>
  startGraylog({
    port: 0,
    gelfPort: 0,
    dataDir: ":memory:",
    username: "admin",
    password: "admin-password",
    faults: createFaults(),
    version,
  });

sourceSuite("memory", async ({ entries }) => {
  const store = memoryLog();
  store.add(entries, Date.now());
  return { source: openMemory(store), close: async () => undefined };
});

for (const version of ["7.0.1", "6.1.4"]) {
  sourceSuite(`Graylog ${version} as its stand-in speaks`, async (log) => {
    const server = await startStandIn(version);
    const settings = { url: server.url, username: "admin", password: "admin-password" };
    return {
      source: await loadGraylog(log, `http://127.0.0.1:${server.gelf.http}/gelf`, settings),
      close: server.close,
    };
  });
}

const { GRAYLOG_URL: url, GRAYLOG_TOKEN: token, GRAYLOG_GELF_URL: gelfUrl } = process.env;
describe.skipIf(!url || !token)("a real server", () => {
  sourceSuite("a real Graylog", async (log) => {
    const { hostname } = new URL(url ?? "");
    const gelf = gelfUrl ?? `http://${hostname}:12201/gelf`;
    return {
      source: await loadGraylog(log, gelf, { url, token }, outsideTo(`${hostname}:*`)),
      close: async () => undefined,
    };
  });
});

describe("late logs", () => {
  it("are not asked of a Graylog that does not store when messages arrived: a failure, not an empty answer", async () => {
    const server = await startStandIn("5.1.13");
    try {
      const source = graylog.open({ url: server.url, username: "admin", password: "admin-password" }, toLoopback);
      const window = { from: 0, to: 60_000 };
      const query = { filters: [], received: window, happened: window, everyMs: 60_000 };
      const given = await source.arrivals?.(query, new AbortController().signal);
      expect(given).toMatchObject({ ok: false, error: { kind: "bad-query", message: expect.stringContaining("6.0") } });
    } finally {
      await server.close();
    }
  });
});
