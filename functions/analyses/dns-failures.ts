// Analysis: which names could not be resolved, and why.
import * as z from "zod";
import type { Part } from "../lib/question.ts";
import { defineAnalysis } from "./analysis.ts";
import { countIn, cutIn, examplesIn, groupsIn } from "./answer-parts.ts";
import { labelClauses } from "./evidence.ts";
import { bars, counted, countedGroups, mostRows, stat, table } from "./measured.ts";
import { anyCase, failureWords, fieldParam, filterParam, maxGroupsParam } from "./params.ts";

// A query failed when its status says so, or when it gives a reason and nothing says that it went well.
const wentWell = anyCase(["success", "succeeded", "successful", "ok", "resolved"]);
const byReason = `_exists_:reason AND NOT status:(${wentWell}) AND NOT reason:(${anyCase(["noerror"])})`;

const params = z.strictObject({
  filter: filterParam(`_exists_:queried_domain AND (status:(${failureWords}) OR (${byReason}))`, {
    title: "DNS failures",
    description: "Which logs are queries that failed, in the source's query language.",
  }),
  queries: filterParam("_exists_:queried_domain OR _exists_:dns.question.name", {
    title: "All queries",
    description: "Which logs are queries, failed or not: the measurement `dns_queries`.",
  }),
  domainField: fieldParam("queried_domain", {
    title: "Domain field",
    description: "Field that holds the name that was asked for.",
  }),
  reasonField: fieldParam("reason", {
    title: "Reason field",
    description: "Field that holds why it failed, e.g. `NXDOMAIN`.",
  }),
  maxGroups: maxGroupsParam(),
});

const exampleCount = 5;

export const dnsFailures = defineAnalysis({
  id: "dns-failures",
  title: "DNS failures",
  description: "How many names could not be resolved, by name and by reason.",
  params,
  measures: () => ({
    dns_failures: [],
    dns_queries: [],
    dns_failures_by_domain: ["domain"],
    dns_failures_by_reason: ["reason"],
  }),
  question: ({ filter, queries, domainField, reasonField, maxGroups }) => {
    const terms = (by: string[], limit = maxGroups): Part => ({ kind: "terms", by, limit, filter });
    return {
      parts: {
        queries: { kind: "count", filter: queries },
        failed: { kind: "count", filter },
        domains: terms([domainField]),
        reasons: terms([reasonField]),
        // For the table alone: no measurement is read from it.
        combinations: terms([domainField, reasonField], mostRows),
        examples: { kind: "messages", limit: exampleCount, fields: [], filter },
      },
    };
  },
  measure: (answer) => {
    const failed = countIn(answer, "failed");
    const domains = groupsIn(answer, "domains");
    const reasons = groupsIn(answer, "reasons");
    return {
      measurements: [
        counted("dns_failures", failed),
        counted("dns_queries", countIn(answer, "queries")),
        ...countedGroups("dns_failures_by_domain", ["domain"], domains),
        ...countedGroups("dns_failures_by_reason", ["reason"], reasons),
      ],
      views: [
        stat("DNS failures", failed),
        bars("By reason", reasons),
        bars("By domain", domains),
        table("Which name, why", ["domain", "reason"], groupsIn(answer, "combinations")),
      ],
      examples: examplesIn(answer, "examples"),
      truncated: cutIn(answer, { domains: "dns_failures_by_domain", reasons: "dns_failures_by_reason" }),
    };
  },
  evidence: ({ filter, queries, domainField, reasonField }, { name, labels }) => [
    name === "dns_queries" ? queries : filter,
    ...labelClauses({ domain: domainField, reason: reasonField }, labels),
  ],
});
