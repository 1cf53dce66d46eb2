// Our own log: one JSON line a fact, on stderr. Hostile text cannot forge a line, nor command or turn the terminal it is read on.

export type LogLevel = "debug" | "info" | "warn" | "error";
/** `facts` never hold secrets: callers log ids and reasons, not addresses or credentials. */
export type Log = (level: LogLevel, text: string, facts?: Record<string, unknown>) => void;

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Errors are written with their message and causes, never as `{}`. */
const plain = (_key: string, value: unknown): unknown =>
  value instanceof Error ? { error: value.message, cause: value.cause, stack: value.stack } : value;

/** JSON leaves these as they are: a terminal's 8-bit commands, line ends of Unicode, and what turns the direction of text. */
const unsafe = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const escapeUnsafe = (json: string): string =>
  json.replace(unsafe, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

export const openLog =
  (least: LogLevel, write: (line: string) => void = (line) => process.stderr.write(line)): Log =>
  (level, text, facts) => {
    if (rank[level] < rank[least]) return;
    write(`${escapeUnsafe(JSON.stringify({ at: new Date().toISOString(), level, text, ...facts }, plain))}\n`);
  };
