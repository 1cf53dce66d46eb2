// Notify step: which changes of an update are not told, because a silence hides them or somebody has taken the alert on. Pure.
// A redelivered update is decided as it was, whatever has become of silences meanwhile.
import type { AlertChange, AlertUpdate } from "@logwatch/events";
import { hiddenBy, type Silence } from "../storage/silences.ts";
import { isRelease, lookAgainAt, type Obstacles, type Untold, type Withheld } from "../storage/withheld.ts";

/** What becomes of one update. */
export type Decision = {
  update: AlertUpdate;
  /** What is left to tell; null when nothing is. */
  rest: AlertUpdate | null;
  withheld: readonly Withheld[];
  /** False when it was decided before: then there is nothing to note. */
  isNew: boolean;
  /** Alerts nobody knew of until now. */
  known: string[];
};

/** The decisions in order, and how they leave the marks of untold alerts that they touch. */
export type Decided = { decisions: Decision[]; untold: Untold[]; forgotten: string[] };

export type DecidePorts = {
  now: number;
  /** Messages of it are owed: it was decided before, and to be told. */
  isOwed: (evaluationId: string) => boolean;
  /** Somebody is there to hear it. If nobody is, that is the reason, and no silence. */
  isHeard: (update: AlertUpdate) => boolean;
};

type Standing = {
  hidden: ReturnType<typeof hiddenBy>;
  acknowledged: ReadonlySet<string>;
  untold: Map<string, Untold>;
  decided: Map<string, readonly Withheld[]>;
  touched: Set<string>;
};

export const withholdChanges = (
  updates: readonly AlertUpdate[],
  { silences, acknowledged, untold, decided }: Obstacles,
  ports: DecidePorts,
): Decided => {
  const standing: Standing = {
    hidden: hiddenBy(silences),
    acknowledged,
    untold: new Map(untold),
    decided: new Map(decided),
    touched: new Set(),
  };
  const decisions = updates.map((update) => decide(update, standing, ports));
  const touched = [...standing.touched];
  return {
    decisions,
    untold: touched.flatMap((id) => standing.untold.get(id) ?? []),
    forgotten: touched.filter((id) => !standing.untold.has(id)),
  };
};

const decide = (update: AlertUpdate, standing: Standing, ports: DecidePorts): Decision => {
  const { evaluationId } = update;
  const before = standing.decided.get(evaluationId);
  if (before || ports.isOwed(evaluationId)) {
    const hidden = new Set(before?.map(({ alertId }) => alertId));
    const changes = update.changes.filter(({ alertId }) => !hidden.has(alertId));
    return toldBy(update, changes, before ?? [], false, standing);
  }
  const withheld: Withheld[] = [];
  const changes: AlertChange[] = [];
  for (const change of update.changes) {
    // Told, or over, since the sweep asked for it.
    if (isRelease(evaluationId) && !standing.untold.has(change.alertId)) continue;
    const reason = ports.isHeard(update) ? obstacleOf(update, change, standing) : undefined;
    if (reason === undefined) changes.push(change);
    else {
      const { alertId, kind } = change;
      withheld.push({ evaluationId, alertId, kind, ...reason.withheld, at: ports.now });
      mark(update, change, reason.silence, standing, ports.now);
    }
  }
  standing.decided.set(evaluationId, withheld);
  return toldBy(update, changes, withheld, true, standing);
};

/** Word of an alert that nobody knew of is word of its beginning. */
const toldBy = (
  update: AlertUpdate,
  changes: readonly AlertChange[],
  withheld: readonly Withheld[],
  isNew: boolean,
  { untold }: Standing,
): Decision => {
  const known = changes.map(({ alertId }) => alertId).filter((id) => untold.has(id));
  const rest = changes.map((change) => (untold.has(change.alertId) ? { ...change, kind: "opened" as const } : change));
  for (const id of known) untold.delete(id);
  return { update, rest: rest.length > 0 ? { ...update, changes: rest } : null, withheld, isNew, known };
};

type Obstacle = { withheld: Pick<Withheld, "reason" | "silenceId">; silence: Silence | undefined };

const obstacleOf = (update: AlertUpdate, change: AlertChange, standing: Standing): Obstacle | undefined => {
  const silence = standing.hidden({ ...update, ...change });
  if (silence) return { withheld: { reason: "silenced", silenceId: silence.id }, silence };
  if (change.kind === "repeat" && standing.acknowledged.has(change.alertId))
    return { withheld: { reason: "acknowledged", silenceId: null }, silence };
  // The end of what nobody knows of is no news.
  if (change.kind === "resolved" && standing.untold.has(change.alertId))
    return { withheld: { reason: "silenced", silenceId: null }, silence };
  return undefined;
};

/** A beginning that is silenced is to be told when the silence ends; an end takes the mark away. */
const mark = (
  { evaluationId, serviceId }: AlertUpdate,
  { alertId, kind }: AlertChange,
  silence: Silence | undefined,
  { untold, touched }: Standing,
  now: number,
): void => {
  if (kind === "opened" && silence) {
    const lookAt = lookAgainAt(silence, now);
    untold.set(alertId, { alertId, serviceId, evaluationId, lookAt });
    touched.add(alertId);
  }
  if (kind === "resolved" && untold.delete(alertId)) touched.add(alertId);
};
