// The five routes of the RDS Data API. In: a parsed request. Out: the response's body, within the API's limits.
import * as z from "zod";
import type { Column, Rows } from "./connection.ts";
import type { SqlDatabase } from "./database.ts";
import { bindParameters, fieldOf, jsonOf, metadataOf, type Value } from "./field.ts";
import { rememberRecent } from "./recent.ts";
import { refuse } from "./refusal.ts";
import { maxResponseBytes, maxRowBytes, refuseLongResponse, refuseLongRow } from "./response-limits.ts";
import { readStatement, type Statement } from "./sql-text.ts";

/** Every call names them; who may use them is nobody's question here. */
const cluster = { resourceArn: z.string().min(1), secretArn: z.string().min(1) };
const target = { ...cluster, database: z.string().nullish() };
const id = z.string().min(1);

const executeRequest = z.object({
  ...target,
  sql: z.string().min(1),
  parameters: z.array(z.unknown()).nullish(),
  transactionId: id.nullish(),
  includeResultMetadata: z.boolean().nullish(),
  formatRecordsAs: z.enum(["NONE", "JSON"]).nullish(),
});
const batchRequest = z.object({
  ...target,
  sql: z.string().min(1),
  parameterSets: z.array(z.array(z.unknown())).nullish(),
  transactionId: id.nullish(),
});
const beginRequest = z.object(target);
const endRequest = z.object({ ...cluster, transactionId: id });

const maxStatements = 500;

export type DataApi = (path: string, body: unknown) => Promise<string>;

export const createDataApi = (database: SqlDatabase): DataApi => {
  const statements = rememberRecent<Statement>(maxStatements);
  const read = (sql: string): Statement => statements.get(sql, () => readStatement(sql));
  const routes: Record<string, (body: unknown) => Promise<string>> = {
    "/Execute": async (body) => {
      const request = parse(executeRequest, body);
      const statement = read(request.sql);
      const isJson = request.formatRecordsAs === "JSON";
      if (isJson && statement.kind !== "query") {
        throw refuse("BadRequestException", "The formatRecordsAs parameter is only possible for SELECT statements.");
      }
      const values = bindParameters(statement.names, request.parameters ?? []);
      const done = await database.execute(statement, values, request.transactionId ?? undefined);
      if (statement.kind !== "query") return `{"generatedFields":[],"numberOfRecordsUpdated":${done.changed}}`;
      return isJson ? formatted(done) : recorded(done, request.includeResultMetadata === true);
    },
    "/BatchExecute": async (body) => {
      const { sql, parameterSets, transactionId } = parse(batchRequest, body);
      const statement = read(sql);
      if (statement.kind !== "change") throw refuse("BadRequestException", "A batch takes DML statements only.");
      const sets = (parameterSets ?? [[]]).map((set) => bindParameters(statement.names, set));
      await database.batch(statement, sets, transactionId ?? undefined);
      return JSON.stringify({ updateResults: sets.map(() => ({ generatedFields: [] })) });
    },
    "/BeginTransaction": async (body) => {
      parse(beginRequest, body);
      return JSON.stringify({ transactionId: database.begin() });
    },
    "/CommitTransaction": async (body) => {
      await database.commit(parse(endRequest, body).transactionId);
      return '{"transactionStatus":"Transaction Committed"}';
    },
    "/RollbackTransaction": async (body) => {
      await database.rollback(parse(endRequest, body).transactionId);
      return '{"transactionStatus":"Rollback Complete"}';
    },
  };
  return async (path, body) => {
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route) throw refuse("NotFoundException", `${path} is not an operation of the Data API.`);
    return route(body);
  };
};

const parse = <Request>(schema: z.ZodType<Request>, body: unknown): Request => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw refuse("BadRequestException", z.prettifyError(parsed.error));
};

const formatted = ({ columns, rows }: Rows): string =>
  `{"numberOfRecordsUpdated":0,"formattedRecords":${JSON.stringify(`[${texts(rows, (row) => jsonRow(columns, row))}]`)}}`;

const jsonRow = (columns: readonly Column[], row: readonly Value[]) =>
  Object.fromEntries(columns.map(({ name }, index) => [name, jsonOf(row[index] ?? null)]));

const recorded = ({ columns, rows }: Rows, withMetadata: boolean): string => {
  const declared = columns.map(({ type }) => (type ?? "").toUpperCase());
  const records = texts(rows, (row) => row.map((value, index) => fieldOf(value, declared[index] ?? "")));
  const metadata = columns.map((column, index) => metadataOf(column, rows[0]?.[index]));
  const described = withMetadata ? `"columnMetadata":${JSON.stringify(metadata)},` : "";
  return `{"numberOfRecordsUpdated":0,${described}"records":[${records}]}`;
};

/** Rows as JSON, as far as one response may go. */
const texts = (rows: readonly Value[][], write: (row: Value[]) => unknown): string => {
  const parts: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    const text = JSON.stringify(write(row));
    const size = Buffer.byteLength(text);
    if (size > maxRowBytes) throw refuseLongRow();
    bytes += size + 1;
    if (bytes > maxResponseBytes) throw refuseLongResponse();
    parts.push(text);
  }
  return parts.join(",");
};
