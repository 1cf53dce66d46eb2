// Late logs in Graylog: counts by the time of receipt, which Graylog stores since 6.0.
import type { Failure, Window } from "@logwatch/events";
import * as z from "zod";
import type { AskArrivals, Part } from "../lib/question.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { type AskSettings, askParts } from "./graylog-ask.ts";
import type { Converse } from "./graylog-client.ts";
import { graylogQuery } from "./graylog-query.ts";
import { badQuery } from "./joined-filter.ts";

const systemAnswer = z.object({ version: z.string() });

/** The first version that stores the time of receipt; an older one would find nothing and not say why. */
const firstMajor = 6;

export const graylogArrivals = (
  converseWithin: (signal: AbortSignal) => Converse,
  settings: AskSettings,
): AskArrivals => {
  let storesReceipt = false;
  return async ({ filters, received, happened, everyMs }, signal) => {
    const converse = converseWithin(signal);
    if (!storesReceipt) {
      const checked = await checkVersion(converse);
      if (!checked.ok) return checked;
      storesReceipt = true;
    }
    const joined = graylogQuery(filters);
    if (!joined.ok) return joined;
    const part: Part = { kind: "histogram", everyMs };
    const answer = await askParts(converse, settings, [{ part, query: receivedIn(joined.value, received) }], happened);
    if (!answer.ok) return answer;
    const [histogram] = answer.value;
    if (histogram?.kind !== "histogram") throw new Error("A histogram was asked and not answered.");
    const points = histogram.series[0]?.points ?? [];
    return ok(points.filter(({ value }) => value > 0).map(({ at, value }) => ({ at, count: value })));
  };
};

const checkVersion = async (converse: Converse): Promise<Result<true, Failure>> => {
  const system = await converse({ method: "GET", path: "system" }, systemAnswer);
  if (!system.ok) return system;
  const major = Number.parseInt(system.value.version, 10);
  if (major >= firstMajor) return ok(true);
  return fail(
    badQuery(`Graylog ${system.value.version.slice(0, 20)} does not store when a message arrived; 6.0 does.`),
  );
};

/** The joined filter stands on its own, so brackets around it keep it apart. Inside a query Graylog takes no ISO time. */
const receivedIn = (filter: string, { from, to }: Window): string =>
  `(${filter}) AND gl2_receive_timestamp:["${graylogTime(from)}" TO "${graylogTime(to)}"}`;

const graylogTime = (at: number): string => new Date(at).toISOString().replace("T", " ").replace("Z", "");
