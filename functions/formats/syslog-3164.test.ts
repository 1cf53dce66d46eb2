// Classic syslog by example, in the manner of real logs.
import { describe, expect, it } from "vitest";
import { syslog3164 } from "./syslog-3164.ts";
import { entryBy, readBy, testYear } from "./test-lines.ts";

const entry = (line: string) => entryBy(syslog3164, line);
const time = (line: string) => new Date(entry(line).at).toISOString();

it("reads priority, time, host, program, process and message", () => {
  expect(entry("<38>Jul  1 09:00:55 gate CRON[3911]: (root) CMD (run-parts /etc/cron.hourly)")).toEqual({
    at: Date.UTC(testYear, 6, 1, 9, 0, 55),
    service: "CRON",
    host: "gate",
    level: 6,
    message: "(root) CMD (run-parts /etc/cron.hourly)",
    fields: {
      "log.syslog.facility.code": 4,
      "log.syslog.severity.code": 6,
      "process.name": "CRON",
      "process.pid": 3911,
    },
  });
});

it.each([
  ["Jul  1 09:00:55 gate a: b", "2026-07-01T09:00:55.000Z"],
  ["Jul 01 09:00:55 gate a: b", "2026-07-01T09:00:55.000Z"],
  ["Jul 1 09:00:55 gate a: b", "2026-07-01T09:00:55.000Z"],
  ["Jul  1 09:00:55.123456 gate a: b", "2026-07-01T09:00:55.123Z"],
  ["Jul  1 2024 09:00:55 gate a: b", "2024-07-01T09:00:55.000Z"],
  ["<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time", "1987-08-24T05:34:00.000Z"],
  ["2026-07-01T09:00:55+02:00 gate a: b", "2026-07-01T07:00:55.000Z"],
  ["2026-07-01T09:00:55.003141-0530 gate a: b", "2026-07-01T14:30:55.003Z"],
  ["<13>2026-07-01T09:00:55Z gate no tag at all", "2026-07-01T09:00:55.000Z"],
  ["Jul  1 09:00:60 gate a: a leap second", "2026-07-01T09:01:00.000Z"],
])("knows when %j was", (line, expected) => expect(time(line)).toBe(expected));

it.each([
  ["Jul  1 09:00:55 gate kernel: [12.5] eth0: link up", "gate", "kernel", "[12.5] eth0: link up"],
  ["Jul  1 09:00:55 gate sshd(pam_unix)[123]: check pass", "gate", "sshd(pam_unix)", "check pass"],
  ["Jul  1 09:00:55 gate postfix/smtpd[26897]: connect", "gate", "postfix/smtpd", "connect"],
  ["Jul  1 09:00:55 2001:db8::1 a[1]: b", "2001:db8::1", "a", "b"],
  ["Jul  1 09:00:55 gate syslogd 1.4.1: restart.", "gate", "", "syslogd 1.4.1: restart."],
  ["Jul  1 09:00:55 su[12]: no host", "here", "su", "no host"],
  ["<13>Feb  5 17:32:18 192.0.2.99 Use the BFG!", "192.0.2.99", "", "Use the BFG!"],
  ["<191>Aug  1 14:01:20 fw1: %ASA-6-302013: Built", "fw1", "%ASA-6-302013", "Built"],
  ["Jul  1 09:00:55 gate", "gate", "", ""],
])("tells host, program and message of %j apart", (line, host, program, message) => {
  const read = syslog3164.reader({ year: testYear, host: "here" })(line);
  expect(read).toMatchObject({ host, service: program, message });
});

it.each([
  "Feb 30 09:00:55 gate a: b",
  "Feb 29 09:00:55 gate a: there is none in 2026",
  "Jul 32 09:00:55 gate a: b",
  "Xyz  1 09:00:55 gate a: b",
  "Jul  1 24:00:00 gate a: b",
  "Jul  1 09:61:00 gate a: b",
])("does not read %j, and says that its date does not exist", (line) => {
  expect(readBy(syslog3164, line)).toEqual([undefined]);
  expect(syslog3164.refusal?.(line)).toBe("a date that does not exist");
});

it.each([
  "2026-07-01T09:00:55Z INFO main: a program's own log",
  "2026-07-01T09:00:55Z stdout F a container's log",
  "2026-07-01 09:00:55 a: b",
  '192.0.2.1 - - [01/Jul/2026:09:00:55 +0000] "GET / HTTP/1.1" 200 13',
  "July 1st",
])("%j is no syslog", (line) => expect(readBy(syslog3164, line)).toEqual([undefined]));

describe("repeated messages", () => {
  const first = "Jul  1 09:00:55 gate app[7]: disk is full";
  const last = "Jul  1 09:01:25 gate last message repeated 3 times";

  it("rsyslog's `message repeated` stands for that many", () => {
    const read = entry("Jul  1 09:00:55 gate app[7]: message repeated 5 times: [ disk is full]");
    expect(read).toMatchObject({ message: "disk is full", repeats: 5 });
  });

  it("syslogd's `last message repeated` stands for that many of the line before", () => {
    const [, repeated] = readBy(syslog3164, first, last);
    expect(repeated).toMatchObject({ service: "app", message: "disk is full", repeats: 3 });
    expect(repeated).toMatchObject({ at: Date.UTC(testYear, 6, 1, 9, 1, 25) });
  });

  it("another host's last message is not repeated", () => {
    const [, repeated] = readBy(syslog3164, first.replace("gate", "other"), last);
    expect(repeated).not.toHaveProperty("repeats");
  });
});
