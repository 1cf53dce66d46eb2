// Requests that a page of another origin makes in its visitor's browser: a write with a cookie, or with none, needs a header that
// no form can send and an `Origin` of ours. A token is sent by nobody unknowingly, and needs neither.
import { type Refusal, refuse } from "./refusal.ts";

/** Its presence makes a browser ask first (CORS preflight), which is never granted. */
const csrfHeader = "x-logwatch-csrf";

/** `origins`: of the dashboard. Undefined when the request is ours. */
export const checkForgery = (
  headers: Readonly<Record<string, string | undefined>>,
  origins: readonly string[],
): Refusal | undefined => {
  const errors = [
    ...(headers[csrfHeader] === undefined ? [{ path: `header.${csrfHeader}`, rule: "must be there; any value" }] : []),
    ...(headers.origin !== undefined && origins.includes(headers.origin)
      ? []
      : [{ path: "header.origin", rule: "must be the dashboard's own origin" }]),
  ];
  if (errors.length === 0) return undefined;
  return refuse(
    403,
    "forgery",
    "A write with a session needs our header and the dashboard's Origin; a token needs neither.",
    {
      errors,
    },
  );
};
