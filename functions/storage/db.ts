// The database port: SQL with named parameters through the RDS Data API. Rows come back as objects by column label.

/** Times are epoch ms; texts are UTF-8; no booleans (0 and 1). */
export type SqlValue = string | number | null;
export type SqlParams = Readonly<Record<string, SqlValue>>;
export type Row = Record<string, SqlValue>;

export type Sql = {
  /** One statement. SELECT gives rows; anything else gives none and says how many rows it changed. */
  execute: (sql: string, params?: SqlParams) => Promise<{ rows: Row[]; changed: number }>;
  /** One DML statement for many parameter sets, in as few calls as the 4 MiB request limit allows. All or nothing only inside a transaction. */
  batch: (sql: string, sets: readonly SqlParams[]) => Promise<void>;
};

export type Db = Sql & {
  /** Commits when `work` resolves, rolls back when it throws. After a lost deadlock `work` is called once more: it must only use its `sql`. */
  transaction: <Value>(work: (sql: Sql) => Promise<Value>) => Promise<Value>;
};

/** What a read rejects with when its rows are more than one response can hold: ask for fewer. Inside a transaction it also ends the transaction. */
export const responseTooLarge = (cause: unknown): Error =>
  Object.assign(new Error("The rows are more than one response can hold.", { cause }), { name: "ResponseTooLarge" });

export const isResponseTooLarge = (error: unknown): boolean =>
  error instanceof Error && error.name === "ResponseTooLarge";
