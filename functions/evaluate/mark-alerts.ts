// Evaluate step: tells pages that look which alerts turned. Redis may be gone: then they look at everything when it is back.
import type { Log } from "../lib/log.ts";
import type { Episode } from "../storage/alerts.ts";
import type { ChangeStore } from "../storage/changes.ts";

type Ports = { changes: Pick<ChangeStore, "mark">; log: Log; now: () => number };

/** Never fails: what is judged stays judged, and a page asks again by itself. */
export const markAlerts =
  ({ changes, log, now }: Ports) =>
  async (alerts: readonly Pick<Episode, "alertId" | "serviceId">[]): Promise<void> => {
    const marks = alerts.map(({ alertId, serviceId }) => ({
      scope: { service: serviceId },
      kind: "alert" as const,
      id: alertId,
    }));
    try {
      await changes.mark(marks, now());
    } catch (error) {
      log("warn", "alerts were not marked as changed: Redis does not answer", { alerts: marks.length, error });
    }
  };
