// For tests of sources: the guarded fetch as the operator of this machine opens it, for servers on loopback at any port.
import { guardedFetch } from "../lib/egress.ts";
import { allowances, sourcePolicy } from "../lib/egress-policy.ts";
import type { SourceOutside } from "./source.ts";

/** `hosts` as in ALLOWED_SOURCE_HOSTS. */
export const outsideTo = (hosts: string): SourceOutside => {
  const read = allowances(hosts);
  if (!read.ok) throw new Error(read.error);
  return { fetch: guardedFetch(sourcePolicy(read.value)) };
};

export const toLoopback = outsideTo("127.0.0.1:*,graylog.invalid");
