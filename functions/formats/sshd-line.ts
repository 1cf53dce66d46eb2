// Formats: the lines that sshd itself writes, OpenSSH 3 to 10. User names are chosen by whoever connects and may hold anything,
// ` from 192.0.2.1 port 22` too: what sshd writes behind the name is therefore read from the end of the line.
import { isIP } from "node:net";
import type { LoginLine } from "./login-line.ts";
import { maxSearched } from "./search-limit.ts";

const peer = String.raw`from (\S+)(?: port (\d{1,5}))?`;
const end = String.raw`(?: ssh\d?)?(?:: .*)?(?: \[preauth\])?$`;

type Rule = { pattern: RegExp; say: (groups: (string | undefined)[]) => LoginLine };

const rules: Rule[] = [
  {
    pattern: new RegExp(`^Failed (\\S{1,64}) for (invalid user |illegal user )?(.*) ${peer}${end}`, "s"),
    say: ([method, unknown, user, address, port]) => ({
      // A client first asks with `none` which methods there are: no attempt of its own beside those that follow.
      witness: method === "none" ? "connection" : "sshd",
      failures: 1,
      reason: unknown ? "invalid user" : `failed ${method}`,
      ...(method === undefined ? {} : { method }),
      ...whoAndWhere(user, address, port),
    }),
  },
  {
    pattern: new RegExp(`^Accepted (\\S{1,64}) for (.*) ${peer}${end}`, "s"),
    say: ([method, user, address, port]) => ({
      witness: "sshd",
      failures: 0,
      isSuccess: true,
      ...(method === undefined ? {} : { method }),
      ...whoAndWhere(user, address, port),
    }),
  },
  {
    pattern: new RegExp(`^(?:Invalid|Illegal) user (.*) ${peer}${end}`, "s"),
    say: ([user, address, port]) => failedConnection("invalid user", user, address, port),
  },
  {
    pattern: /^input_userauth_request: (?:invalid|illegal) user (.*?)(?: \[preauth\])?$/s,
    say: ([user]) => failedConnection("invalid user", user),
  },
  {
    pattern: new RegExp(
      `^(?:error: )?maximum authentication attempts exceeded for (?:invalid user |illegal user )?(.*) ${peer}${end}`,
      "s",
    ),
    say: ([user, address, port]) => failedConnection("too many attempts", user, address, port),
  },
  {
    pattern: new RegExp(
      `^(?:error: )?PAM: ([^:]{1,80}?) for (invalid user |illegal user )?(.*) ${peer}(?: via \\S+)?$`,
      "s",
    ),
    say: ([reason, unknown, user, address, port]) => ({
      witness: "sshd-pam",
      failures: 1,
      reason: unknown ? "invalid user" : (reason ?? "").toLowerCase(),
      ...whoAndWhere(user, address, port),
    }),
  },
  {
    pattern:
      /^(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) (authenticating|invalid) user (.*) (\S+) port (\d{1,5})(?:: (.*?))?(?: \[preauth\])?$/s,
    say: ([kind, user, address, port, why]) =>
      failedConnection(
        kind === "invalid" ? "invalid user" : why?.startsWith("Too many") ? "too many attempts" : "connection closed",
        user,
        address,
        port,
      ),
  },
  {
    pattern: /^User (.*?)(?: from (\S+))? not allowed because (.*)$/s,
    say: ([user, address]) => failedConnection("user not allowed", user, address),
  },
  {
    pattern:
      /^(?:Disconnecting: )?Too many authentication failures(?: for (?:invalid user )?(.*?))?(?: \[preauth\])?$/s,
    say: ([user]) => failedConnection("too many attempts", user),
  },
  {
    pattern: /^ROOT LOGIN REFUSED FROM (\S+)(?: port (\d{1,5}))?/,
    say: ([address, port]) => failedConnection("user not allowed", "root", address, port),
  },
];

/** Undefined for lines that say nothing of signing in: those about the server and about bare connections. */
export const readSshdLine = (message: string): LoginLine | undefined => {
  const text = message.slice(0, maxSearched);
  for (const { pattern, say } of rules) {
    const found = pattern.exec(text);
    if (found) return say(found.slice(1));
  }
  return undefined;
};

const peerPattern = /(?:^| )(?:from|by|with) (?:user \S+ )?(\S+?)(?: port (\d{1,5})|[:,]? |:?$)/g;

/** Who the other side is, in any other line of sshd: `Received disconnect from 192.0.2.1 port 4711:11: Bye Bye`. */
export const readPeer = (message: string): { address?: string; port?: number } => {
  for (const [, address = "", port] of message.slice(0, maxSearched).matchAll(peerPattern)) {
    if (isIP(address) !== 0) return whereOf(address, port);
  }
  return {};
};

const failedConnection = (reason: string, user?: string, address?: string, port?: string): LoginLine => ({
  witness: "connection",
  failures: 1,
  reason,
  ...whoAndWhere(user, address, port),
});

const whoAndWhere = (user?: string, address?: string, port?: string): Pick<LoginLine, "user" | "address" | "port"> => ({
  // A client may send no name at all; that is no user, and no user who is called "".
  ...(user ? { user } : {}),
  ...(address === undefined ? {} : whereOf(address, port)),
});

const whereOf = (address: string, port?: string): { address: string; port?: number } => ({
  address,
  ...(port === undefined ? {} : { port: Number(port) }),
});
