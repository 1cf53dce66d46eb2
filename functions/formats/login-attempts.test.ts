// Sign-ins that are written more than once, as stories: log lines in, how often somebody failed to sign in out.
import { describe, expect, it } from "vitest";
import { loginsIn } from "./test-lines.ts";

type Line = readonly [second: number, text: string, pid?: number | string, host?: string];

/** `second` counts from 09:00:00; a pid that is a text is the whole tag. */
const log = (lines: readonly Line[]): string[] =>
  lines.map(([second, text, pid = 12, host = "gate"]) => {
    const time = new Date(Date.UTC(2026, 6, 1, 9, 0, second)).toISOString().slice(11, 19);
    return `Jul  1 ${time} ${host} ${typeof pid === "number" ? `sshd[${pid}]` : pid}: ${text}`;
  });
const failuresIn = (...lines: Line[]): number => loginsIn(log(lines)).failures;

const own = (user = "root", port = 4711) => `Failed password for ${user} from 192.0.2.1 port ${port} ssh2`;
const details = "logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1";
const pam = (user = "root") => `pam_unix(sshd:auth): authentication failure; ${details}  user=${user}`;
const oldPam = "authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=host.example.com  user=root";
const more = (count: number) =>
  `PAM ${count} more authentication failure${count === 1 ? "" : "s"}; ${details}  user=root`;

describe("one attempt that both sshd and PAM write", () => {
  it("counts once when PAM writes first", () => expect(failuresIn([0, pam()], [2, own()])).toBe(1));
  it("counts once when sshd writes first", () => expect(failuresIn([0, own()], [0, pam()])).toBe(1));
  it("counts once when only sshd writes", () => expect(failuresIn([0, own()])).toBe(1));
  it("counts once when only PAM writes", () => expect(failuresIn([0, pam()])).toBe(1));

  it("counts once under the old tag of PAM, whose host is a name where sshd writes an address", () => {
    expect(failuresIn([0, oldPam, "sshd(pam_unix)[12]"], [2, own()])).toBe(1);
  });

  it("counts once under the tag of a newer sshd", () => {
    expect(failuresIn([0, pam(), "sshd-session[12]"], [2, own(), "sshd-session[12]"])).toBe(1);
  });

  it("counts once where tags have no process id", () => {
    expect(failuresIn([0, pam(), "sshd"], [2, own(), "sshd"])).toBe(1);
  });

  it("counts once for an unknown user, whom PAM does not name", () => {
    const unnamed = `pam_unix(sshd:auth): authentication failure; ${details} `;
    const lines: Line[] = [
      [0, "Invalid user admin from 192.0.2.1 port 4711"],
      [0, "pam_unix(sshd:auth): check pass; user unknown"],
      [0, unnamed],
      [2, "Failed password for invalid user admin from 192.0.2.1 port 4711 ssh2"],
      [3, "Connection closed by invalid user admin 192.0.2.1 port 4711 [preauth]"],
    ];
    expect(failuresIn(...lines)).toBe(1);
    expect(failuresIn(...[...lines].reverse())).toBe(1);
  });

  it("counts once where several modules of PAM refuse", () => {
    expect(failuresIn([0, pam()], [1, pam().replace("pam_unix", "pam_sss")], [2, own()])).toBe(1);
  });

  it("counts once where sshd tells of PAM itself, with keyboard-interactive", () => {
    expect(
      failuresIn(
        [0, pam()],
        [2, "error: PAM: Authentication failure for root from 192.0.2.1"],
        [2, "Failed keyboard-interactive/pam for root from 192.0.2.1 port 4711 ssh2"],
      ),
    ).toBe(1);
  });

  it("counts each try once where PAM has a process of its own for each", () => {
    const round = (second: number, child: number): Line[] => [
      [second, pam(), child],
      [second + 2, "error: PAM: Authentication failure for root from 192.0.2.1", 12],
      [second + 2, "Failed keyboard-interactive/pam for root from 192.0.2.1 port 4711 ssh2", 12],
    ];
    expect(failuresIn(...round(0, 13))).toBe(1);
    expect(failuresIn(...round(0, 13), ...round(10, 14), ...round(20, 15))).toBe(3);
  });
});

describe("several attempts in one connection", () => {
  const three: Line[] = [
    [0, pam()],
    [2, own()],
    [5, own()],
    [9, own()],
    [9, more(2)],
  ];

  it("count each, though PAM writes the first and then how many more", () => expect(failuresIn(...three)).toBe(3));
  it("count each where only PAM writes", () => expect(failuresIn([0, pam()], [9, more(2)])).toBe(3));
  it("count each where `message repeated` stands for some", () => {
    expect(failuresIn([0, pam()], [2, own()], [9, `message repeated 2 times: [ ${own()}]`], [9, more(2)])).toBe(3);
  });
  it("count each where `last message repeated` stands for some", () => {
    const lines = log([[2, own()]]);
    expect(loginsIn([...lines, "Jul  1 09:00:30 gate last message repeated 4 times"]).failures).toBe(5);
  });
  it("are not one more when sshd gives up on them", () => {
    expect(
      failuresIn(
        ...three,
        [9, "error: maximum authentication attempts exceeded for root from 192.0.2.1 port 4711 ssh2 [preauth]"],
        [9, "Disconnecting authenticating user root 192.0.2.1 port 4711: Too many authentication failures [preauth]"],
      ),
    ).toBe(3);
  });
  it("do not count the question which methods there are", () => {
    const none = "Failed none for invalid user root from 192.0.2.1 port 4711 ssh2";
    expect(failuresIn([0, none], [2, own()], [4, own()])).toBe(2);
    expect(failuresIn([0, none])).toBe(1);
  });
  it("count keys and passwords alike", () => {
    expect(failuresIn([0, own().replace("password", "publickey")], [1, pam()], [3, own()])).toBe(2);
  });
});

describe("several connections", () => {
  it("count each, at the same time from the same address", () => {
    const lines = [1, 2, 3, 4, 5].flatMap((pid): Line[] => [
      [0, pam(), pid],
      [2, own("root", 4711 + pid), pid],
    ]);
    const bySecond = [...lines].sort(([left], [right]) => left - right);
    expect(failuresIn(...lines)).toBe(5);
    expect(failuresIn(...bySecond)).toBe(5);
  });

  it("count each where only PAM writes, in one second", () => {
    expect(failuresIn(...[1, 2, 3, 4, 5].map((pid): Line => [0, pam(), pid]))).toBe(5);
  });

  it("count each though a process id comes again later", () => {
    expect(failuresIn([0, own("root", 1)], [2, own("root", 2)])).toBe(2);
    expect(failuresIn([0, own()], [3599, pam()])).toBe(2);
  });

  it("count each on two hosts with the same process id", () => {
    expect(failuresIn([0, pam(), 12, "a"], [1, own(), 12, "b"])).toBe(2);
  });

  it("are told apart by user, where PAM's process is not sshd's", () => {
    expect(failuresIn([0, own("a"), 12], [1, pam("b"), 13])).toBe(2);
  });

  it("that only end while signing in count once each", () => {
    const closed = (port: number) => `Connection closed by authenticating user root 192.0.2.1 port ${port} [preauth]`;
    expect(failuresIn([0, closed(1), 1], [1, closed(2), 2])).toBe(2);
  });
});

describe("what came before a success", () => {
  const accepted = "Accepted password for root from 192.0.2.1 port 4711 ssh2";
  const opened = "pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)";

  it("still counts as a failure, and the success once", () => {
    expect(
      loginsIn(
        log([
          [0, pam()],
          [2, own()],
          [5, accepted],
          [5, opened],
        ]),
      ),
    ).toEqual({ failures: 1, successes: 1 });
  });

  it("is a success where only PAM writes it", () => {
    expect(loginsIn(log([[5, opened]]))).toEqual({ failures: 0, successes: 1 });
  });
});

it("an hour of attacks counts the same whoever writes: both, only sshd, or only PAM", () => {
  const both = Array.from({ length: 300 }, (_, index): Line[] => [
    [index * 10, pam(), 1000 + index],
    [index * 10 + 2, own("root", 2000 + index), 1000 + index],
    [index * 10 + 5, own("root", 2000 + index), 1000 + index],
    [index * 10 + 5, more(1), 1000 + index],
  ]).flat();
  const only = (word: string) => both.filter(([, text]) => text.includes(word));
  expect(failuresIn(...both)).toBe(600);
  expect(failuresIn(...only("Failed password"))).toBe(600);
  expect(failuresIn(...only("authentication failure"))).toBe(600);
});
