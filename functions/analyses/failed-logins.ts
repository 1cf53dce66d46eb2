// Analysis: who failed to sign in, from where, and why. Counts are made in the log store; log lines are only examples.
import * as z from "zod";
import type { Part } from "../lib/question.ts";
import { defineAnalysis } from "./analysis.ts";
import { countIn, cutIn, examplesIn, groupsIn } from "./answer-parts.ts";
import { labelClauses } from "./evidence.ts";
import { failedLoginFilter, loginFilter, reasonField, userAddressField, userField } from "./login-params.ts";
import { bars, counted, countedGroups, mostRows, stat, table } from "./measured.ts";
import { maxGroupsParam } from "./params.ts";

const params = z.strictObject({
  filter: failedLoginFilter(),
  logins: loginFilter(),
  userField: userField(),
  addressField: userAddressField(),
  reasonField: reasonField(),
  byUserAndAddress: z.boolean().default(false).meta({
    title: "By user and address",
    description: "Also measures every pair of a user and an address.",
  }),
  maxGroups: maxGroupsParam(),
});

const exampleCount = 5;

export const failedLogins = defineAnalysis({
  id: "failed-logins",
  title: "Failed logins",
  description: "How many sign-ins failed, by user, by address and by reason.",
  params,
  measures: ({ byUserAndAddress }) => ({
    failed_logins: [],
    logins: [],
    failed_logins_by_user: ["user"],
    failed_logins_by_address: ["address"],
    failed_logins_by_reason: ["reason"],
    ...(byUserAndAddress ? { failed_logins_by_user_and_address: ["user", "address"] } : {}),
  }),
  // No filter for the whole question: failures and all sign-ins are two sets, and either may be the wider one.
  question: ({ filter, logins, userField, addressField, reasonField, byUserAndAddress, maxGroups }) => {
    const terms = (by: string[], limit = maxGroups): Part => ({ kind: "terms", by, limit, filter });
    return {
      parts: {
        logins: { kind: "count", filter: logins },
        failed: { kind: "count", filter },
        users: terms([userField]),
        addresses: terms([addressField]),
        reasons: terms([reasonField]),
        ...(byUserAndAddress ? { pairs: terms([userField, addressField]) } : {}),
        // For the table alone: no measurement is read from it.
        combinations: terms([userField, addressField, reasonField], mostRows),
        examples: { kind: "messages", limit: exampleCount, fields: [], filter },
      },
    };
  },
  measure: (answer, { byUserAndAddress }) => {
    const failed = countIn(answer, "failed");
    const users = groupsIn(answer, "users");
    const addresses = groupsIn(answer, "addresses");
    const reasons = groupsIn(answer, "reasons");
    return {
      measurements: [
        counted("failed_logins", failed),
        counted("logins", countIn(answer, "logins")),
        ...countedGroups("failed_logins_by_user", ["user"], users),
        ...countedGroups("failed_logins_by_address", ["address"], addresses),
        ...countedGroups("failed_logins_by_reason", ["reason"], reasons),
        ...(byUserAndAddress
          ? countedGroups("failed_logins_by_user_and_address", ["user", "address"], groupsIn(answer, "pairs"))
          : []),
      ],
      views: [
        stat("Failed logins", failed),
        bars("By user", users),
        bars("By address", addresses),
        bars("By reason", reasons),
        table("Who, from where, why", ["user", "address", "reason"], groupsIn(answer, "combinations")),
      ],
      examples: examplesIn(answer, "examples"),
      truncated: cutIn(answer, {
        users: "failed_logins_by_user",
        addresses: "failed_logins_by_address",
        reasons: "failed_logins_by_reason",
        ...(byUserAndAddress ? { pairs: "failed_logins_by_user_and_address" } : {}),
      }),
    };
  },
  evidence: ({ filter, logins, userField, addressField, reasonField }, { name, labels }) => [
    name === "logins" ? logins : filter,
    ...labelClauses({ user: userField, address: addressField, reason: reasonField }, labels),
  ],
});
