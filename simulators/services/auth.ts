// The simulated sign-in service: who tried, from where, and whether it went well.
import type { LogEntry } from "@logwatch/events";
import { privateAddress, publicAddress, userCount, userName } from "./population.ts";
import { service } from "./span.ts";

const reasons = [
  "invalid_password",
  "invalid_password",
  "invalid_password",
  "expired_password",
  "unknown_user",
] as const;

export const auth = service("auth", 0.4, (_at, numbers) => {
  const username = userName(numbers.zipf(userCount));
  const address = numbers.chance(0.6) ? privateAddress(numbers) : publicAddress(numbers);
  return login(username, address, numbers.chance(0.04) ? numbers.pick(reasons) : undefined);
});

export const login = (username: string, address: string, failure?: string): Omit<LogEntry, "at" | "service"> => ({
  host: "auth-1.example.com",
  level: failure ? 4 : 6,
  message: failure
    ? `Failed login for ${username} from ${address}: ${failure}`
    : `Accepted login for ${username} from ${address}`,
  fields: {
    event_type: "authentication_attempt",
    status: failure ? "failure" : "success",
    username,
    source_ip: address,
    ...(failure ? { failure_reason: failure } : {}),
  },
});
