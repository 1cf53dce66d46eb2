// Analysis: how dangerous the traffic is that a firewall saw, over which protocols the dangerous part came, and what was done.
import * as z from "zod";
import { quote } from "../lib/lucene.ts";
import type { Part } from "../lib/question.ts";
import { defineAnalysis } from "./analysis.ts";
import { countIn, cutIn, examplesIn, groupsIn } from "./answer-parts.ts";
import { labelClauses } from "./evidence.ts";
import { bars, counted, countedGroups, mostRows, stat, table } from "./measured.ts";
import { casesOf, fieldParam, filterParam, maxGroupsParam } from "./params.ts";

// Each level is written in four cases, and a filter has 4,096 characters at most.
const mostLevels = 10;
const longestLevel = 40;

const params = z.strictObject({
  filter: filterParam("*", {
    title: "Traffic",
    description: "Which of the service's logs are looked at, in the source's query language.",
  }),
  levelField: fieldParam("threat_level", {
    title: "Threat level field",
    description: "Field that holds how dangerous it is; logs without it are not counted.",
  }),
  protocolField: fieldParam("protocol", { title: "Protocol field", description: "Field that holds the protocol." }),
  actionField: fieldParam("action_taken", {
    title: "Action field",
    description: "Field that holds what the firewall did.",
  }),
  highLevels: z
    .array(z.string().trim().min(1).max(longestLevel))
    .min(1)
    .max(mostLevels)
    .default(["high", "critical"])
    .meta({ title: "High levels", description: "Levels that count as high, whatever their case." }),
  maxGroups: maxGroupsParam(),
});

const exampleCount = 5;

const highFilter = (levelField: string, levels: readonly string[]): string =>
  `${levelField}:(${levels.flatMap(casesOf).map(quote).join(" OR ")})`;

export const threatProtocols = defineAnalysis({
  id: "threat-protocols",
  title: "Threats by protocol",
  description: "How many threats a firewall saw, by level; the high ones by protocol and by action.",
  params,
  measures: () => ({
    high_threats: [],
    threats_by_level: ["level"],
    high_threats_by_protocol: ["protocol"],
    high_threats_by_action: ["action"],
  }),
  question: ({ filter, levelField, protocolField, actionField, highLevels, maxGroups }) => {
    const isHigh = highFilter(levelField, highLevels);
    const high = (by: string[], limit = maxGroups): Part => ({ kind: "terms", by, limit, filter: isHigh });
    return {
      filter,
      parts: {
        levels: { kind: "terms", by: [levelField], limit: maxGroups, filter: `_exists_:${levelField}` },
        high: { kind: "count", filter: isHigh },
        protocols: high([protocolField]),
        actions: high([actionField]),
        // For the table alone: no measurement is read from it.
        combinations: high([protocolField, actionField], mostRows),
        examples: { kind: "messages", limit: exampleCount, fields: [], filter: isHigh },
      },
    };
  },
  measure: (answer) => {
    const high = countIn(answer, "high");
    const levels = groupsIn(answer, "levels");
    const protocols = groupsIn(answer, "protocols");
    const actions = groupsIn(answer, "actions");
    return {
      measurements: [
        counted("high_threats", high),
        ...countedGroups("threats_by_level", ["level"], levels),
        ...countedGroups("high_threats_by_protocol", ["protocol"], protocols),
        ...countedGroups("high_threats_by_action", ["action"], actions),
      ],
      views: [
        stat("High threats", high),
        bars("By level", levels),
        bars("High threats by protocol", protocols),
        bars("High threats by action", actions),
        table("Which protocol, what was done", ["protocol", "action"], groupsIn(answer, "combinations")),
      ],
      examples: examplesIn(answer, "examples"),
      truncated: cutIn(answer, {
        levels: "threats_by_level",
        protocols: "high_threats_by_protocol",
        actions: "high_threats_by_action",
      }),
    };
  },
  evidence: ({ filter, levelField, protocolField, actionField, highLevels }, { name, labels }) => [
    filter,
    name === "threats_by_level" ? `_exists_:${levelField}` : highFilter(levelField, highLevels),
    ...labelClauses({ level: levelField, protocol: protocolField, action: actionField }, labels),
  ],
});
