// The audit log: who did what to what, when, from where, and what it was before and after. Appended to only; never a secret.
import type { Caller } from "./authenticate.ts";
import type { ApiPorts } from "./ports.ts";
import type { AuditNote, RequestFacts } from "./route.ts";

export const noteAudit = async (
  notes: readonly AuditNote[],
  caller: Caller | undefined,
  request: RequestFacts,
  { storage, newId }: Pick<ApiPorts, "storage" | "newId">,
): Promise<void> => {
  for (const { action, kind, objectId, before = null, after = null } of notes) {
    await storage.audit.append({
      id: newId(),
      at: request.at,
      actorId: caller?.user.id ?? "nobody",
      actorName: caller?.user.name ?? "nobody",
      action,
      kind,
      objectId,
      address: request.address,
      requestId: request.id,
      before: inWireForm(before),
      after: inWireForm(after),
    });
  }
};

/** Moments as the API writes them: the log is read by people. A moment is a number whose name ends with `At`, or is one of a window. */
const inWireForm = (value: unknown): unknown =>
  value === null
    ? null
    : JSON.parse(
        JSON.stringify(value, (key, inner: unknown) =>
          typeof inner === "number" && /At$|^(from|to)$/.test(key) ? new Date(inner).toISOString() : inner,
        ),
      );
