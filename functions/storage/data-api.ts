// The database through the RDS Data API (Aurora MySQL). In: SQL with named parameters. Out: rows as plain objects.
// Limits it works around: 4 MiB a request (batches are split), 1 MiB a response (told to the caller), a paused cluster (waited for).
import { RDSData, type RDSDataClientConfig, type SqlParameter } from "@aws-sdk/client-rds-data";
import { type Db, type Row, responseTooLarge, type Sql, type SqlParams, type SqlValue } from "./db.ts";
import { type RetryLimits, withRetry } from "./retry-call.ts";

export type DataApiSettings = {
  region: string;
  resourceArn: string;
  secretArn: string;
  database: string;
  /** Set for anything but AWS itself; then nobody checks the credentials. */
  endpoint?: string;
  credentials?: RDSDataClientConfig["credentials"];
  retry?: RetryLimits;
};

/** A statement may run 45 s on the server; a little longer and nobody answers any more. */
const requestTimeoutMs = 50_000;
/** Request limit is 4 MiB with headers and JSON marks. */
const maxBatchBytes = 3_000_000;
const dummyCredentials = { accessKeyId: "local", secretAccessKey: "local" };

export const openDataApi = (settings: DataApiSettings): Db => {
  const { region, resourceArn, secretArn, database, endpoint, retry } = settings;
  const credentials = settings.credentials ?? (endpoint ? dummyCredentials : undefined);
  const client = new RDSData({
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(credentials ? { credentials } : {}),
    // `withRetry` alone tries again: it knows what a paused cluster needs.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
  });
  const target = { resourceArn, secretArn };

  const statements = (transactionId?: string): Sql => ({
    execute: async (sql, params = {}) => {
      const isQuery = /^\s*select\b/i.test(sql);
      const request = { ...target, database, transactionId, sql, parameters: toParameters(params) };
      const answer = await withRetry(
        () => client.executeStatement(isQuery ? { ...request, formatRecordsAs: "JSON" } : request),
        retry,
      ).catch(explain(sql));
      return { rows: toRows(answer.formattedRecords), changed: answer.numberOfRecordsUpdated ?? 0 };
    },
    batch: async (sql, sets) => {
      for (const parameterSets of splitBySize(sets.map(toParameters))) {
        const request = { ...target, database, transactionId, sql, parameterSets };
        await withRetry(() => client.batchExecuteStatement(request), retry).catch(explain(sql));
      }
    },
  });

  const begin = async () => {
    const { transactionId } = await withRetry(() => client.beginTransaction({ ...target, database }), retry);
    if (!transactionId) throw new Error("The database began a transaction without an id.");
    return transactionId;
  };

  const runOnce = async <Value>(work: (sql: Sql) => Promise<Value>): Promise<Value> => {
    const transactionId = await begin();
    try {
      const value = await work(statements(transactionId));
      await client.commitTransaction({ ...target, transactionId }).catch(explain("COMMIT"));
      return value;
    } catch (error) {
      const kept = await client.rollbackTransaction({ ...target, transactionId }).then(() => undefined, whatIsKept);
      if (kept === undefined) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`The transaction failed (${why}), and so did its rollback (${kept}).`, { cause: error });
    }
  };

  return {
    ...statements(),
    // Whoever loses a deadlock was rolled back whole, so the same work may be done once more.
    transaction: (work) =>
      runOnce(work).catch((error: unknown) => {
        if (error instanceof Error && /deadlock found/i.test(error.message)) return runOnce(work);
        throw error;
      }),
  };
};

/** Why a rollback failed; undefined when there is nothing left to roll back, because the server ended the transaction by itself. */
const whatIsKept = (error: unknown): string | undefined => {
  if (error instanceof Error && error.name === "TransactionNotFoundException") return undefined;
  // Then the server drops it after three minutes; until then it holds its locks.
  return error instanceof Error ? error.message : String(error);
};

const toField = (value: SqlValue): NonNullable<SqlParameter["value"]> => {
  if (value === null) return { isNull: true };
  if (typeof value === "string") return { stringValue: value };
  if (Number.isSafeInteger(value)) return { longValue: value };
  if (Number.isFinite(value)) return { doubleValue: value };
  throw new Error(`${value} cannot be stored.`);
};

const toParameters = (params: SqlParams): SqlParameter[] =>
  Object.entries(params).map(([name, value]) => ({ name, value: toField(value) }));

/** The server writes an array of flat objects; what each column holds is checked by the store that asked, with zod. */
const toRows = (formatted: string | undefined): Row[] => (formatted ? JSON.parse(formatted) : []);

/** Characters a parameter takes in JSON, roughly: name, type and quotes. Multi-byte text counts as three. */
const sizeOf = (set: readonly SqlParameter[]): number =>
  set.reduce((sum, one) => sum + 60 + (one.value?.stringValue?.length ?? 0) * 3, 0);

const splitBySize = (sets: SqlParameter[][]): SqlParameter[][][] => {
  const parts: SqlParameter[][][] = [];
  let room = 0;
  for (const set of sets) {
    const bytes = sizeOf(set);
    const last = parts.at(-1);
    if (last && bytes <= room) last.push(set);
    else {
      parts.push([set]);
      room = maxBatchBytes;
    }
    room -= bytes;
  }
  return parts;
};

/** Errors name the statement (never its values) and say when the answer was too large for one response. */
const explain =
  (sql: string) =>
  (cause: unknown): never => {
    const text = cause instanceof Error ? cause.message : String(cause);
    if (/response size limit|exceeded size limit|response (is )?too large/i.test(text)) throw responseTooLarge(cause);
    const start = sql.trim().replace(/\s+/g, " ").slice(0, 120);
    throw new Error(`The database refused: ${text} (${start})`, { cause });
  };
