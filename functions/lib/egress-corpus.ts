// For the test of the egress guard: addresses that users, attackers and name servers come up with, and what must become of each.
// Names lead to a public address unless a case says where.
import { addressCases } from "./egress-corpus-address.ts";
import { listCases } from "./egress-corpus-list.ts";
import { shapeCases } from "./egress-corpus-shape.ts";
import type { EgressKind } from "./egress-failure.ts";

export type EgressCase = [url: string, expected: "allowed" | EgressKind, leadsTo?: readonly string[]];
export type EgressCases = {
  why: string;
  /** ALLOWED_SOURCE_HOSTS; or Slack's hosts. */
  list: string;
  isSlack?: boolean;
  cases: readonly EgressCase[];
};

export const egressCorpus: readonly EgressCases[] = [...shapeCases, ...addressCases, ...listCases];
