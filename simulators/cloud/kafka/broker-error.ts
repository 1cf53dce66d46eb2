// What the broker refuses with, by the names of Kafka's protocol, and how it plays a fault it was told to have.
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../faults.ts";

export type BrokerErrorCode =
  | "BROKER_NOT_AVAILABLE"
  | "REQUEST_TIMED_OUT"
  | "THROTTLING_QUOTA_EXCEEDED"
  | "UNKNOWN_SERVER_ERROR"
  | "UNKNOWN_TOPIC_OR_PARTITION"
  | "MESSAGE_TOO_LARGE"
  | "OFFSET_OUT_OF_RANGE";

export type BrokerError = Error & { code: BrokerErrorCode; retriable: boolean };

const final: readonly BrokerErrorCode[] = ["UNKNOWN_TOPIC_OR_PARTITION", "MESSAGE_TOO_LARGE", "OFFSET_OUT_OF_RANGE"];

export const brokerError = (code: BrokerErrorCode, message: string): BrokerError =>
  Object.assign(new Error(`${code}: ${message}`), { code, retriable: !final.includes(code) });

/** True for a refusal that may be gone at the next try; a fault of the disk, say, is not the broker's refusal. */
export const isRetriable = (error: unknown): boolean =>
  error instanceof Error && "retriable" in error && error.retriable === true;

/** How long a client waits for an answer that does not come, unless the fault says. */
const requestTimeoutMs = 1000;

/** @throws what the client would see. `partial` comes back: only the caller knows what a part is. */
export const playBrokerFault = async (fault: Fault): Promise<"partial" | undefined> => {
  switch (fault.kind) {
    case "partial":
      return "partial";
    case "slow":
      await sleep(fault.delayMs ?? 2000);
      return undefined;
    case "refuse":
      throw brokerError("BROKER_NOT_AVAILABLE", "The connection was refused.");
    case "timeout":
      await sleep(fault.delayMs ?? requestTimeoutMs);
      throw brokerError("REQUEST_TIMED_OUT", "The broker did not answer.");
    case "throttle":
      throw brokerError("THROTTLING_QUOTA_EXCEEDED", "The quota of this client is used up.");
    case "error":
      throw brokerError("UNKNOWN_SERVER_ERROR", "Asked to fail.");
  }
};
