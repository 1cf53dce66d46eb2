// The log that the suite of sources loads: ten minutes with known counts, edges, ties and odd values.
import { randomUUID } from "node:crypto";
import type { FieldValue, LogEntry, Window } from "@logwatch/events";

export const minute = 60_000;

export type SuiteLog = {
  entries: LogEntry[];
  window: Window;
  /** Only this run's messages: a real server keeps those of earlier runs. */
  filter: string;
  /** Values that break careless code; the first occurs most often, the last twice. */
  oddUsers: string[];
};

const oddUsers = [
  'a "quoted" \\ back/slash: (x) [y] {z} ~^!*?+-&|',
  "*",
  "(Empty Value)",
  "ünï ✓ 日本",
  "__proto__",
  "constructor",
  "-",
  "AND",
  "<script>alert(1)</script>",
  "x) OR (service:auth",
];

export const suiteLog = (now = Date.now()): SuiteLog => {
  const run = `run-${randomUUID()}`;
  const from = Math.floor(now / (10 * minute)) * 10 * minute - 60 * minute;
  const to = from + 10 * minute;
  const entry = (service: string, at: number, fields: Record<string, FieldValue> = {}): LogEntry => ({
    at,
    service,
    host: "web-1.example.com",
    level: 4,
    message: `${service} says hello`,
    fields: { run, ...fields },
  });
  const signIn = (at: number, outcome: string, user?: string) =>
    entry("auth", at, user === undefined ? { outcome } : { outcome, "user.name": user });
  const entries = [
    ...[from - 1, from, from, to - 1, to].map((at) => entry("edge", at)),
    signIn(from + 500, "failure", "user001"),
    signIn(from + 10_000, "failure", "user002"),
    signIn(from + 20_000, "failure", "user002"),
    signIn(from + 2 * minute, "success"),
    signIn(from + 9 * minute, "failure", "user001"),
    signIn(from + 9 * minute + 1, "failure", "user001"),
    signIn(from + 9 * minute + 2, "success", "user001"),
    signIn(to - 1, "success"),
    ...[1, 2, 3].map((second) => ({ ...entry("web", from + second * 1000), host: second === 1 ? "Web-2" : "web-2" })),
    ...[0.5, 1.5, 2.5, 7.5].map((took, index) => entry("slow", from + index, { took })),
    ...oddUsers.flatMap((user, index) =>
      Array.from({ length: oddUsers.length + 1 - index }, (_, n) => entry("odd", from + n, { "user.name": user })),
    ),
    entry("odd", from),
    // Many users of one address each, and one user of many addresses.
    ...Array.from({ length: 200 }, (_, n) =>
      entry("pairs", from + n, { "user.name": `user-${n}`, "source.address": "192.0.2.1" }),
    ),
    ...Array.from({ length: 200 }, (_, n) =>
      entry("pairs", from + n, { "user.name": "root", "source.address": `198.51.100.${n}` }),
    ),
    // Seven to a millisecond: pages of four end inside one.
    ...Array.from({ length: 25 }, (_, n) => entry("page", from + Math.floor(n / 7) * 1000, { n })),
    ...Array.from({ length: 520 }, (_, n) => entry("bulk", from + n, { n })),
  ];
  return { entries, window: { from, to }, filter: `run:"${run}"`, oddUsers };
};
