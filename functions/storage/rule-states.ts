// Rules with what evaluate remembers of each label set: alert states, told changes, recent points.
import type { AlertState, ChangeKind, Labels, Severity } from "@logwatch/events";
import type { Episode } from "./alerts.ts";

/** What a rule does when its window failed, or was answered without the measurement it watches. */
export type GapPolicy = "alert" | "ok" | "keep";

/** A rule kind with its limits and manners. Durations are ms. */
export type Rule = {
  id: string;
  jobId: string;
  name: string;
  kind: string;
  params: Record<string, unknown>;
  severity: Severity;
  /** Must breach for this long before it fires. */
  holdMs: number;
  /** Must be clear for this long before it is resolved. */
  clearAfterMs: number;
  /** Tell again while it fires; each gap is `repeatGrowth` times the last. 0: never. */
  repeatMs: number;
  repeatGrowth: number;
  tellResolved: boolean;
  onFailure: GapPolicy;
  onNoData: GapPolicy;
  /** Most label sets spelled out in one message. */
  maxExamples: number;
  /** Most label sets tracked at once; further ones are counted as `capped`. */
  maxTracked: number;
  /** This many state changes within `flappingMs` and the label set is flapping: told once, then quiet until it is steady. 0: off. */
  flappingChanges: number;
  flappingMs: number;
  destinationIds: string[];
};

/** One label set of one rule. Exists while it is not ok, or while its rule kind remembers it. Moments are epoch ms. */
export type TrackedSeries = {
  fingerprint: string;
  ruleId: string;
  labels: Labels;
  state: AlertState;
  /** The episode: `a-fingerprint@to` of the window that opened it; null while ok. */
  alertId: string | null;
  /** Ends of the windows in which the episode began, first fired and last resolved; only while there is one. */
  episode?: (Pick<Episode, "openedAt" | "firedAt" | "resolvedAt"> & { isLate?: boolean | undefined }) | undefined;
  /** End of the first breached window of the episode, moved on by gaps while pending; null while ok. */
  since: number | null;
  /** Pending by late evidence alone, behind windows judged since: further late windows go on from it, the next one in time does not. */
  isProvisional?: boolean | undefined;
  /** End of the newest breached window, moved on by gaps: time without evidence clears nothing. */
  lastBreachAt: number | null;
  /** When it was last told (opened or repeated), in window time, and how often it was repeated since; null: not told yet. */
  lastToldAt: number | null;
  repeats: number;
  /** Told changes of this episode so far. */
  sequence: number;
  /** Ends of windows in which it began or ended firing, newest last, within the flapping span. */
  turns: number[];
  value: number | null;
  why: string;
  firstSeenAt: number;
  lastSeenAt: number | null;
  /** Earlier points the rule kind asked to keep, oldest first: [window end, value]. */
  points: [number, number | null][];
};

/** `evaluatedTo`: end of the newest judged window; null before the first. */
export type RuleState = { rule: Rule; evaluatedTo: number | null; tracked: TrackedSeries[] };

/** A line of an alert's timeline. */
export type AlertEvent = {
  alertId: string;
  fingerprint: string;
  ruleId: string;
  jobId: string;
  labels: Labels;
  at: number;
  sequence: number;
  from: AlertState;
  to: AlertState;
  value: number | null;
  why: string;
  evaluationId: string;
  /** What was to be told with it; null for a turn without a word (pending, flapping). */
  told: ChangeKind | null;
  /** The evidence came after its window was first judged. */
  late: boolean;
};

/** What one evaluation of one rule leaves behind. */
export type RuleCommit = {
  ruleId: string;
  evaluationId: string;
  /** Unchanged when the evaluation was of a late revision. */
  evaluatedTo: number;
  upserts: TrackedSeries[];
  /** Fingerprints that are ok again and need not be remembered. */
  removals: string[];
  events: AlertEvent[];
  /** Alerts as the events of this commit leave them. */
  episodes: Episode[];
  /** Ids of alerts that were pending and ended without firing: nothing of them is listed. */
  unfired: string[];
};

export type RuleStateStore = {
  /** Enabled rules of enabled jobs. One call for a whole batch. */
  load: (jobIds: readonly string[]) => Promise<RuleState[]>;
  /** All or nothing per call. Never moves `evaluatedTo` backwards. Repeating a commit changes nothing. */
  commit: (commits: readonly RuleCommit[]) => Promise<void>;
  /** Alerts' timelines, newest first; of windows that end at `since` or later. */
  events: (query: { ruleId?: string; since?: number; limit: number }) => Promise<AlertEvent[]>;
  /** Deletes at most `limit` lines of timelines that happened before then. How many went. */
  forgetEvents: (before: number, limit: number) => Promise<number>;
};
