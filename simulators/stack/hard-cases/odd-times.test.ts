// Logs with odd times: an hour out of order, a day ahead, all in one millisecond at the edge of a window, across a change to
// summer time, in a leap second. Each counts once, in the window of its own time.
import type { LogEntry } from "@logwatch/events";
import { expect, test } from "vitest";
import { openLog } from "../../../functions/formats/read-log.ts";
import { openMemory } from "../../../functions/sources/memory.ts";
import { memoryLog } from "../../../functions/sources/memory-log.ts";
import { login } from "../../services/auth.ts";
import { configuration, job, minute, second, start } from "../test-scenario.ts";
import { ledgerOf, valuesOf } from "./books.ts";
import { byHand } from "./by-hand.ts";
import { storeOpener } from "./open-stores.ts";

const open = storeOpener();
const hour = 60 * minute;
const day = 24 * hour;

const failure = (at: number): LogEntry => ({ ...login("root", "192.0.2.7", "invalid_password"), at, service: "auth" });

/** Each `[happened, received]`, worked off until then by one job. Failures of each window that has any, by its end in seconds. */
const failuresOf = async (logs: [number, number][], everyMs: number, until: number) => {
  const clock = { now: start };
  const store = memoryLog();
  for (const [happened, received] of logs) store.add([failure(happened)], received);
  const hand = byHand(
    await open("memory"),
    openMemory(store, () => clock.now),
    clock,
  );
  const jobs = [{ ...job("logins", "failed-logins", everyMs, everyMs), delayMs: 15 * second }];
  await hand.storage.configuration.apply("test", { ...configuration, jobs, rules: [] });
  await hand.live(until);
  const values = await valuesOf(hand.storage, "logins", "failed_logins");
  return { hand, failures: Object.fromEntries([...values].filter(([, value]) => value > 0)) };
};

test("logs out of order by up to an hour count in the windows of their own time", async () => {
  const orderly = Array.from({ length: 120 }, (_, index) => start + index * 30 * second);
  // Each minute's second log comes an hour less a minute after it happened.
  const logs = orderly.map((at, index): [number, number] => [at, index % 2 === 0 ? at : at + hour - minute]);
  const { failures } = await failuresOf(logs, minute, start + 2 * hour + 2 * minute);
  expect(failures).toEqual(Object.fromEntries(Array.from({ length: 60 }, (_, index) => [(index + 1) * 60, 2])));
});

test("a log that is later than late logs are looked for is not counted, and harms nothing", async () => {
  const { failures, hand } = await failuresOf(
    [[start + 10 * second, start + 2 * hour]],
    minute,
    start + 2 * hour + 5 * minute,
  );
  expect(failures).toEqual({});
  expect(await ledgerOf(hand.storage, "logins")).toHaveLength(1);
});

test("a log from a day ahead counts tomorrow, when its window comes, and never before", async () => {
  const { failures } = await failuresOf([[start + day + 5 * second, start + second]], hour, start + day - hour);
  expect(failures).toEqual({});
  const later = await failuresOf([[start + day + 5 * second, start + second]], hour, start + day + 3 * hour);
  expect(later.failures).toEqual({ [(day + hour) / second]: 1 });
});

test("a thousand logs of one millisecond at the edge of a window count once, in the window that begins there", async () => {
  const edge = start + 2 * minute;
  const logs = Array.from({ length: 1000 }, (): [number, number] => [edge, edge + 100]);
  const { failures } = await failuresOf([...logs, [edge - 1, edge]], minute, start + 5 * minute);
  expect(failures).toEqual({ 120: 1, 180: 1000 });
});

/** When these lines happened, read as a log of this year. */
const timesOf = (lines: string[], year: number) => {
  const log = openLog({ year });
  return lines.map((line) => {
    const read = log.read(line);
    return "entry" in read ? new Date(read.entry.at).toISOString() : JSON.stringify(read);
  });
};

test("a leap second is the first second of the next minute, in both kinds of syslog and in ISO times", () => {
  expect(
    timesOf(
      [
        "<13>Dec 31 23:59:60 gate.example.com kernel: clock: inserting leap second",
        "<13>1 2016-12-31T23:59:60Z gate.example.com kernel - - - clock: inserting leap second",
        '{"@timestamp":"2016-12-31T23:59:60.500Z","message":"clock"}',
      ],
      2016,
    ),
  ).toEqual(["2017-01-01T00:00:00.000Z", "2017-01-01T00:00:00.000Z", "2017-01-01T00:00:00.500Z"]);
});

test("a time without a zone is UTC: the hour that summer time leaves out is there, and the one that comes twice is one", () => {
  const spring = ["Mar 29 01:59:59", "Mar 29 02:30:00", "Mar 29 03:00:00"];
  const autumn = ["Oct 25 02:59:59", "Oct 25 02:00:00", "Oct 25 03:00:00"];
  const lines = [...spring, ...autumn].map((time) => `${time} host sshd[7]: Connection closed by 192.0.2.7 port 4711`);
  expect(timesOf(lines, 2026)).toEqual([
    "2026-03-29T01:59:59.000Z",
    "2026-03-29T02:30:00.000Z",
    "2026-03-29T03:00:00.000Z",
    "2026-10-25T02:59:59.000Z",
    "2026-10-25T02:00:00.000Z",
    "2026-10-25T03:00:00.000Z",
  ]);
});

test("a time with its offset is exact on both sides of the change: an hour that comes twice is two hours", () => {
  const lines = ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"];
  expect(
    timesOf(
      lines.map((time) => `<13>1 ${time} host app - - - hello`),
      2026,
    ),
  ).toEqual(["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"]);
});
