// Alerts as people see them: one row an episode, kept by the rule states' commit, and what people say of it. Moments are epoch ms;
// those of an episode are ends of windows, not times of a clock.
import type { Labels, Severity } from "@logwatch/events";
import type { AlertEvent } from "./rule-states.ts";
import type { Withheld } from "./withheld.ts";

/** One life of one label set of one rule. A label set that was pending and never fired leaves none. */
export type Episode = {
  alertId: string;
  fingerprint: string;
  ruleId: string;
  ruleName: string;
  jobId: string;
  jobName: string;
  serviceId: string;
  serviceName: string;
  severity: Severity;
  labels: Labels;
  state: "pending" | "firing" | "resolved";
  value: number | null;
  why: string;
  /** Told changes so far. */
  sequence: number;
  /** End of the first window that breached. */
  openedAt: number;
  firedAt: number | null;
  resolvedAt: number | null;
  /** End of the window of its newest turn. */
  updatedAt: number;
  /** Some of its evidence came after its window was first judged. */
  late: boolean;
};

export type Acknowledgement = { by: string; note: string; at: number };

export type Alert = Episode & { acknowledgement: Acknowledgement | null };

/** Place in a list: behind this alert. */
export type AlertPosition = Pick<Episode, "updatedAt" | "alertId">;

export type AlertQuery = {
  serviceIds: readonly string[];
  states?: readonly Episode["state"][] | undefined;
  severities?: readonly Severity[] | undefined;
  /** Alerts that were not over before `since`, and began before `until`. */
  since?: number | undefined;
  until?: number | undefined;
  jobId?: string | undefined;
  ruleId?: string | undefined;
  before?: AlertPosition | undefined;
  limit: number;
};

/** A line of a timeline, and why it was not told when it was not. */
export type AlertLine = AlertEvent & { withheld: Pick<Withheld, "reason" | "silenceId"> | null };

export type AlertStore = {
  /** Newest turn first. */
  list: (query: AlertQuery) => Promise<Alert[]>;
  /** In any order; ids that are not there are left out. */
  find: (alertIds: readonly string[]) => Promise<Alert[]>;
  /** Newest first. */
  timeline: (alertId: string, limit: number) => Promise<AlertLine[]>;
  /**
   * Acknowledges an alert that is not over, changes the note, or (null) takes it back. `expectedAt`: when it was acknowledged as the
   * caller read it, null for not at all. False when that has changed meanwhile, or the alert is over or gone.
   */
  acknowledge: (
    alertId: string,
    acknowledgement: Acknowledgement | null,
    expectedAt: number | null,
  ) => Promise<boolean>;
  /** What fires now, newest turn first; of all services when none are named. */
  firing: (serviceIds: readonly string[] | "all", limit: number) => Promise<Alert[]>;
  /** Ends at most `limit` alerts whose rule is gone: nobody judges them any more. How many. */
  endGone: (now: number, limit: number) => Promise<number>;
  /** Deletes at most `limit` alerts that are over and had their last turn before then. How many went. */
  forget: (before: number, limit: number) => Promise<number>;
};

/** What an alert says when its rule was deleted under it. */
export const endedWithRule = (episode: Episode, now: number): Episode => ({
  ...episode,
  state: "resolved",
  why: "its rule is gone",
  resolvedAt: now,
  updatedAt: now,
});
