// The audit log: who did what to what, when, from where, and what it was before and after. Appended to only; never a secret.
import type { Caller } from "./authenticate.ts";
import type { ApiPorts } from "./ports.ts";
import type { AuditNote, RequestFacts } from "./route.ts";

/** Writes every note of one request. `caller` is who did it, unless a note names another. */
export const noteAudit = async (
  notes: readonly AuditNote[],
  caller: Caller | undefined,
  request: RequestFacts,
  { storage, newId, log }: Pick<ApiPorts, "storage" | "newId" | "log">,
): Promise<void> => {
  for (const { action, kind, objectId, before = null, after = null, actor = caller?.user } of notes) {
    const entry = {
      id: newId(),
      at: request.at,
      actorId: actor?.id ?? "nobody",
      actorName: actor?.name ?? "nobody",
      action,
      kind,
      objectId,
      address: request.address,
      requestId: request.id,
      before: inWireForm(before),
      after: inWireForm(after),
    };
    await storage.audit.append(entry).catch((error: unknown) => {
      // What was done is done: at least our own log says so.
      const { before: _, after: __, ...facts } = entry;
      log("error", "a write has no entry in the audit log", facts);
      throw error;
    });
  }
};

/**
 * Moments as the API writes them: the log is read by people. A moment is a number whose name ends with `At`, or is one of a window;
 * what people write as they like (`params`) stays as they wrote it, whatever it is called.
 */
const inWireForm = (value: unknown, name = ""): unknown => {
  if (typeof value === "number") return isMoment(name, value) ? new Date(value).toISOString() : value;
  if (Array.isArray(value)) return value.map((inner) => inWireForm(inner));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === "params" ? inner : inWireForm(inner, key)]),
  );
};

/** The last moment that a date can be. */
const maxMoment = 8.64e15;
const isMoment = (name: string, value: number): boolean => /At$|^(from|to)$/.test(name) && Math.abs(value) <= maxMoment;
