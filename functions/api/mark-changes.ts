// Tells the pages that look (GET /changes) what a write changed. What that is stands in its audit entry: the thing, and by its
// service or its user who may know. Redis may be gone: then they look at everything when it is back.
import type { ChangeKind, ChangeScope, ChangeStore } from "../storage/changes.ts";
import type { Caller } from "./authenticate.ts";
import type { ApiPorts } from "./ports.ts";
import type { AuditNote } from "./route.ts";

type Marks = Parameters<ChangeStore["mark"]>[0];
type Ports = Pick<ApiPorts, "storage" | "log" | "now">;

/** A Redis that does not answer fails no write. */
export const markChanges = async (marks: Marks, { storage, log, now }: Ports): Promise<void> => {
  if (marks.length === 0) return;
  try {
    await storage.changes.mark(marks, now());
  } catch (error) {
    log("warn", "a change was not marked: Redis does not answer", { marks: marks.length, error });
  }
};

/** Kinds of things that pages show; of the audit's other kinds (accounts, tokens) nobody keeps a page open. */
const shown: Record<string, ChangeKind> = {
  alert: "alert",
  destination: "destination",
  job: "job",
  run: "run",
  service: "service",
  silence: "silence",
  source: "source",
};

/** The marks of these entries: by the services they speak of, else to the caller alone. */
export const marksOf = (notes: readonly AuditNote[], caller: Caller | undefined): Marks =>
  notes.flatMap((note) => {
    const kind = shown[note.kind];
    if (!kind || !caller) return [];
    return scopesOf(note, caller).map((scope) => ({ scope, kind, id: note.objectId }));
  });

const scopesOf = (note: AuditNote, { user }: Caller): ChangeScope[] => {
  if (note.kind === "service") return [{ service: note.objectId }];
  if (note.kind === "run") return [{ user: user.id }];
  const services = new Set([serviceIn(note.before), serviceIn(note.after)].filter((id) => id !== undefined));
  return services.size === 0 ? [{ user: user.id }] : [...services].map((service) => ({ service }));
};

/** Views of what belongs to a service name it. */
const serviceIn = (view: unknown): string | undefined =>
  view !== null && typeof view === "object" && "serviceId" in view && typeof view.serviceId === "string"
    ? view.serviceId
    : undefined;
