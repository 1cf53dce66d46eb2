// The largest result each analysis can give, as whoever writes logs would make it, fits into one record of the bus.
import type { Window } from "@logwatch/events";
import { describe, expect, it } from "vitest";
import * as analyses from "../analyses/index.ts";
import { encodeEvent } from "../lib/emit.ts";
import type { Part, PartAnswer } from "../lib/question.ts";
import { fitEvent } from "./fit-event.ts";

/** What Kafka takes, less what it adds. */
const maxRecordBytes = 1_000_000;
const day = 86_400_000;
const window: Window = { from: 0, to: 7 * day };

const longName = "n".repeat(80);
const settings = { maxGroups: 10_000, by: "username", byUserAndAddress: true, every: "1s", maxExamples: 20 };

/** As many groups, points and lines as were asked for, each key long and made of this text. */
const fullAnswer = (part: Part, text: string): PartAnswer => {
  const key = (at: number) => `${at}${text.repeat(1000)}`;
  switch (part.kind) {
    case "count":
      return { kind: "count", count: 1_000_000 };
    case "terms": {
      const rows = Array.from({ length: part.limit }, (_, at) => ({ keys: part.by.map(() => key(at)), count: 1 + at }));
      return { kind: "terms", rows: rows.reverse(), truncated: false };
    }
    case "histogram": {
      const count = (window.to - window.from) / part.everyMs;
      const points = Array.from({ length: count }, (_, at) => ({ at: at * part.everyMs, value: 1_000_000 }));
      const keys = part.by === undefined ? [null] : Array.from({ length: part.limit ?? 0 }, (_, at) => key(at));
      return { kind: "histogram", series: keys.map((own) => ({ key: own, points })), truncated: false };
    }
    case "stats":
      return { kind: "stats", values: {} };
    case "messages": {
      const entry = { at: 0, service: "", host: "", level: null, message: text.repeat(10_000), fields: {} };
      return { kind: "messages", entries: new Array(part.limit).fill(entry), next: null };
    }
  }
};

describe.each(Object.values(analyses).map((one) => [one.id, one] as const))("the analysis %s", (_id, analysis) => {
  const known = Object.entries(settings).filter(
    ([param, value]) => analysis.params.safeParse({ [param]: value }).success,
  );
  const params = Object.fromEntries(known);

  it.each(["a", "語", "😀", "\u0000", '"', "\ud800"])("with 10,000 long values made of %j", (text) => {
    const { parts } = analysis.question(params, window);
    const answers = Object.entries(parts).map(([name, part]): [string, PartAnswer] => [name, fullAnswer(part, text)]);
    const outcome = analysis.measure({ parts: Object.fromEntries(answers), truncated: false }, params, window);
    const fitted = fitEvent(outcome);
    const data = {
      ...fitted,
      slotId: `${longName}/${longName}@0`,
      jobId: `${longName}/${longName}`,
      jobName: longName,
      analysis: analysis.id,
      serviceId: `${longName}/${longName}`,
      serviceName: longName,
      window,
      everyMs: 1000,
      delayMs: 0,
      revision: 0,
      reason: "due" as const,
      outcome: "complete" as const,
      failure: null,
      finishedAt: 0,
    };
    const event = { id: data.slotId, type: "analysis.finished" as const, at: 0, cause: "x", data };
    const { key, value } = encodeEvent("logwatch.analysis.finished", { key: data.jobId, event });
    expect(Buffer.byteLength(key + value)).toBeLessThan(maxRecordBytes);
    const dropped = outcome.measurements.filter((one) => !fitted.measurements.includes(one)).map(({ name }) => name);
    expect(fitted.truncated.sort()).toEqual([...new Set(dropped)].sort());
  });
});
