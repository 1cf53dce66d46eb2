// What notify did not tell because of a silence or an acknowledgement, decided once; and which alerts nobody has been told of yet.
// Moments are epoch ms of the clock.
import type { ChangeKind } from "@logwatch/events";
import { digest } from "../lib/labels.ts";
import type { Episode } from "./alerts.ts";
import type { AlertEvent, Rule } from "./rule-states.ts";
import type { Silence } from "./silences.ts";

export const withheldReasons = ["silenced", "acknowledged"] as const;

/** One change of one update that was not told. */
export type Withheld = {
  evaluationId: string;
  alertId: string;
  kind: ChangeKind;
  reason: (typeof withheldReasons)[number];
  /** Null for what was acknowledged, and for the end of an alert that nobody had been told of. */
  silenceId: string | null;
  at: number;
};

/** An alert whose beginning was silenced: nobody knows of it. */
export type Untold = {
  alertId: string;
  serviceId: string;
  /** The update that would have told it. */
  evaluationId: string;
  /** When to look whether a silence still hides it. */
  lookAt: number;
};

/** Everything that may keep the changes of a batch of updates from being told, in one look. */
export type Obstacles = {
  silences: Silence[];
  acknowledged: ReadonlySet<string>;
  untold: ReadonlyMap<string, Untold>;
  /** What was decided before, by evaluation: a redelivered update is decided as it was. */
  decided: ReadonlyMap<string, readonly Withheld[]>;
};

export type ObstacleQuery = {
  serviceIds: readonly string[];
  alertIds: readonly string[];
  evaluationIds: readonly string[];
  now: number;
};

/** An untold alert that fires, is not acknowledged, and whose time to look at has come; with its rule as it is now. */
export type DueUntold = { untold: Untold; episode: Episode; rule: Rule };

export type WithheldStore = {
  /** One statement for a usual batch. */
  obstacles: (query: ObstacleQuery) => Promise<Obstacles>;
  /** Notes what is withheld, marks alerts as untold, and takes such marks away; all or nothing. */
  record: (decision: {
    withheld: readonly Withheld[];
    untold: readonly Untold[];
    forgotten: readonly string[];
  }) => Promise<void>;
  /** The alerts have been told after all, and their timelines say so. */
  told: (alertIds: readonly string[], events: readonly AlertEvent[]) => Promise<void>;
  /** Longest due first. */
  due: (now: number, limit: number) => Promise<DueUntold[]>;
  /** Writes when to look again; a mark that was made anew or is gone stays as it is. */
  postpone: (untold: readonly Untold[]) => Promise<void>;
  /** Deletes at most `limit` decisions made before then, and marks of alerts that are over since then. How many went. */
  forget: (before: number, limit: number) => Promise<number>;
};

/** Decisions by the evaluation they belong to. */
export const decidedBefore = (withheld: readonly Withheld[]): Map<string, Withheld[]> => {
  const decided = new Map<string, Withheld[]>();
  for (const one of withheld) {
    const known = decided.get(one.evaluationId);
    if (known) known.push(one);
    else decided.set(one.evaluationId, [one]);
  }
  return decided;
};

/** No rule's id begins so: ids come from names, and a name's mark is never a colon. */
const releaseMark = "silence-ended:";

/** The evaluation id of the update that tells, at the end of their silences, of alerts that nobody knows of: the same for the same alerts. */
export const releaseIdOf = (untold: readonly Pick<Untold, "alertId" | "evaluationId">[]): string =>
  `${releaseMark}${digest(JSON.stringify(untold.map(({ alertId, evaluationId }) => [alertId, evaluationId]).sort()))}`;

/** True of an update that tells what was in the books before: its findings are counted already, as silenced. */
export const isRelease = (evaluationId: string): boolean => evaluationId.startsWith(releaseMark);

/** A silence may be changed while it is read: what it hides is looked at again at least this often. */
const longestLookMs = 600_000;

/** When to look whether this silence still hides what it hides now. */
export const lookAgainAt = ({ endsAt }: Pick<Silence, "endsAt">, now: number): number =>
  Math.min(endsAt, now + longestLookMs);
