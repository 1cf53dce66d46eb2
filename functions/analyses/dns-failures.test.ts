// DNS failures by example.
import { expect, it } from "vitest";
import { query } from "../../simulators/services/dns.ts";
import { openMemory } from "../sources/memory.ts";
import { dnsFailures } from "./dns-failures.ts";
import { logged, outcomeOf, testWindow, valuesOf } from "./test-answer.ts";

const asked = (second: number, domain: string, failure?: string) => ({
  ...query(domain, "A", "10.0.0.1", failure),
  at: testWindow.from + second * 1000,
  service: "dns",
});

it("counts the names that were not found, and all queries beside them", async () => {
  const log = openMemory([
    asked(1, "a.example.com", "NXDOMAIN"),
    asked(2, "a.example.com", "NXDOMAIN"),
    asked(3, "b.example.com", "SERVFAIL"),
    asked(4, "www.example.com"),
  ]).ask;
  const outcome = await outcomeOf(log, dnsFailures);
  expect(valuesOf(outcome)).toEqual({
    dns_failures: 3,
    dns_queries: 4,
    "dns_failures_by_domain{domain=a.example.com}": 2,
    "dns_failures_by_domain{domain=b.example.com}": 1,
    "dns_failures_by_reason{reason=NXDOMAIN}": 2,
    "dns_failures_by_reason{reason=SERVFAIL}": 1,
  });
  expect(outcome.examples[0]).toContain("b.example.com");
});

it.each([
  ["a status of failure without a reason", { status: "FAILURE" }, 1],
  ["a reason without a status", { reason: "TIMEOUT" }, 1],
  ["a reason with a status of its own", { reason: "TIMEOUT", status: "timeout" }, 1],
  ["success, though it gives a reason", { reason: "cached", status: "success" }, 0],
  ["the reason NOERROR", { reason: "NOERROR" }, 0],
  ["neither", {}, 0],
])("%s: counted as it should be", async (_what, fields, failures) => {
  const log = openMemory([logged(1, "dns", { queried_domain: "example.com", ...fields })]).ask;
  expect(valuesOf(await outcomeOf(log, dnsFailures))).toMatchObject({ dns_failures: failures, dns_queries: 1 });
});

it("reads logs with the names of the Elastic Common Schema", async () => {
  const log = openMemory([
    logged(1, "zeek", {
      "dns.question.name": "x.example.com",
      "dns.response_code": "NXDOMAIN",
      "event.outcome": "failure",
    }),
    logged(2, "zeek", {
      "dns.question.name": "example.com",
      "dns.response_code": "NOERROR",
      "event.outcome": "success",
    }),
  ]).ask;
  const params = {
    domainField: "dns.question.name",
    reasonField: "dns.response_code",
    filter: "event.outcome:failure",
  };
  expect(valuesOf(await outcomeOf(log, dnsFailures, params))).toEqual({
    dns_failures: 1,
    dns_queries: 2,
    "dns_failures_by_domain{domain=x.example.com}": 1,
    "dns_failures_by_reason{reason=NXDOMAIN}": 1,
  });
});
