// What every source promises, as one suite: run against memory, against Graylog's stand-in and against a real Graylog.
// The same log is loaded into each; answers must be equal to the last message.
import type { Failure, Window } from "@logwatch/events";
import { afterAll, beforeAll, describe } from "vitest";
import type { Answer, Part, PartAnswer } from "../lib/question.ts";
import type { Result } from "../lib/result.ts";
import type { OpenedSource } from "./source.ts";
import { aboutSuite } from "./source-suite-about.ts";
import { countsSuite } from "./source-suite-counts.ts";
import { type SuiteLog, suiteLog } from "./source-suite-log.ts";
import { messagesSuite } from "./source-suite-messages.ts";

/** A source that holds the log, and how to give it up. */
export type Loaded = { source: OpenedSource; close: () => Promise<void> };

/** Ways to ask the loaded source, always within this run's own messages. `answer` asks a single part, which must succeed. */
export type Asked = {
  log: SuiteLog;
  /** When the log was loaded. */
  sent: Window;
  source: () => OpenedSource;
  ask: (filters: string[], parts: Record<string, Part>, window?: Window) => Promise<Result<Answer, Failure>>;
  answer: (filters: string[], part: Part, window?: Window) => Promise<PartAnswer>;
  count: (filters: string[], window?: Window) => Promise<number>;
};

export const sourceSuite = (name: string, load: (log: SuiteLog) => Promise<Loaded>) => {
  describe(`${name}, as a source,`, () => {
    const asked = asking(suiteLog());
    beforeAll(async () => {
      asked.sent.from = Date.now();
      asked.loaded.push(await load(asked.log));
      asked.sent.to = Date.now() + 1;
    }, 60_000);
    afterAll(async () => {
      for (const one of asked.loaded) await one.close();
    });
    countsSuite(asked);
    messagesSuite(asked);
    aboutSuite(asked);
  });
};

const asking = (log: SuiteLog): Asked & { loaded: Loaded[] } => {
  const loaded: Loaded[] = [];
  const source = () => {
    const [first] = loaded;
    if (!first) throw new Error("The log is not loaded.");
    return first.source;
  };
  const ask: Asked["ask"] = (filters, parts, window = log.window) =>
    source().ask({ filters: [log.filter, ...filters], window, parts }, new AbortController().signal);
  const answer: Asked["answer"] = async (filters, part, window) => {
    const given = await ask(filters, { one: part }, window);
    if (!given.ok) throw new Error(given.error.message);
    const { one } = given.value.parts;
    if (!one) throw new Error("The part is missing from the answer.");
    return one;
  };
  const count: Asked["count"] = async (filters, window) => {
    const given = await answer(filters, { kind: "count" }, window);
    if (given.kind !== "count") throw new Error(`A count was asked, and ${given.kind} answered.`);
    return given.count;
  };
  return { log, loaded, sent: { from: 0, to: 0 }, source, ask, answer, count };
};
