// For the suite of sources: puts a log into a Graylog by GELF and waits until all of it can be found.
import { setTimeout as sleep } from "node:timers/promises";
import { storedField } from "../lib/lucene.ts";
import { graylog } from "./graylog.ts";
import type { OpenedSource, SourceOutside } from "./source.ts";
import type { SuiteLog } from "./source-suite-log.ts";
import { toLoopback } from "./test-fetch.ts";

/** `gelfUrl` takes GELF over HTTP; `settings` open the source. */
export const loadGraylog = async (
  log: SuiteLog,
  gelfUrl: string,
  settings: object,
  outside: SourceOutside = toLoopback,
): Promise<OpenedSource> => {
  for (const { at, service, host, level, message, fields } of log.entries) {
    const added = Object.entries({ service, ...fields }).map(([name, value]) => [`_${storedField(name)}`, value]);
    const gelf = {
      version: "1.1",
      host,
      short_message: message,
      timestamp: at / 1000,
      level,
      ...Object.fromEntries(added),
    };
    const sent = await fetch(gelfUrl, { method: "POST", body: JSON.stringify(gelf) });
    if (sent.status !== 202) throw new Error(`GELF was answered with ${sent.status}.`);
    await sent.arrayBuffer();
  }
  const source = graylog.open(settings, outside);
  const until = Date.now() + 45_000;
  const all = { from: log.window.from - 1, to: log.window.to + 1 };
  for (;;) {
    const question = { filters: [log.filter], window: all, parts: { all: { kind: "count" as const } } };
    const answer = await source.ask(question, AbortSignal.timeout(10_000));
    if (!answer.ok) throw new Error(answer.error.message);
    const { all: found } = answer.value.parts;
    if (found?.kind === "count" && found.count === log.entries.length) return source;
    if (Date.now() > until) throw new Error(`Of ${log.entries.length} messages ${JSON.stringify(found)} can be found.`);
    await sleep(100);
  }
};
