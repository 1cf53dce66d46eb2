// Lines of sshd and PAM by example, in the manner of real logs of OpenSSH 3 to 10.
import { describe, expect, it } from "vitest";
import { sshd } from "./sshd.ts";
import { entryBy, readBy } from "./test-lines.ts";

const syslog = (message: string, tag = "sshd[12]") => `Jul  1 09:00:55 gate ${tag}: ${message}`;
const read = (message: string, tag?: string) => entryBy(sshd, syslog(message, tag));
/** Outcome, user, address, port and reason. */
const said = (message: string, tag?: string) => {
  const { fields } = read(message, tag);
  return ["event.outcome", "user.name", "source.address", "source.port", "event.reason"].map((name) => fields[name]);
};

it("names fields by the Elastic Common Schema", () => {
  expect(read("Failed password for invalid user admin from 192.0.2.1 port 4711 ssh2")).toEqual({
    at: Date.UTC(2026, 6, 1, 9, 0, 55),
    service: "sshd",
    host: "gate",
    level: null,
    message: "Failed password for invalid user admin from 192.0.2.1 port 4711 ssh2",
    fields: {
      "event.category": "authentication",
      "event.outcome": "failure",
      "event.action": "login",
      "event.reason": "invalid user",
      "network.protocol": "ssh",
      "ssh.method": "password",
      "user.name": "admin",
      "source.address": "192.0.2.1",
      "source.ip": "192.0.2.1",
      "source.port": 4711,
      "process.name": "sshd",
      "process.pid": 12,
    },
  });
});

describe("failures", () => {
  it.each([
    ["Failed password for root from 192.0.2.1 port 4711 ssh2", "root", "192.0.2.1", 4711, "failed password"],
    ["Failed password for illegal user a from 192.0.2.1 port 1 ssh2", "a", "192.0.2.1", 1, "invalid user"],
    ["Failed none for invalid user a from 192.0.2.1 port 1 ssh2", "a", "192.0.2.1", 1, "invalid user"],
    ["Failed keyboard-interactive/pam for a from ::1 port 1 ssh2", "a", "::1", 1, "failed keyboard-interactive/pam"],
    ["Failed publickey for a from 192.0.2.1 port 1 ssh2: RSA SHA256:Zm9v", "a", "192.0.2.1", 1, "failed publickey"],
    ["Failed password for a from host.example.com", "a", "host.example.com", undefined, "failed password"],
    ["Failed password for a from 192.0.2.1 port 1 ssh2 [preauth]", "a", "192.0.2.1", 1, "failed password"],
    ["Invalid user a from 192.0.2.1", "a", "192.0.2.1", undefined, "invalid user"],
    ["Illegal user a from 192.0.2.1", "a", "192.0.2.1", undefined, "invalid user"],
    ["Invalid user a from 192.0.2.1 port 4711", "a", "192.0.2.1", 4711, "invalid user"],
    [
      "error: PAM: Authentication failure for a from h.example.com",
      "a",
      "h.example.com",
      undefined,
      "authentication failure",
    ],
    ["error: PAM: authentication error for illegal user a from 192.0.2.1", "a", "192.0.2.1", undefined, "invalid user"],
    [
      "error: maximum authentication attempts exceeded for root from 192.0.2.1 port 1 ssh2 [preauth]",
      "root",
      "192.0.2.1",
      1,
      "too many attempts",
    ],
    ["Connection closed by authenticating user a 192.0.2.1 port 1 [preauth]", "a", "192.0.2.1", 1, "connection closed"],
    ["Connection reset by invalid user a 192.0.2.1 port 1 [preauth]", "a", "192.0.2.1", 1, "invalid user"],
    [
      "Disconnecting authenticating user a 192.0.2.1 port 1: Too many authentication failures [preauth]",
      "a",
      "192.0.2.1",
      1,
      "too many attempts",
    ],
    [
      "User a from 192.0.2.1 not allowed because not listed in AllowUsers",
      "a",
      "192.0.2.1",
      undefined,
      "user not allowed",
    ],
    ["User root not allowed because account is locked", "root", undefined, undefined, "user not allowed"],
    ["ROOT LOGIN REFUSED FROM 192.0.2.1 port 22", "root", "192.0.2.1", 22, "user not allowed"],
  ])("%s", (message, ...expected) => expect(said(message)).toEqual(["failure", ...expected]));

  const details = "logname= uid=0 euid=0 tty=ssh ruser= rhost=";
  it.each([
    ["sshd(pam_unix)[12]", `authentication failure; ${details}192.0.2.1  user=root`, "root", "192.0.2.1"],
    ["sshd[12]", `pam_unix(sshd:auth): authentication failure; ${details}192.0.2.1  user=root`, "root", "192.0.2.1"],
    ["sshd[12]", `(pam_unix) authentication failure; ${details}192.0.2.1  user=root`, "root", "192.0.2.1"],
    [
      "sshd-session[12]",
      `pam_sss(sshd:auth): authentication failure; ${details}h.example.com user=a b`,
      "a b",
      "h.example.com",
    ],
    ["sshd[12]", `pam_unix(sshd:auth): authentication failure; ${details}192.0.2.1 `, undefined, "192.0.2.1"],
    [
      "login(pam_unix)[12]",
      "authentication failure; logname=LOGIN uid=0 euid=0 tty=tty2 ruser= rhost=  user=root",
      "root",
      undefined,
    ],
    [
      "sudo",
      "pam_unix(sudo:auth): authentication failure; logname=a uid=1 euid=0 tty=/dev/pts/1 ruser=a rhost=  user=a",
      "a",
      undefined,
    ],
    [
      "gdm-password]",
      "pam_unix(gdm-password:auth): authentication failure; logname= uid=0 euid=0 tty=:0 ruser= rhost=  user=a",
      "a",
      undefined,
    ],
  ])("PAM: %s: %s", (tag, message, user, address) =>
    expect(said(message, tag)).toEqual(["failure", user, address, undefined, "authentication failure"]),
  );

  it("`PAM 2 more authentication failures` stands for two, and so does the old form", () => {
    const more = `2 more authentication failures; ${details}192.0.2.1  user=root`;
    expect(read(`PAM ${more}`)).toMatchObject({ repeats: 2, fields: { "event.outcome": "failure" } });
    expect(read(more, "sshd(pam_unix)[12]")).toMatchObject({ repeats: 2, fields: { "event.outcome": "failure" } });
  });

  it("`message repeated 5 times` stands for five, and for fifteen where each says three", () => {
    const five = (text: string) => read(`message repeated 5 times: [ ${text}]`);
    expect(five("Failed password for root from 192.0.2.1 port 1 ssh2")).toMatchObject({ repeats: 5 });
    expect(five(`PAM 3 more authentication failures; ${details}192.0.2.1  user=root`)).toMatchObject({ repeats: 15 });
  });
});

describe("user names that say what they like", () => {
  it.each([
    ["Failed password for invalid user  from 192.0.2.1 port 1 ssh2", undefined],
    ["Failed password for invalid user a b  c from 192.0.2.1 port 1 ssh2", "a b  c"],
    ["Failed password for invalid user from from 192.0.2.1 port 1 ssh2", "from"],
    [
      "Failed password for invalid user a from 198.51.100.9 port 22 ssh2 from 192.0.2.1 port 1 ssh2",
      "a from 198.51.100.9 port 22 ssh2",
    ],
    ["Invalid user a from 198.51.100.9 port 2 from 192.0.2.1 port 1", "a from 198.51.100.9 port 2"],
    ["Invalid user Accepted password for root from 192.0.2.1 port 1", "Accepted password for root"],
    ["Connection closed by invalid user  192.0.2.1 port 1 [preauth]", undefined],
    ["Connection closed by invalid user a 198.51.100.9 port 2 192.0.2.1 port 1 [preauth]", "a 198.51.100.9 port 2"],
    ["Invalid user \u0000\u001b[2J\u2028 from 192.0.2.1 port 1", "\u0000\u001b[2J\u2028"],
  ])("%j", (message, user) => expect(said(message).slice(0, 4)).toEqual(["failure", user, "192.0.2.1", 1]));
});

it.each([
  ["fe80::1%eth0", "fe80::1%eth0", "fe80::1"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["host.example.com", "host.example.com", undefined],
  ["UNKNOWN", undefined, undefined],
])("of the address %s", (address, text, ip) => {
  const { fields } = read(`Failed password for a from ${address} port 1 ssh2`);
  expect([fields["source.address"], fields["source.ip"]]).toEqual([text, ip]);
});

describe("successes", () => {
  it.each([
    ["Accepted publickey for a from 192.0.2.1 port 1 ssh2: ED25519 SHA256:Zm9v", "sshd[12]", "192.0.2.1"],
    ["Accepted password for a from 192.0.2.1 port 1 ssh2", "sshd-session[12]", "192.0.2.1"],
    ["session opened for user a by (uid=509)", "sshd(pam_unix)[12]", undefined],
    ["pam_unix(sshd:session): session opened for user a(uid=1000) by a(uid=0)", "sshd[12]", undefined],
  ])("%s", (message, tag, address) => expect(said(message, tag).slice(0, 3)).toEqual(["success", "a", address]));

  it("a session of cron or sudo is a session, and no sign-in", () => {
    const opened = read("pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)", "CRON[12]");
    expect(opened).toMatchObject({ service: "cron", fields: { "event.category": "session", "user.name": "root" } });
    expect(opened.fields).not.toHaveProperty(["event.outcome"]);
  });
});

it.each([
  "Server listening on 0.0.0.0 port 22.",
  "Received disconnect from 192.0.2.1 port 1:11: Bye Bye [preauth]",
  "Connection closed by 192.0.2.1 port 1 [preauth]",
  "Did not receive identification string from 192.0.2.1",
  "pam_unix(sshd:auth): check pass; user unknown",
  "pam_unix(sshd:session): session closed for user a",
  "PAM service(sshd) ignoring max retries; 5 > 3",
  "fatal: Timeout before authentication for 192.0.2.1 port 1",
  "reverse mapping checking getaddrinfo for h.example.com [192.0.2.1] failed - POSSIBLE BREAK-IN ATTEMPT!",
])("is read, and is neither a failure nor a success: %s", (message) => {
  expect(read(message).fields).not.toHaveProperty(["event.outcome"]);
});

it("says whose a bare connection was", () => {
  expect(read("Received disconnect from 192.0.2.1 port 4711:11: Bye Bye [preauth]").fields).toMatchObject({
    "event.category": "network",
    "source.ip": "192.0.2.1",
    "source.port": 4711,
  });
});

it("reads every envelope: RFC 3164, ISO times, RFC 5424", () => {
  const text = "Failed password for a from 192.0.2.1 port 1 ssh2";
  for (const line of [
    `<38>Jul  1 09:00:55 gate sshd[12]: ${text}`,
    `2026-07-01T11:00:55.000000+02:00 gate sshd[12]: ${text}`,
    `<38>1 2026-07-01T09:00:55Z gate sshd 12 - - ${text}`,
    `<38>1 2026-07-01T09:00:55Z gate sshd 12 - [meta sequenceId="1"] ${text}`,
  ])
    expect(entryBy(sshd, line)).toMatchObject({
      at: Date.UTC(2026, 6, 1, 9, 0, 55),
      host: "gate",
      service: "sshd",
      fields: { "event.outcome": "failure", "user.name": "a", "process.pid": 12 },
    });
});

it.each([
  syslog("Failed password for a from 192.0.2.1 port 1 ssh2", "sshd-fake[12]"),
  syslog("authentication failure; rhost=192.0.2.1", "app[12]"),
  syslog("user says: sshd[1]: Failed password for a from 192.0.2.1 port 1 ssh2", "app[12]"),
])("another program's line is not read: %j", (line) => expect(readBy(sshd, line)).toEqual([undefined]));

it("an account that PAM locked is named", () => {
  const { fields } = read("pam_tally2(sudo:auth): user user009 (4001) tally 6, deny 5", "sudo");
  expect(fields).toMatchObject({ "event.action": "account-locked", "user.name": "user009" });
});
