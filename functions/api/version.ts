// Versions of configured things as HTTP speaks of them: strong ETags, `If-Match`, and the answer when somebody was faster.
import { fail, ok, type Result } from "../lib/result.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** The tag of a version; versions grow by one. */
export const etagOf = (version: number): string => `"v${version}"`;

/** One entity tag of RFC 9110, or any. */
export const ifMatch = /^(\*|(W\/)?"[!#-~]{0,100}")$/;

/** The version that must still be there; null for any (`*`). A tag that is none of ours matches nothing: -1. */
export const readIfMatch = (header: string | undefined): Result<number | null, Refusal> => {
  if (header === undefined) {
    return fail(
      refuse(428, "version-needed", "Say which version you change: `If-Match` with the ETag you read, or `*`.", {
        errors: [{ path: "header.if-match", rule: "must be there" }],
      }),
    );
  }
  const text = header.trim();
  if (text === "*") return ok(null);
  if (!ifMatch.test(text)) {
    const errors = [{ path: "header.if-match", rule: "must be one ETag, or `*`" }];
    return fail(refuse(400, "bad-input", "The `If-Match` cannot be read.", { errors }));
  }
  const [, version] = /^"v(\d{1,15})"$/.exec(text) ?? [];
  return ok(version === undefined ? -1 : Number(version));
};

/** 412 with the newer state, as the route would answer it. */
export const changedMeanwhile = (version: number, current: unknown): Refusal =>
  refuse(412, "changed", "It was changed meanwhile; this is the newer state. Look at it and try again.", {
    current,
    headers: { etag: etagOf(version) },
  });
