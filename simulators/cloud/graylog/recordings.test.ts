// Replays what a real Graylog answered against the stand-in: the same messages in, the same requests, the same answers.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, it } from "vitest";
import { createFaults } from "../faults.ts";
import { startGraylog } from "./graylog.ts";

const shared = new URL("../../../../shared/", import.meta.url);
const scorer = fileURLToPath(new URL("scorers/graylog_check/check.mjs", shared));
const cases = (version: string) => fileURLToPath(new URL(`data/graylog/graylog-${version}.jsonl`, shared));

/** When the recording was made: some requests ask for the last hours and days. */
const recordedAt = Date.parse("2026-11-23T02:46:46.783Z");

type Score = { cases: number; ok: number; failed: { name: string; kind: string; why: string }[] };

const score = async (version: string, overlong: "cut" | "lose"): Promise<Score> => {
  const server = await startGraylog({
    port: 0,
    gelfPort: 0,
    dataDir: ":memory:",
    username: "admin",
    password: "admin",
    faults: createFaults(),
    now: () => recordedAt,
    version,
    overlong,
  });
  const { http, udp, tcp } = server.gelf;
  const ports = `http=${http},udp=${udp},tcp=${tcp}`;
  const args = [
    scorer,
    cases(version),
    "--url",
    server.url,
    "--auth",
    "admin:admin",
    "--gelf",
    ports,
    "--load",
    "--json",
  ];
  try {
    // It ends with 1 where a case does not agree, and says which.
    const { stdout } = await promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
    return JSON.parse(stdout);
  } finally {
    await server.close();
  }
};

describe.skipIf(!existsSync(scorer)).concurrent("recordings of a real Graylog", () => {
  it("7.0.1: every compared answer agrees", { timeout: 60_000 }, async ({ expect }) => {
    const { failed, cases: compared } = await score("7.0.1", "lose");
    expect(compared).toBeGreaterThan(200);
    expect(failed).toEqual([]);
  });

  it("7.0.1, over-long values cut: only the answers that would show the kept message differ", {
    timeout: 60_000,
  }, async ({ expect }) => {
    const { failed } = await score("7.0.1", "cut");
    expect(failed.map(({ name }) => name)).toEqual([
      "aggregate-odd-values",
      "aggregate-time-1h",
      "messages-missing-value",
    ]);
  });

  it("6.1.4: every compared answer agrees", { timeout: 60_000 }, async ({ expect }) => {
    const { failed, cases: compared } = await score("6.1.4", "lose");
    expect(compared).toBeGreaterThan(200);
    expect(failed).toEqual([]);
  });
});
