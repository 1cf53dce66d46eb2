// Ground truth of the simulators: what each attack sent, per minute, as JSON lines beside the stack's data.
import { appendFileSync } from "node:fs";
import type { LogEntry } from "@logwatch/events";
import type { Attack } from "./attacks.ts";

type Counts = Record<string, number>;
export type TruthMinute = {
  attack: string;
  service: string;
  from: number;
  minute: number;
  sent: number;
  removed: number;
  users: Counts;
  addresses: Counts;
  domains: Counts;
  protocols: Counts;
};

const minuteMs = 60_000;
const counted = {
  users: "username",
  addresses: "source_ip",
  domains: "queried_domain",
  protocols: "protocol",
} as const;

/** `removed` are entries that a silence took away. */
export const truthMinutes = (
  attack: Attack,
  sent: readonly LogEntry[],
  removed: readonly LogEntry[] = [],
): TruthMinute[] => {
  const minutes = new Map<number, TruthMinute>();
  const of = (at: number): TruthMinute => {
    const minute = Math.floor(at / minuteMs) * minuteMs;
    const known = minutes.get(minute);
    if (known) return known;
    const none = { sent: 0, removed: 0, users: {}, addresses: {}, domains: {}, protocols: {} };
    const fresh = { attack: attack.name, service: attack.service, from: attack.from, minute, ...none };
    minutes.set(minute, fresh);
    return fresh;
  };
  for (const entry of removed) of(entry.at).removed += 1;
  for (const entry of sent) {
    const row = of(entry.at);
    row.sent += 1;
    add(row.users, entry.fields[counted.users]);
    add(row.addresses, entry.fields[counted.addresses]);
    add(row.domains, entry.fields[counted.domains]);
    add(row.protocols, entry.fields[counted.protocols]);
  }
  return [...minutes.values()].sort((a, b) => a.minute - b.minute);
};

export const writeTruth = (file: string, lines: readonly object[]): void => {
  if (lines.length > 0) appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
};

const add = (counts: Counts, value: unknown): void => {
  if (value !== undefined) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
};
