// Draws the flow as text, from the same data that the runner routes by: the picture in the README is this one, or a test fails.
import { flow, type Topic } from "./flow.ts";

/** What lies before and behind the topics: who starts the flow, and where each step writes. */
const ends: Record<string, string> = {
  snapshot: "Redis: the newest result of each job",
  archive: "Aurora: measurements, coverage",
  evaluate: "rules judged, alert states",
  notify: "who hears it, and why others do not",
  deliver: "one Lambda a channel: SES, Slack",
  analyze: "asks the log store",
};

const width = 30;

/** A topic a line, its readers below it; the line of a step that makes another topic says so. */
export const drawFlow = (): string => {
  const lines = ["EventBridge, every minute", "   └► schedule   claims slots, each published at its second"];
  for (const [name, topic] of Object.entries<Topic>(flow)) {
    lines.push(`      ═ ${name} ═  from ${topic.producers.join(", ")}; in order per ${topic.key}`);
    topic.consumers.forEach((consumer, index) => {
      const corner = index === topic.consumers.length - 1 ? "└" : "├";
      const batch = `${consumer.batchSize} a batch, ${consumer.batchingWindowMs} ms, ${consumer.retries} retries`;
      lines.push(
        `         ${corner}► ${consumer.step.padEnd(10)}${(ends[consumer.step] ?? "").padEnd(width + 8)}(${batch})`,
      );
    });
  }
  return lines.join("\n");
};
