// Notify step: the one message for all label sets that changed in one evaluation of one rule. Pure; channels escape it.
import type { AlertChange, AlertUpdate, Labels, Message } from "@logwatch/events";
import { cut } from "../lib/message-text.ts";

/** Log lines shown in one message, whatever the rule says: a message is read, not searched. */
const maxLogLines = 5;
const maxLineLength = 500;

export const composeMessage = (update: AlertUpdate, links: Message["links"] = []): Message => {
  const opened = update.changes.filter((change) => change.kind === "opened");
  const repeated = update.changes.filter((change) => change.kind === "repeat");
  const resolved = update.changes.filter((change) => change.kind === "resolved");
  const firing = [...opened, ...repeated];
  const status = opened.length > 0 ? "firing" : repeated.length > 0 ? "repeat" : "resolved";
  return {
    title: titleOf(update),
    severity: update.severity,
    status,
    lines: [
      ...listed("Firing", opened, update.maxExamples),
      ...listed("Still firing", repeated, update.maxExamples),
      ...listed("Resolved", resolved, update.maxExamples),
      ...(update.changes.some((change) => change.late)
        ? ["Late evidence: these logs arrived after their window was first judged."]
        : []),
    ],
    fields: [
      { name: "Service", value: update.serviceName },
      { name: "Job", value: update.jobName },
      { name: "Rule", value: update.ruleName },
      { name: "Severity", value: update.severity },
      { name: "Window", value: `${iso(update.window.from)} – ${iso(update.window.to)}` },
      // Of what fires: what is resolved began earlier, and is over.
      ...(firing.length > 0 ? [{ name: "Since", value: iso(Math.min(...firing.map((change) => change.since))) }] : []),
    ],
    examples:
      status === "resolved" ? [] : update.examples.slice(0, maxLogLines).map((line) => cut(line, maxLineLength)),
    links,
  };
};

/** What it is about; whether it fires or is resolved is the status, which every channel writes in its own way. */
const titleOf = (update: AlertUpdate): string => {
  const [only, ...others] = update.changes;
  const what = only && others.length === 0 ? describe(only.labels) : `${update.changes.length} label sets`;
  return `${update.ruleName} on ${update.serviceName}${what === "" ? "" : `: ${what}`}`;
};

/** One line a label set; above the cap, that many and the count of the rest. */
const listed = (word: string, changes: readonly AlertChange[], cap: number): string[] => {
  if (changes.length === 0) return [];
  const shown = changes.slice(0, cap).map((change) => {
    const what = describe(change.labels);
    return `${word}${what === "" ? "" : ` ${what}`}: ${change.why}`;
  });
  const rest = changes.length - shown.length;
  return rest > 0 ? [...shown, `… and ${rest} more (${changes.length} in all).`] : shown;
};

/** `user=root, address=192.0.2.1`; an empty value is named, not shown as nothing. */
const describe = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value === "" ? "(none)" : cut(value, 200)}`)
    .join(", ");

const iso = (ms: number): string => new Date(ms).toISOString();
