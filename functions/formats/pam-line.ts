// Formats: the lines of PAM modules, of any program. Old ones stand in the tag, `sshd(pam_unix)[12]: …`, newer ones in the message,
// `sshd[12]: pam_unix(sshd:auth): …`; `PAM 2 more authentication failures; …` comes from the library itself.
import type { LoginLine } from "./login-line.ts";
import { maxSearched } from "./search-limit.ts";

/** `service` is the program's name for PAM: `sshd`, `sudo`, `gdm-password`. */
export type PamLine = LoginLine & { service: string };

const oldTag = /^([^()]{1,64})\((pam_\w{1,32})\)$/;
const newText = /^(?:[\w.-]{1,64}\]: )?(?:(pam_\w{1,32})\(([^():]{1,64})(?::\w{1,16})?\)|\((pam_\w{1,32})\)):? /;

export const readPamLine = (program: string, message: string): PamLine | undefined => {
  const text = message.slice(0, maxSearched);
  if (program.endsWith(")")) {
    const old = oldTag.exec(program);
    if (old) return { ...say(old[2] ?? "", text), service: old[1] ?? "" };
  }
  if (text.startsWith("PAM ")) {
    // The module that counted them is not named; what counts failures so is pam_unix.
    const said = say("pam_unix", text.slice(4));
    return said.failures > 0 ? { ...said, service: program } : undefined;
  }
  const found = text.includes("pam_") ? newText.exec(text) : null;
  if (!found) return undefined;
  return { ...say(found[1] ?? found[3] ?? "", text.slice(found[0].length)), service: found[2] ?? program };
};

const failurePattern = /^(?:(\d{1,6}) more )?authentication failures?;/;
const sessionPattern = /^session (opened|closed) for user (.+?)(?:\(uid=\d{1,10}\))?(?: by .*)?$/s;
// pam_tally2 names every locked-out try, pam_faillock the lock.
const lockedPattern = /^(?:user (\S+) \(\d{1,10}\) tally \d|Consecutive login failures for user (\S+) account)/;

const say = (witness: string, text: string): LoginLine => {
  const failed = failurePattern.exec(text);
  if (failed)
    return { witness, failures: Number(failed[1] ?? 1), reason: "authentication failure", ...whoAndWhere(text) };
  const session = sessionPattern.exec(text);
  if (session) {
    const [, change = "", user = ""] = session;
    return { witness, failures: 0, isSuccess: change === "opened", action: `session-${change}`, user };
  }
  const locked = lockedPattern.exec(text);
  const user = locked?.[1] ?? locked?.[2];
  return { witness, failures: 0, ...(user === undefined ? {} : { action: "account-locked", user }) };
};

/** `… ruser=x rhost=192.0.2.1  user=root`: the user comes last and may hold spaces; an unknown one is not written at all. */
const whoAndWhere = (text: string): Pick<LoginLine, "user" | "address"> => {
  const host = text.indexOf(" rhost=");
  if (host < 0) return {};
  const rest = text.slice(host + " rhost=".length);
  const address = /^\S*/.exec(rest)?.[0] ?? "";
  const user = /^ {1,2}user=(.+)$/s.exec(rest.slice(address.length))?.[1];
  return { ...(address === "" ? {} : { address }), ...(user === undefined ? {} : { user }) };
};
