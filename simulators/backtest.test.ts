// The back-test by its books: the example logs always, published logs with their truth where they lie beside the repository.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { backtestFile } from "./backtest/backtest-file.ts";
import type { BacktestReport } from "./backtest/write-books.ts";

const root = join(import.meta.dirname, "..");
const reference = join(root, "../shared/data");
const detections = join(reference, "detections");

const example = (name: string) => join(root, "examples", name);
const run = async (file: string, watch: string, year: number, every = "1m"): Promise<BacktestReport> =>
  (await backtestFile({ file, watch: example(watch), year, variables: { LOGWATCH_EVERY: every } })).report;

/** The totals of one measurement, by the value of its only label. */
const totalsBy = ({ totals }: BacktestReport, job: string, name: string): Record<string, number> =>
  Object.fromEntries(
    totals
      .filter((total) => total.job === job && total.name === name)
      .map(({ labels, value }) => [Object.values(labels)[0] ?? "", value]),
  );

const balanced = ({ windows, findings }: BacktestReport): void => {
  expect(windows).toMatchObject({ complete: windows.due, failed: 0, missing: 0 });
  const suppressed = Object.values(findings.suppressed).reduce((sum, count) => sum + count, 0);
  expect(findings.sent + findings.pending + suppressed).toBe(findings.total);
};

describe("sign-ins, examples/sshd-sample.log", () => {
  let report: BacktestReport;
  beforeAll(async () => {
    report = await run(example("sshd-sample.log"), "sshd.yaml", 2026);
  });

  it("counts each attempt once, though sshd and PAM both write it", () => {
    expect(totalsBy(report, "failed logins", "failed_logins")).toEqual({ "": 77 });
    expect(totalsBy(report, "failed logins", "failed_logins_by_address")).toEqual({
      // Eighteen connections of three tries each; fourteen names; four connections that only ended; people who mistyped.
      "203.0.113.7": 54,
      "198.51.100.9": 14,
      "2001:db8::5a": 4,
      "192.0.2.10": 2,
      "192.0.2.11": 1,
      "192.0.2.12": 1,
      "": 1,
    });
  });

  it("counts the same in windows of an hour, of a minute and of a second", async () => {
    const hours = await run(example("sshd-sample.log"), "sshd.yaml", 2026, "1h");
    const seconds = await run(example("sshd-sample.log"), "sshd.yaml", 2026, "1s");
    expect(hours.totals).toEqual(report.totals);
    expect(seconds.totals).toEqual(report.totals);
  });

  it("opens the alerts that its attacks deserve, and its books balance", () => {
    expect(report.alerts).toEqual({ opened: 3, resolved: 3 });
    expect(report).toMatchObject({ lines: 250, parsed: { sshd: 249, "syslog-3164": 1 }, refused: [] });
    balanced(report);
  });
});

describe("names, examples/dns-sample.log", () => {
  it("counts failures by reason and by client, each query once", async () => {
    const report = await run(example("dns-sample.log"), "dns.yaml", 2026);
    expect(totalsBy(report, "dns failures", "dns_failures_by_reason")).toEqual({
      NXDOMAIN: 75,
      SERVFAIL: 18,
      REFUSED: 12,
    });
    expect(totalsBy(report, "dns failures", "dns_queries")).toEqual({ "": 358 });
    expect(totalsBy(report, "dns failures by client", "matches_by_value")).toMatchObject({
      "192.0.2.77": 75,
      "203.0.113.99": 12,
    });
    expect(report.alerts).toEqual({ opened: 3, resolved: 3 });
    balanced(report);
  });
});

describe("packets, examples/firewall-sample.log", () => {
  it("counts what was refused by protocol, address and port", async () => {
    const report = await run(example("firewall-sample.log"), "firewall.yaml", 2026);
    expect(totalsBy(report, "refused by protocol", "threats_by_level")).toEqual({ denied: 266, allowed: 14 });
    expect(totalsBy(report, "refused by protocol", "high_threats_by_protocol")).toEqual({
      tcp: 215,
      udp: 38,
      icmp: 13,
    });
    expect(totalsBy(report, "refused by address", "matches_by_value")).toMatchObject({ "203.0.113.7": 130 });
    expect(totalsBy(report, "refused by port", "matches_by_value")).toMatchObject({ "445": 18, "3389": 17 });
    expect(totalsBy(report, "refused remote access", "matches")).toEqual({ "": 36 });
    expect(report.alerts).toEqual({ opened: 2, resolved: 2 });
    balanced(report);
  });
});

const counts = z.record(z.string(), z.number());
const loginTruth = z.object({
  auth_failures: z.number(),
  distinct_rhosts: z.number(),
  by_rhost: counts,
  by_user: counts,
});

describe.skipIf(!existsSync(detections))("published logs (skipped where the reference data is not there)", () => {
  // A year has half a million windows of a minute.
  const longestMs = 240_000;

  it.each([
    ["Linux_full", "loghub20full/Linux/Linux_full.log", "linux_full", "1h", 2885, 251],
    ["Linux_full", "loghub20full/Linux/Linux_full.log", "linux_full", "1m", 2885, 251],
    ["Linux_2k", "loghub2k/Linux/Linux_2k.log", "linux_2k", "1m", 490, 47],
  ])(
    "%s: failures by address and by user are those counted by hand (%s %s, windows of %s)",
    async (_name, file, truthName, every, failures, addresses) => {
      const text = readFileSync(join(detections, "truth", `${truthName}_failed_logins.json`), "utf8");
      const truth = loginTruth.parse(JSON.parse(text));
      const report = await run(join(reference, file), "sshd.yaml", 2005, every);
      const byAddress = totalsBy(report, "failed logins", "failed_logins_by_address");
      expect(totalsBy(report, "failed logins", "failed_logins")).toEqual({ "": failures });
      expect(truth).toMatchObject({ auth_failures: failures, distinct_rhosts: addresses });
      // An empty address is not an address: somebody at the machine itself.
      expect(Object.keys(byAddress).filter((address) => address !== "").length).toBe(addresses);
      expect(byAddress).toEqual(truth.by_rhost);
      expect(totalsBy(report, "failed logins", "failed_logins_by_user")).toEqual(truth.by_user);
      expect(report.refused).toEqual([]);
      balanced(report);
    },
    longestMs,
  );

  it("Zeek's dns.log: failed answers by reason, by client and by name", async () => {
    const truth = z
      .object({
        failures: z.number(),
        failures_by_client: z.record(z.string(), counts),
        failures_by_query_top50: counts,
      })
      .parse(JSON.parse(readFileSync(join(detections, "zeek_dns/truth.json"), "utf8")));
    const report = await run(join(detections, "zeek_dns/dns.log"), "dns.yaml", 2018);
    const sum = (reasons: Record<string, number>) => Object.values(reasons).reduce((total, count) => total + count, 0);
    const clients = Object.entries(truth.failures_by_client).map(([client, reasons]) => [client, sum(reasons)]);
    expect(truth.failures).toBe(946);
    expect(totalsBy(report, "dns failures", "dns_failures")).toEqual({ "": 946 });
    expect(totalsBy(report, "dns failures", "dns_failures_by_reason")).toEqual({
      NXDOMAIN: 937,
      SERVFAIL: 8,
      NOTIMP: 1,
    });
    expect(totalsBy(report, "dns failures by client", "matches_by_value")).toEqual(Object.fromEntries(clients));
    expect(totalsBy(report, "dns failures", "dns_failures_by_domain")).toMatchObject(truth.failures_by_query_top50);
    expect(report).toMatchObject({ lines: 20_008, parsed: { "zeek-dns": 20_000 }, refused: [] });
    balanced(report);
  });
});

describe("the command", () => {
  const call = promisify(execFile);
  const backtest = (...args: string[]) =>
    call(process.execPath, ["--import", "tsx", "simulators/backtest.ts", ...args], { cwd: root });

  it("prints one JSON object, or a page", async () => {
    const args = [example("sshd-sample.log"), "--watch", example("sshd.yaml"), "--year", "2026"];
    const { stdout } = await backtest(...args, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ lines: 250, alerts: { opened: 3 }, notifications: { pending: 0 } });
    expect((await backtest(...args)).stdout).toMatch(/^Lines {6}250 read; parsed: sshd 249/);
  });

  it.each([
    ["--watch", [example("sshd-sample.log")]],
    ["FILE", ["--watch", example("sshd.yaml")]],
    ["none of its \\d+ lines could be read: no known format", [join(root, "LICENSE"), "--watch", example("sshd.yaml")]],
    ["ENOENT", [join(root, "none.log"), "--watch", example("sshd.yaml")]],
  ])("says what is wrong: %s", async (words, args) => {
    await expect(backtest(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(words) });
  });
});
