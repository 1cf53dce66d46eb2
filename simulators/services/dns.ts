// The simulated resolver: which name was asked for, by whom, and what became of it.
import type { LogEntry } from "@logwatch/events";
import { privateAddress } from "./population.ts";
import { service } from "./span.ts";

const hosts = ["www", "mail", "api", "cdn", "login", "files", "wiki", "updates"] as const;
const zones = ["example.com", "example.org", "example.net"] as const;
const types = ["A", "A", "A", "AAAA", "AAAA", "MX", "TXT", "PTR"] as const;
const reasons = ["NXDOMAIN", "NXDOMAIN", "SERVFAIL", "TIMEOUT", "REFUSED"] as const;

export const dns = service("dns", 1, (_at, numbers) => {
  const domain = `${numbers.pick(hosts)}.${numbers.pick(zones)}`;
  const failure = numbers.chance(0.03) ? numbers.pick(reasons) : undefined;
  return query(domain, numbers.pick(types), privateAddress(numbers), failure);
});

export const query = (
  domain: string,
  type: string,
  client: string,
  failure?: string,
): Omit<LogEntry, "at" | "service"> => ({
  host: "dns-1.example.com",
  level: failure ? 4 : 6,
  message: `client ${client}: query ${domain} IN ${type}: ${failure ?? "NOERROR"}`,
  fields: {
    status: failure ? "failure" : "success",
    queried_domain: domain,
    query_type: type,
    client_ip: client,
    ...(failure ? { reason: failure } : {}),
  },
});
