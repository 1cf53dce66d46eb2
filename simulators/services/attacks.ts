// Named attacks on the simulated services. In: an attack and a span. Out: the entries it adds there; pure, and it tiles.
import type { LogEntry } from "@logwatch/events";
import { login } from "./auth.ts";
import { query } from "./dns.ts";
import { packet } from "./firewall.ts";
import { userCount, userName } from "./population.ts";
import { type Random, random } from "./random.ts";

export const attackNames = {
  "brute-force": "auth",
  "slow-brute-force": "auth",
  "password-spray": "auth",
  "fail-then-success": "auth",
  "nxdomain-burst": "dns",
  "port-scan": "firewall",
  silence: "auth",
} as const;
export type AttackName = keyof typeof attackNames;
/** `[from, to)`; a silence may name any service. */
export type Attack = { name: AttackName; service: string; from: number; to: number };

type Write = (step: number, numbers: Random, last: boolean) => Omit<LogEntry, "at" | "service">;
const attacker = "203.0.113.66";
const bad = "invalid_password";

const plays: Record<AttackName, { everyMs: number; write: Write } | undefined> = {
  "brute-force": { everyMs: 500, write: () => login("admin", attacker, bad) },
  "slow-brute-force": { everyMs: 20_000, write: () => login("admin", "198.51.100.23", bad) },
  "password-spray": {
    everyMs: 1000,
    write: (step) => login(userName(step % userCount), `192.0.2.${10 + (step % 3)}`, bad),
  },
  "fail-then-success": {
    everyMs: 2000,
    write: (_step, _numbers, last) => login("user007", "198.51.100.77", last ? undefined : bad),
  },
  "nxdomain-burst": {
    everyMs: 200,
    write: (_step, numbers) => query(`${madeUp(numbers)}.example.net`, "A", "10.20.3.44", "NXDOMAIN"),
  },
  "port-scan": {
    everyMs: 250,
    write: (step) =>
      packet({ protocol: "TCP", threat: "high", from: "198.51.100.200", to: "10.20.0.5", port: 1 + (step % 65_535) }),
  },
  silence: undefined,
};

export const attackEntries = (attack: Attack, seed: string | number, from: number, to: number): LogEntry[] => {
  const play = plays[attack.name];
  if (!play) return [];
  const entries: LogEntry[] = [];
  const end = Math.min(to, attack.to);
  const first = Math.max(0, Math.ceil((from - attack.from) / play.everyMs));
  for (let step = first; attack.from + step * play.everyMs < end; step += 1) {
    const at = attack.from + step * play.everyMs;
    const numbers = random(seed, attack.name, attack.from, step);
    entries.push({ at, service: attack.service, ...play.write(step, numbers, at + play.everyMs >= attack.to) });
  }
  return entries;
};

/** True where a silence takes this entry away. */
export const isSilenced = (entry: LogEntry, attacks: readonly Attack[]): boolean =>
  attacks.some(
    ({ name, service, from, to }) =>
      name === "silence" && service === entry.service && entry.at >= from && entry.at < to,
  );

const madeUp = (numbers: Random): string =>
  Array.from({ length: 14 }, () => String.fromCharCode(97 + numbers.whole(26))).join("");
