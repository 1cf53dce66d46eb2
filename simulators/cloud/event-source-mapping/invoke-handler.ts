// One invocation of a Lambda: its event in, within a time limit, and what became of the records.
// The partial batch response is read as AWS reads it: one that names nothing of this batch means that all of it failed.
import type { MSKEvent } from "aws-lambda";
import * as z from "zod";
import type { KafkaRecord } from "../kafka/kafka-record.ts";
import { mskEvent, partitionName } from "./msk-event.ts";

/** Any Lambda that reads Kafka; what it answers is not to be trusted. */
export type MskHandler = (event: MSKEvent) => Promise<unknown>;

/** `named`: all before `offset` are handled, the record there is not, those behind it were not looked at. */
export type Outcome =
  | { kind: "handled" }
  | { kind: "named"; offset: number; reason: string }
  | { kind: "failed"; reason: string };

const batchResponse = z
  .object({
    batchItemFailures: z
      .array(
        z.object({
          itemIdentifier: z.object({ partition: z.string(), offset: z.number() }),
          // Not AWS's, and ignored there: why, in the handler's words.
          reason: z.string().optional(),
        }),
      )
      .nullish(),
  })
  .nullish();

/** `records` are of one partition, in order. Never throws: a handler's error is an outcome. */
export const invokeHandler = async (
  handler: MskHandler,
  records: readonly KafkaRecord[],
  timeoutMs: number,
): Promise<Outcome> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    // Lambda would end the process. Here the handler may go on; its answer is not waited for.
    const text = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
    timer = setTimeout(() => reject(new Error(text)), timeoutMs);
  });
  try {
    return readResponse(await Promise.race([handler(mskEvent(records)), timeout]), records);
  } catch (error) {
    return { kind: "failed", reason: describeError(error) };
  } finally {
    clearTimeout(timer);
  }
};

const readResponse = (answer: unknown, records: readonly KafkaRecord[]): Outcome => {
  const response = batchResponse.safeParse(answer);
  if (!response.success) return badResponse(z.prettifyError(response.error));
  const reasons = new Map<number, string | undefined>();
  for (const { itemIdentifier, reason } of response.data?.batchItemFailures ?? []) {
    const { partition, offset } = itemIdentifier;
    const isKnown = records.some((one) => one.offset === offset && partitionName(one) === partition);
    if (!isKnown) return badResponse(`${partition} offset ${offset} is not in this batch`);
    reasons.set(offset, reason);
  }
  const first = records.find(({ offset }) => reasons.has(offset));
  return first
    ? { kind: "named", offset: first.offset, reason: reasons.get(first.offset) ?? guess(first) }
    : { kind: "handled" };
};

const badResponse = (problem: string): Outcome => ({ kind: "failed", reason: `bad batch response: ${problem}` });

const guess = ({ value }: KafkaRecord): string => {
  const parsed = parseValue(value);
  return parsed.ok ? "the handler named it in its partial batch response" : parsed.problem;
};

/** A record's value as JSON, or why no handler of JSON events can ever read it. */
export const parseValue = (value: Buffer | null): { ok: true; json: unknown } | { ok: false; problem: string } => {
  if (value === null) return { ok: false, problem: "the record has no value" };
  try {
    return { ok: true, json: JSON.parse(value.toString()) };
  } catch (error) {
    return { ok: false, problem: `the value is not JSON: ${describeError(error)}` };
  }
};

const describeError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
