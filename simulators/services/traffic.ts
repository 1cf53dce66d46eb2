// Live traffic of the three services, second by second, with attacks in turn; and some quiet past so that charts are not empty.
import type { LogEntry } from "@logwatch/events";
import { type Gelf, gelfMessages } from "../gelf.ts";
import { type Attack, type AttackName, attackEntries, attackNames, isSilenced } from "./attacks.ts";
import { auth } from "./auth.ts";
import { dns } from "./dns.ts";
import { firewall } from "./firewall.ts";
import { truthMinutes, writeTruth } from "./truth.ts";

export type TrafficOptions = {
  gelf: Gelf;
  seed: string | number;
  truthFile: string;
  now: () => number;
  /** The demo's own when absent. */
  attacks?: readonly Attack[];
  /** Messages a second at noon, all services together; 2 when absent. */
  ratePerSecond?: number;
  /** Told of each step that could not be sent; its entries are lost, and are not in the truth. */
  onProblem: (error: unknown) => void;
};
export type Traffic = { stop: () => Promise<void> };

const baseRate = 2;
const stepMs = 1000;
const minuteMs = 60_000;
/** After a laptop slept, the missed traffic is not made up for. */
const maxStepMs = 60_000;
const maxBackfill = 2000;

/** Begins with a brute force, so that a newcomer soon has mail; the others follow every few minutes. */
export const demoPlan = (start: number): Attack[] => {
  const at = (name: AttackName, afterMs: number, lastsMs: number): Attack => ({
    name,
    service: attackNames[name],
    from: start + afterMs,
    to: start + afterMs + lastsMs,
  });
  return [
    at("brute-force", 20_000, 90_000),
    at("nxdomain-burst", 5 * minuteMs, 2 * minuteMs),
    at("port-scan", 10 * minuteMs, 90_000),
    at("password-spray", 15 * minuteMs, 3 * minuteMs),
    at("slow-brute-force", 20 * minuteMs, 20 * minuteMs),
    at("fail-then-success", 42 * minuteMs, minuteMs),
    at("silence", 46 * minuteMs, 7 * minuteMs),
  ];
};

export const startTraffic = (options: TrafficOptions): Traffic => {
  const { gelf, seed, truthFile, now, onProblem } = options;
  const begun = now();
  const attacks = options.attacks ?? demoPlan(begun);
  const scale = (options.ratePerSecond ?? baseRate) / baseRate;
  const done = new Map<Attack, { sent: LogEntry[]; removed: LogEntry[] }>();
  let cursor = begun;
  let running = Promise.resolve();
  const flush = () => {
    for (const [attack, { sent, removed }] of done) writeTruth(truthFile, truthMinutes(attack, sent, removed));
    done.clear();
  };
  const step = async () => {
    const to = now();
    const from = Math.max(cursor, to - maxStepMs);
    if (to <= from) return;
    if (Math.floor(to / minuteMs) !== Math.floor(cursor / minuteMs)) flush();
    cursor = to;
    const quiet = traffic(seed, from, to, scale);
    const waves = attacks.map((attack) => ({ attack, sent: attackEntries(attack, seed, from, to) }));
    const all = [...quiet, ...waves.flatMap(({ sent }) => sent)].sort((a, b) => a.at - b.at);
    await gelf.send(all.filter((entry) => !isSilenced(entry, attacks)).flatMap(gelfMessages));
    for (const attack of attacks.filter((one) => one.from >= from && one.from < to))
      writeTruth(truthFile, [{ began: attack.name, ...attack }]);
    for (const { attack, sent } of waves) {
      const kept = sent.filter((entry) => !isSilenced(entry, attacks));
      const removed = attack.name === "silence" ? all.filter((entry) => isSilenced(entry, [attack])) : [];
      if (kept.length + removed.length === 0) continue;
      const known = done.get(attack) ?? { sent: [], removed: [] };
      known.sent.push(...kept);
      known.removed.push(...removed);
      done.set(attack, known);
    }
  };
  const timer = setInterval(() => {
    running = running.then(step).catch(onProblem);
  }, stepMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
      flush();
    },
  };
};

/** Sends the quiet traffic of the last minutes, at most the newest 2,000 messages; says how many. */
export const backfill = async (
  { gelf, seed, now }: Pick<TrafficOptions, "gelf" | "seed" | "now">,
  { minutes }: { minutes: number },
): Promise<number> => {
  const to = now();
  const messages = traffic(seed, to - minutes * minuteMs, to, 1)
    .flatMap(gelfMessages)
    .slice(-maxBackfill);
  await gelf.send(messages);
  return messages.length;
};

const traffic = (seed: string | number, from: number, to: number, scale: number): LogEntry[] =>
  [auth, dns, firewall].flatMap((one) => one({ seed, from, to, scale })).sort((a, b) => a.at - b.at);
