// The same request sent twice, as a client does that lost the answer: with an `Idempotency-Key` the second gets the first one's answer
// and nothing is made twice. Kept for a day, sealed, as an answer may hold a secret that is shown once.
import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../lib/result.ts";
import { open, seal } from "../lib/secret.ts";
import type { IdempotencyClaim } from "../storage/idempotency.ts";
import type { Caller } from "./authenticate.ts";
import type { HttpRequest, HttpResponse } from "./dispatch.ts";
import type { ApiPorts } from "./ports.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Route } from "./route.ts";

/** Visible ASCII. */
export const idempotencyKey = /^[!-~]{1,255}$/;

/** Of one caller's key, `handle` succeeds at most once; without a key, or a caller, it just runs. */
export const once = async (
  route: Route,
  caller: Caller | undefined,
  request: HttpRequest,
  ports: ApiPorts,
  handle: () => Promise<Result<HttpResponse, Refusal>>,
): Promise<Result<HttpResponse, Refusal>> => {
  const key = request.headers["idempotency-key"];
  if (key === undefined || !caller) return handle();
  if (!idempotencyKey.test(key)) return fail(badKey());
  const { idempotency } = ports.storage;
  const id = hash([caller.user.id, route.id, key]);
  const requestHash = hash([request.path, request.query, request.body ?? ""]);
  const claim = { id, claimId: ports.newId(), userId: caller.user.id, requestHash, now: ports.now() };
  const found = await idempotency.claim(claim);
  if (found.state === "done") {
    const kept = opened(found.answer.body, ports.config.LOGWATCH_SECRETS_KEY);
    return kept === undefined ? fail(answerLost()) : ok({ ...readResponse(kept), cookies: [] });
  }
  if (found.state === "other-request") return fail(otherRequest());
  if (found.state === "in-progress") return fail(inProgress());
  const response = await handle().catch(async (error: unknown) => {
    await idempotency.release(claim);
    throw error;
  });
  // A refusal made nothing: the same key may try again.
  if (!response.ok) await idempotency.release(claim);
  else await keep(claim, response.value, ports);
  return response;
};

/** What was made is answered also where the answer cannot be kept: an error would have it made twice. */
const keep = async (
  claim: Pick<IdempotencyClaim, "id" | "claimId">,
  response: HttpResponse,
  { storage, config, log }: ApiPorts,
): Promise<void> => {
  try {
    const body = seal(JSON.stringify(response), config.LOGWATCH_SECRETS_KEY);
    await storage.idempotency.finish(claim, { status: response.status, body });
  } catch (error) {
    log("warn", "an answer was not kept for the same request sent again", { error });
  }
};

/** Safe: it was written by the lines above, and unsealing proves it. */
const readResponse = (text: string): HttpResponse => JSON.parse(text) as HttpResponse;

const hash = (parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url");

const badKey = (): Refusal =>
  refuse(400, "bad-input", "The Idempotency-Key is not usable.", {
    errors: [{ path: "header.idempotency-key", rule: "must be 1 to 255 visible ASCII characters" }],
  });

const otherRequest = (): Refusal =>
  refuse(422, "key-reused", "This Idempotency-Key was used for another request. Use a new one.", {
    errors: [{ path: "header.idempotency-key", rule: "must be new for a new request" }],
  });

/** Undefined when it was sealed under another key, as after the secrets' key was changed. */
const opened = (sealed: string, key: string): string | undefined => {
  try {
    return open(sealed, key);
  } catch {
    // What exactly does not open is nobody's business; the caller is told what it means.
    return undefined;
  }
};

const answerLost = (): Refusal =>
  refuse(
    409,
    "answer-lost",
    "This request was carried out, but its answer cannot be read any more. Look at what is there.",
  );

const inProgress = (): Refusal =>
  refuse(409, "in-progress", "The same request is still being worked on.", { headers: { "retry-after": "1" } });
