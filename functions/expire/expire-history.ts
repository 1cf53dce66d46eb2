// Expire step, core. In: a tick, once an hour. Out: history thinned, in bounded batches, so that one run never outlasts its Lambda.
import type { MeasurementStore } from "../storage/measurements.ts";

export type ExpirePorts = { measurements: Pick<MeasurementStore, "thin">; now: () => number };

/** Rows in one delete: small enough for a short transaction. */
const batchRows = 5000;

/** How many rows went. Stops when nothing is left or after `maxBatches`; the next hour goes on. */
export const expireHistory = async (ports: ExpirePorts, maxBatches = 100): Promise<number> => {
  let total = 0;
  for (let batch = 0; batch < maxBatches; batch += 1) {
    const rows = await ports.measurements.thin(ports.now(), batchRows);
    total += rows;
    if (rows === 0) break;
  }
  return total;
};
