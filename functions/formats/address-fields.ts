// Formats: an address as log stores want it. `source.address` is what the log says, a host name too; `source.ip` only an address.
import { isIP } from "node:net";
import type { FieldValue } from "@logwatch/events";

/** `side` is `source` or `destination`; nothing is said of what is empty or called unknown. */
export const addressFields = (
  side: "source" | "destination",
  address: string | undefined,
  port?: number,
): Record<string, FieldValue> => {
  const isKnown = address !== undefined && address !== "" && !/^(?:unknown|-|\(null\)|\?)$/i.test(address);
  // A zone (`fe80::1%eth0`) names an interface of the machine, and a field of the type `ip` refuses it.
  const ip = isKnown ? address.replace(/%.*$/s, "") : "";
  return {
    ...(isKnown ? { [`${side}.address`]: address } : {}),
    ...(isKnown && isIP(ip) !== 0 ? { [`${side}.ip`]: ip } : {}),
    ...(port === undefined ? {} : { [`${side}.port`]: port }),
  };
};
