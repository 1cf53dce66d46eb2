// Rule preview: the episodes of alerts, from what evaluate commits. Holds those that are open and the first that were; counts all.
import type { AlertState, Labels } from "@logwatch/events";
import type { AlertEvent, RuleCommit } from "../../storage/rule-states.ts";
import { type Bounded, openBoundedList } from "./bounded-list.ts";

/** One episode of one label set. Moments are window ends, epoch ms. */
export type PreviewAlert = {
  ruleName: string;
  labels: Labels;
  /** At the end of the preview. `ok`: it was pending and never fired. */
  state: AlertState;
  /** Null when it fired at once. */
  pendingAt: number | null;
  /** When it first fired; null: it never did. */
  firingAt: number | null;
  resolvedAt: number | null;
  /** How often it fired within the episode: more than once when it flapped. */
  fired: number;
  /** Value and reason of the window that made it fire, or pending if it never fired. */
  value: number | null;
  why: string;
};

export type PreviewAlerts = Bounded<PreviewAlert> & {
  fired: number;
  resolved: number;
  neverFired: number;
  open: number;
};

/** `maxItems` and `maxLength` bound what is listed, not what is counted. */
export const collectAlerts = (rules: readonly { id: string; name: string }[], maxItems: number, maxLength: number) => {
  const names = new Map(rules.map((rule) => [rule.id, rule.name]));
  const list = openBoundedList<PreviewAlert>(maxItems, maxLength);
  const open = new Map<string, PreviewAlert>();
  const counts = { fired: 0, resolved: 0, neverFired: 0 };
  const follow = (event: AlertEvent): void => {
    let alert = open.get(event.fingerprint);
    if (!alert) {
      alert = begin(event, names.get(event.ruleId) ?? "");
      open.set(event.fingerprint, alert);
      list.add(alert);
    }
    turn(alert, event);
  };
  const end = (fingerprint: string): void => {
    const alert = open.get(fingerprint);
    if (!alert) return;
    open.delete(fingerprint);
    counts[alert.firingAt === null ? "neverFired" : "resolved"] += 1;
  };
  return {
    add: ({ events, upserts, removals }: RuleCommit): void => {
      for (const event of events) {
        if (event.to === "firing" && !open.get(event.fingerprint)?.fired) counts.fired += 1;
        follow(event);
      }
      // A flapping episode goes on after it was resolved: it has ended when evaluate remembers no episode any more.
      for (const one of upserts) if (one.state === "ok") end(one.fingerprint);
      for (const fingerprint of removals) end(fingerprint);
    },
    read: (): PreviewAlerts => ({ ...list.read(), ...counts, open: open.size }),
  };
};

const begin = ({ labels, value, why }: AlertEvent, ruleName: string): PreviewAlert => ({
  ruleName,
  labels,
  state: "ok",
  pendingAt: null,
  firingAt: null,
  resolvedAt: null,
  fired: 0,
  value,
  why,
});

/** The list holds the same object: what is listed keeps its later turns. */
const turn = (alert: PreviewAlert, { from, to, at, value, why }: AlertEvent): void => {
  alert.state = to;
  if (from === to) return;
  switch (to) {
    case "pending":
      alert.pendingAt = at;
      return;
    case "firing":
      if (alert.firingAt === null) Object.assign(alert, { firingAt: at, value, why });
      alert.resolvedAt = null;
      alert.fired += 1;
      return;
    case "resolved":
      alert.resolvedAt = at;
      return;
    case "ok":
      return;
  }
};
