// What an error of SES means for a delivery: whether it is worth another try, and words that hold no credentials.
import { SESServiceException } from "@aws-sdk/client-ses";
import { cut, inertLine } from "../lib/message-text.ts";
import type { Delivery } from "./channel.ts";
import { errorCode } from "./error-code.ts";

type Failed = Extract<Delivery, { ok: false }>;

const throttling = new Set(["Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"]);
const maxReasonChars = 300;

/** `timedOut` when our own limit ended the call: then whether SES has the mail is unknown, and it is tried again. */
export const sesFailure = (error: unknown, timedOut: boolean): Failed => {
  if (timedOut) return again("timeout", "SES gave no answer in time.");
  if (!(error instanceof SESServiceException))
    return again("unreachable", `SES was not reached (${errorCode(error)}).`);
  const status = error.$metadata.httpStatusCode ?? 0;
  if (throttling.has(error.name) || status === 429) return throttled(error);
  if (status >= 500) return again("unavailable", `SES answered ${status}.`);
  // An answer that could not be read: SES may have the mail.
  if (status < 400) return again("unavailable", "SES gave an answer that could not be read.");
  // Its own words may quote the signed request, session token included.
  if (status === 401 || status === 403) return never("forbidden", `SES refused our credentials (${error.name}).`);
  return never("rejected", `${error.name}: ${cut(inertLine(error.message), maxReasonChars)}`);
};

/** SES uses one error name for two things: too fast (wait a little) and the day's quota (nothing to wait for today). */
const throttled = (error: SESServiceException): Failed =>
  /daily message quota/i.test(error.message)
    ? never("quota", "The daily sending quota of SES is used up.")
    : again("throttled", "SES asks to send more slowly.");

const again = (kind: string, message: string): Failed => ({ ok: false, kind, message, retryable: true });
const never = (kind: string, message: string): Failed => ({ ok: false, kind, message, retryable: false });
