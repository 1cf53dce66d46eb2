// Names a network error without quoting it: its text may hold an address or a secret.

/** `ECONNREFUSED` and its like, or the error's name; never its text, which may quote addresses. */
export const errorCode = (error: unknown): string => {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ("code" in at && typeof at.code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(at.code)) return at.code;
  }
  return error instanceof Error ? error.name : "unknown error";
};
