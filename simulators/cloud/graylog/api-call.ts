// One authenticated call to the API: what a handler gets, and how it reads the request's body.

import { apiError, requestError } from "./api-answer.ts";
import { isRecord } from "./json-shape.ts";
import type { MessageStore } from "./message-store.ts";

/** 5.1.13 and 6.1.4 have no time buckets in aggregations, and 5.1.13 does not keep when a message came. */
export type GraylogVersion = "7.0.1" | "6.1.4" | "5.1.13";

export type ApiCall = {
  store: MessageStore;
  version: GraylogVersion;
  now: number;
  /** When the stand-in started, epoch ms. */
  startedAt: number;
  ports: { http: number; udp: number; tcp: number };
  username: string;
  path: string;
  query: URLSearchParams;
  accept: string;
  body: string;
};

/** The body as a JSON object; `missing` is what a call without any body ends in. */
export const bodyOf = (call: ApiCall, missing: string): Record<string, unknown> => {
  if (call.body.trim() === "") return apiError(500, missing);
  const value = parsed(call.body);
  return isRecord(value) ? value : requestError("Cannot deserialize value: an object is expected", "");
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    return requestError(error instanceof Error ? error.message : "Unexpected character", "", body, body.slice(-1));
  }
};

/** Refuses a property that the class of this request does not have. */
export const checkProperties = (
  value: Record<string, unknown>,
  known: readonly string[],
  body: string,
  path = "",
): void => {
  const stranger = Object.keys(value).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const message = `Unable to map property ${stranger}.\nKnown properties include: ${known.join(", ")}`;
  requestError(message, path === "" ? stranger : `${path}.${stranger}`, body, `"${stranger}"`);
};
