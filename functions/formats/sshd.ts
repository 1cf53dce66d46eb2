// Format: who signed in and who failed to, as sshd and PAM write it, in any syslog envelope. An attempt that is written twice counts
// once (login-attempts.ts); its second line is kept, without an outcome, so that no line of the log is lost and none counts double.
import type { FieldValue } from "@logwatch/events";
import { addressFields } from "./address-fields.ts";
import { defineFormat } from "./format.ts";
import { type Counted, openAttempts } from "./login-attempts.ts";
import type { LoginLine } from "./login-line.ts";
import { readPamLine } from "./pam-line.ts";
import { readPeer, readSshdLine } from "./sshd-line.ts";
import { openSyslog, type Syslog, syslogEntry } from "./syslog-envelope.ts";

export const sshd = defineFormat({
  id: "sshd",
  title: "Sign-ins of sshd and PAM",
  description: "Failed and successful sign-ins, by sshd itself and by PAM of any program; what both write counts once.",
  reader: ({ syslog, ...options }) => {
    const readSyslog = syslog ?? openSyslog(options);
    const count = openAttempts();
    return (line) => {
      const envelope = readSyslog(line);
      if (!envelope) return undefined;
      const pam = readPamLine(envelope.program, envelope.message);
      const isSshd = sshdTag.test(envelope.program);
      if (!pam && !isSshd) return undefined;
      const service = isSshd || pam?.service === "sshd" ? "sshd" : (pam?.service ?? "");
      const said = pam ?? readSshdLine(envelope.message);
      if (!said) return syslogEntry(envelope, connectionFields(envelope.message), service);
      // Only where sshd asks PAM is an opened session a sign-in: cron and sudo open one without asking anybody who they are.
      const login = scaled({ ...said, isSuccess: said.isSuccess === true && service === "sshd" }, envelope.repeats);
      const counted = count(login, writtenBy(envelope, service));
      const { repeats: _all, ...one } = syslogEntry(
        { ...envelope, program: programOf(envelope.program) },
        loginFields(login, counted, service),
        service,
      );
      const repeats = login.failures > 0 ? counted.failures : envelope.repeats;
      return repeats > 1 ? { ...one, repeats } : one;
    };
  },
});

// OpenSSH 9.8 split the process of a connection off (`sshd-session`), 10.0 that of the sign-in (`sshd-auth`).
const sshdTag = /^(?:\/\S{0,100}\/)?(?:in\.)?sshd(?:-session|-auth)?(?:\(pam_\w{1,32}\))?$/;

/** `sshd(pam_unix)` is the program sshd. */
const programOf = (tag: string): string => tag.replace(/\(pam_\w{1,32}\)$/, "");

/** `message repeated 5 times` says each of its failures five times. */
const scaled = (line: LoginLine, repeats: number): LoginLine => ({ ...line, failures: line.failures * repeats });

/**
 * The process is the connection: sshd and its PAM lines share an id, whatever their tags are. Without ids, all sshd has are its
 * addresses, but `sudo` and `su` have one user at a time.
 */
const writtenBy = ({ at, host, pid }: Syslog, service: string) => ({
  at,
  host,
  process: pid === undefined && service === "sshd" ? undefined : `${service}[${pid ?? ""}]`,
});

const loginFields = (line: LoginLine, counted: Counted, service: string): Record<string, FieldValue> => {
  const user = line.user ?? counted.user;
  const action = line.action ?? (line.failures > 0 || line.isSuccess ? "login" : undefined);
  const outcome = counted.failures > 0 ? "failure" : counted.isSuccess ? "success" : undefined;
  return {
    ...(outcome === undefined ? {} : { "event.category": "authentication", "event.outcome": outcome }),
    ...(outcome === undefined && line.action?.startsWith("session-") ? { "event.category": "session" } : {}),
    ...(action === undefined ? {} : { "event.action": action }),
    ...(line.reason === undefined ? {} : { "event.reason": line.reason }),
    ...(service === "sshd" ? { "network.protocol": "ssh" } : {}),
    ...(line.method === undefined ? {} : { "ssh.method": line.method }),
    ...(user === undefined ? {} : { "user.name": user }),
    ...addressFields("source", line.address ?? counted.address, line.port ?? counted.port),
  };
};

const connectionFields = (message: string): Record<string, FieldValue> => {
  const { address, port } = readPeer(message);
  return address === undefined
    ? {}
    : { "event.category": "network", "network.protocol": "ssh", ...addressFields("source", address, port) };
};
