// Our own log: one JSON line a fact, on stderr. JSON escapes every control character, so hostile text cannot forge a line.

export type LogLevel = "debug" | "info" | "warn" | "error";
/** `facts` never hold secrets: callers log ids and reasons, not addresses or credentials. */
export type Log = (level: LogLevel, text: string, facts?: Record<string, unknown>) => void;

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Errors are written with their message and causes, never as `{}`. */
const plain = (_key: string, value: unknown): unknown =>
  value instanceof Error ? { error: value.message, cause: value.cause, stack: value.stack } : value;

export const openLog =
  (least: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): Log =>
  (level, text, facts) => {
    if (rank[level] < rank[least]) return;
    write(`${JSON.stringify({ at: new Date().toISOString(), level, text, ...facts }, plain)}\n`);
  };
