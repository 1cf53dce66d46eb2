// A plug-in as people choose it: its id and its parameters, bounded so that what is configured fits its row. And durations as they are shown.
import * as z from "zod";
import { durationText } from "../duration.ts";

export const pluginId = z.string().min(1).max(100);

/** A row of the database holds 64 KiB; the rest is for the names of destinations. */
export const maxParamsBytes = 20_000;

const sizeBytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

export const pluginParams = z
  .record(z.string().max(100), z.unknown())
  .refine((value) => sizeBytes(value) <= maxParamsBytes, `must not be longer than ${maxParamsBytes} bytes of JSON`);

/** Whatever is stored can be shown, within today's bounds or not. */
export const storedDuration = () => durationText(0, Number.MAX_SAFE_INTEGER);
