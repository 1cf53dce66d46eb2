// Formats: counts sign-ins that are written more than once. sshd writes `Failed password …`, PAM writes `authentication failure; …`
// for the same attempt, before it or after it, and either may be missing from a log.
// The rule: all lines about one connection are held together, and what failed in it is the largest number that any one witness
// gives. A line counts as many failures as it raises that number, so the first line of an attempt counts it and the others do not.
// A connection is known by its process or by the address and port of its client. With keyboard-interactive, PAM runs in a process
// of its own: its line joins the connection of the same address and user that waits for it.
import type { LoginLine } from "./login-line.ts";

/** Where and when a line was written. `process` names the program and its id; undefined without an id. */
export type Written = { at: number; host: string; process: string | undefined };

/** What a line adds to what earlier ones said, and what they knew that it does not say. */
export type Counted = { failures: number; isSuccess: boolean; user?: string; address?: string; port?: number };

type Connection = {
  at: number;
  user?: string;
  address?: string;
  port?: number;
  /** Failures by witness and process. */
  counts: Map<string, number>;
  counted: number;
  succeeded: boolean;
  /** PAM has a process of its own. */
  isForked: boolean;
};

/** sshd gives 2 minutes to sign in, and administrators seldom more than 10; later, the process id is another connection's. */
const longestLoginMs = 600_000;
/** Both lines of one attempt are written within the delay that PAM makes after a failure, about 2 s. */
const pairedMs = 5000;
/** A log over years has millions of connections; the oldest cannot be spoken of any more. */
const maxConnections = 20_000;

export const openAttempts = (): ((line: LoginLine, written: Written) => Counted) => {
  const byKey = new Map<string, Connection>();
  const remember = (key: string, connection: Connection) => {
    byKey.delete(key);
    byKey.set(key, connection);
    const oldest = byKey.size > maxConnections ? byKey.keys().next().value : undefined;
    if (oldest !== undefined) byKey.delete(oldest);
  };
  return (line, written) => {
    const keys = keysOf(line, written);
    const connection = find(byKey, keys, line, written) ?? newConnection(written.at);
    if (line.failures > 0 && line.user !== undefined) connection.user = line.user;
    connection.user ??= line.user;
    connection.address ??= line.address;
    connection.port ??= line.port;
    connection.at = Math.max(connection.at, written.at);
    for (const key of [keys.process, keys.port, keys.address]) if (key !== undefined) remember(key, connection);
    return count(connection, line, written);
  };
};

type Keys = { process: string | undefined; port: string | undefined; address: string | undefined };

const keysOf = ({ address, port }: LoginLine, { host, process }: Written): Keys => ({
  process: process === undefined ? undefined : `${host}\n${process}`,
  port: address === undefined || port === undefined ? undefined : `${host}\n${address}\n${port}`,
  address: address === undefined ? undefined : `${host}\n${address}\n`,
});

const find = (
  byKey: ReadonlyMap<string, Connection>,
  keys: Keys,
  line: LoginLine,
  { at }: Written,
): Connection | undefined => {
  const known = (key: string | undefined, withinMs: number) => {
    const connection = key === undefined ? undefined : byKey.get(key);
    return connection && Math.abs(at - connection.at) <= withinMs ? connection : undefined;
  };
  const samePort = (connection: Connection) =>
    line.port === undefined || connection.port === undefined || line.port === connection.port;
  const own = known(keys.process, longestLoginMs) ?? known(keys.port, longestLoginMs);
  if (own) return samePort(own) ? own : undefined;
  const near = known(keys.address, longestLoginMs);
  if (!near || !samePort(near) || !waitsFor(near, line, at)) return undefined;
  near.isForked = true;
  return near;
};

/**
 * True when others just spoke of an attempt that this kind of witness has not spoken of, and the user can be the same. Once PAM was
 * seen to have a process of its own, its next process may be the next try of the same connection.
 */
const waitsFor = (connection: Connection, { witness, user, failures }: LoginLine, at: number): boolean => {
  if (failures === 0 || (user !== undefined && connection.user !== undefined && user !== connection.user)) return false;
  if (connection.isForked && witness.startsWith("pam_")) return true;
  let said = 0;
  for (const [key, number] of connection.counts) if (key.startsWith(`${witness}\n`)) said += number;
  return said < connection.counted && Math.abs(at - connection.at) <= pairedMs;
};

const newConnection = (at: number): Connection => ({
  at,
  counts: new Map(),
  counted: 0,
  succeeded: false,
  isForked: false,
});

const count = (connection: Connection, line: LoginLine, { process }: Written): Counted => {
  const key = `${line.witness}\n${process ?? ""}`;
  const before = connection.counted;
  if (line.failures > 0) {
    const said = line.witness === "connection" ? 1 : (connection.counts.get(key) ?? 0) + line.failures;
    connection.counts.set(key, said);
    connection.counted = Math.max(before, said);
  }
  const isSuccess = line.isSuccess === true && !connection.succeeded;
  connection.succeeded ||= isSuccess;
  const { user = line.user, address, port } = connection;
  return {
    failures: connection.counted - before,
    isSuccess,
    ...(user === undefined ? {} : { user }),
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
  };
};
