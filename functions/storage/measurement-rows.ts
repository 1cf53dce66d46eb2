// The rows of the measurements table: the values of one window as JSON, in more than one part where they are very many.
// The Data API returns no row above 64 KB, and MySQL's TEXT ends there too.
import { type Measurement, unit } from "@logwatch/events";
import * as z from "zod";
import type { Row, SqlValue } from "./db.ts";
import type { StoredWindow } from "./thin-windows.ts";

export const columns = ["job_id", "to_at", "revision", "part", "parts", "from_at", "tier", "body"];

const maxPartBytes = 40_000;

export const toRows = (jobId: string, tier: number, window: StoredWindow): SqlValue[][] => {
  const bodies = pack(window.measurements);
  return bodies.map((body, part) => [jobId, window.to, window.revision, part, bodies.length, window.from, tier, body]);
};

/** Windows of one job, from rows ordered by end, revision and part. */
export const toWindows = (rows: readonly Row[]): StoredWindow[] => {
  const windows: StoredWindow[] = [];
  let parts = 0;
  for (const raw of rows) {
    const row = windowRow.parse(raw);
    const open = windows.at(-1);
    if (row.part === 0) {
      parts = row.parts;
      windows.push({ from: row.from_at, to: row.to_at, revision: row.revision, measurements: unpack(row.body) });
    } else if (open && open.to === row.to_at && open.revision === row.revision && row.part < parts) {
      // Parts beyond the first one's count are left over from a longer result under the same key.
      open.measurements.push(...unpack(row.body));
    }
  }
  return windows;
};

const windowRow = z.object({
  to_at: z.number(),
  revision: z.number(),
  part: z.number(),
  parts: z.number(),
  from_at: z.number(),
  body: z.string(),
});

const pack = (measurements: readonly Measurement[]): string[] => {
  const all = JSON.stringify(measurements.map(toTuple));
  if (all.length * 3 <= maxPartBytes || Buffer.byteLength(all) <= maxPartBytes) return [all];
  const bodies: string[] = [];
  let part: string[] = [];
  let bytes = 0;
  for (const one of measurements) {
    const text = JSON.stringify(toTuple(one));
    const size = Buffer.byteLength(text) + 1;
    if (part.length > 0 && bytes + size > maxPartBytes) {
      bodies.push(`[${part.join(",")}]`);
      part = [];
      bytes = 0;
    }
    part.push(text);
    bytes += size;
  }
  bodies.push(`[${part.join(",")}]`);
  return bodies;
};

const toTuple = ({ name, labels, value, unit }: Measurement) => [name, labels, value, unit];

const tuples = z.array(z.tuple([z.string(), z.record(z.string(), z.string()), z.number(), unit]));
const unpack = (body: string): Measurement[] =>
  tuples.parse(JSON.parse(body)).map(([name, labels, value, unit]) => ({ name, labels, value, unit }));
