// How each component goes, from what was measured just now and how the last tries ended. Pure.
import type { Component } from "@logwatch/events/api";
import type { CoverageRange } from "../../storage/coverage.ts";
import type { NotificationRecord } from "../../storage/notifications.ts";

/** One call of a part, made to see how it goes. `tookMs` null: it failed. Undefined: there is no way to call it here. */
export type Measured = { tookMs: number | null } | undefined;

/** Longer than this and people feel it. */
const slowMs = 500;

type Part = "database" | "redis" | "bus";
const names: Record<Part, string> = { database: "Database", redis: "Redis", bus: "Event bus" };

/** A part of the instance, as it answered. */
export const partOf = (kind: Part, measured: Measured): Omit<Component, "since"> => {
  const part = { kind, id: kind, name: names[kind] };
  if (!measured) return { ...part, state: "unknown", detail: "Not measured here." };
  if (measured.tookMs === null) return { ...part, state: "down", detail: "It does not answer." };
  const isSlow = measured.tookMs > slowMs;
  return { ...part, state: isSlow ? "slow" : "up", detail: isSlow ? `It took ${Math.round(measured.tookMs)} ms.` : "" };
};

/** What this process saw of a component before: since when it is as it is. */
export type Seen = Map<string, { state: Component["state"]; since: number }>;

/** With since when it is so, as far as this process saw; what it sees now is remembered in `seen`. */
export const withSince = (part: Omit<Component, "since">, seen: Seen, now: number): Component => {
  const key = `${part.kind} ${part.id}`;
  const before = seen.get(key);
  const since = before?.state === part.state ? before.since : now;
  seen.set(key, { state: part.state, since });
  // Nobody knows how long it was so when it was looked at first.
  return { ...part, since: before === undefined || part.state === "unknown" ? null : since };
};

/** `newest`: the last range of the ledger of every job on the source. The latest answer or failure of any of them says how it goes. */
export const sourceOf = (id: string, name: string, newest: readonly CoverageRange[]): Component => {
  const source = { kind: "source" as const, id, name };
  const asked = newest.filter((range) => range.state !== "missing");
  const latest = asked.reduce<CoverageRange | undefined>(
    (last, one) => (last && last.to >= one.to ? last : one),
    undefined,
  );
  if (!latest) return { ...source, state: "unknown", since: null, detail: "No job has asked it yet." };
  if (latest.state !== "failed") return { ...source, state: "up", since: latest.from, detail: "" };
  // The kind alone: words of a failure may name hosts.
  const [kind = ""] = latest.reason.split(":");
  return { ...source, state: "down", since: latest.from, detail: `The last question failed: ${kind}.` };
};

/** `ended`: what was sent or failed lately, newest first. */
export const channelOf = (id: string, ended: readonly NotificationRecord[]): Component => {
  const channel = { kind: "channel" as const, id, name: id };
  const mine = ended.filter((one) => one.channel === id);
  const [latest] = mine;
  if (!latest) return { ...channel, state: "unknown", since: null, detail: "Nothing was sent lately." };
  const turn = mine.findIndex((one) => one.state !== latest.state);
  const first = mine.at(turn === -1 ? -1 : turn - 1) ?? latest;
  const since = first.sentAt ?? first.createdAt;
  if (latest.state === "sent") return { ...channel, state: "up", since, detail: "" };
  const [kind = ""] = latest.reason.split(":");
  return { ...channel, state: "down", since, detail: `The last message failed: ${kind}.` };
};

const worst = ["down", "slow"] as const;
/** As the worst of them. */
export const overall = (parts: readonly Pick<Component, "state">[]): "up" | "slow" | "down" =>
  worst.find((state) => parts.some((part) => part.state === state)) ?? "up";
