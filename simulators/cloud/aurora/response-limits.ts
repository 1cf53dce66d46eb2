// How much one response of the Data API may hold, and what it says when there is more.
import { type Refusal, refuse } from "./refusal.ts";

export const maxResponseBytes = 1024 * 1024;
export const maxRowBytes = 64 * 1024;

export const refuseLongResponse = (): Refusal =>
  refuse("BadRequestException", "Database returned more than the allowed response size limit");

export const refuseLongRow = (): Refusal =>
  refuse("BadRequestException", "A row of the result is larger than 64 KB, which the Data API does not return.");
