// Tells the pages that look that something changed. Redis may be gone: then they look at everything when it is back.
import type { ChangeStore } from "../../storage/changes.ts";
import type { ApiPorts } from "../ports.ts";

export const noteChanges = async (
  marks: Parameters<ChangeStore["mark"]>[0],
  { storage, log, now }: Pick<ApiPorts, "storage" | "log" | "now">,
): Promise<void> => {
  try {
    await storage.changes.mark(marks, now());
  } catch (error) {
    log("warn", "a change was not marked: Redis does not answer", { marks: marks.length, error });
  }
};
