// The egress guard's decisions: hundreds of hard addresses, what each list entry means, and names that change while they are checked.
import { describe, expect, it, test } from "vitest";
import { checkCall, guardedFetch, type Resolve } from "./egress.ts";
import { egressCorpus } from "./egress-corpus.ts";
import { isForbidden } from "./egress-failure.ts";
import { allowances, slackPolicy, sourcePolicy } from "./egress-policy.ts";

const signal = new AbortController().signal;
const listed = (text: string) => {
  const read = allowances(text);
  if (!read.ok) throw new Error(read.error);
  return sourcePolicy(read.value);
};

describe.each(egressCorpus.map((group) => [group.why, group] as const))("%s", (_why, { list, isSlack, cases }) => {
  const policy = isSlack ? slackPolicy(list.split(",").map((host) => host.trim())) : listed(list);
  it.each(
    cases.map(
      ([url, expected, leadsTo = ["8.8.8.8"]]) => [JSON.stringify(url).slice(0, 90), expected, url, leadsTo] as const,
    ),
  )("%s: %s", async (_shown, expected, url, leadsTo) => {
    const given = await checkCall(url, policy, async () => leadsTo, signal);
    expect(given.ok ? "allowed" : given.error.kind).toBe(expected);
    if (given.ok) return;
    expect(given.error.message).toMatch(/^[^\n]{10,300}\.$/);
    // What a name leads to inside is not told, nor what stands between the slashes and the host.
    for (const address of leadsTo)
      if (address !== "" && !url.includes(address)) expect(given.error.message).not.toContain(address);
    expect(given.error.message).not.toMatch(/secret|T1\/B1/);
  });
});

test("the corpus is as large as it is said to be, and every rule is broken in it", () => {
  const all = egressCorpus.flatMap(({ cases }) => cases);
  expect(all.length).toBeGreaterThan(200);
  const broken = new Set(all.map(([, expected]) => expected));
  for (const kind of [
    "bad-url",
    "bad-scheme",
    "credentials-in-url",
    "host-not-allowed",
    "port-not-allowed",
    "plain-http",
    "not-public",
    "metadata",
  ] as const) {
    expect(broken).toContain(kind);
    expect(isForbidden({ kind, message: "", retryable: false })).toBe(true);
  }
});

describe("a name", () => {
  const request = { method: "GET", headers: {}, maxBodyBytes: 100, signal } as const;

  it("that leads to a public address first and inward afterwards is refused at the second call: each is checked anew", async () => {
    const answers = [["8.8.8.8"], ["127.0.0.1"]];
    const resolve: Resolve = async () => answers.shift() ?? [];
    const policy = listed("");
    expect(await checkCall("https://rebind.example.com", policy, resolve, signal)).toMatchObject({
      ok: true,
      value: { addresses: ["8.8.8.8"] },
    });
    expect(await checkCall("https://rebind.example.com", policy, resolve, signal)).toMatchObject({
      ok: false,
      error: { kind: "not-public" },
    });
  });

  it.each([
    ["https://8.8.8.8:22", ""],
    ["http://graylog.example.com", ""],
    ["https://user@graylog.example.com", ""],
    ["https://graylog.example.com:22", ""],
  ])("is not looked up for a call that is refused without: %s", async (url, list) => {
    const asked: string[] = [];
    const resolve: Resolve = async (name) => {
      asked.push(name);
      return ["8.8.8.8"];
    };
    expect((await guardedFetch(listed(list), { resolve })(url, request)).ok).toBe(false);
    expect(asked).toEqual([]);
  });

  it("is looked up once a call, in ASCII", async () => {
    const asked: string[] = [];
    const resolve: Resolve = async (name) => {
      asked.push(name);
      return ["10.0.0.1"];
    };
    await guardedFetch(listed(""), { resolve })("https://BÜCHER.example/x", request);
    expect(asked).toEqual(["xn--bcher-kva.example"]);
  });

  it("that is not answered for ends with the caller's patience, not with the name service's", async () => {
    const never: Resolve = () => new Promise(() => undefined);
    const ask = (given: AbortSignal, wholeMs: number) =>
      guardedFetch(listed(""), { resolve: never, limits: { wholeMs } })("https://slow.example.com", {
        ...request,
        signal: given,
      });
    expect(await ask(AbortSignal.timeout(30), 10_000)).toMatchObject({ ok: false, error: { kind: "aborted" } });
    expect(await ask(signal, 30)).toMatchObject({ ok: false, error: { kind: "timeout" } });
  });

  it("that does not exist, and one that cannot be looked up now, are told apart", async () => {
    const failing =
      (code: string): Resolve =>
      async () => {
        throw Object.assign(new Error(`getaddrinfo ${code} x`), { code });
      };
    const ask = (code: string) => checkCall("https://x.example.com", listed(""), failing(code), signal);
    expect(await ask("ENOTFOUND")).toMatchObject({
      error: { kind: "unknown-name", message: expect.stringMatching(/does not exist/) },
    });
    expect(await ask("EAI_AGAIN")).toMatchObject({
      error: { kind: "unreachable", message: expect.stringMatching(/cannot be looked up now/) },
    });
  });
});

describe("the operator's list", () => {
  it("empty entries are nothing", () => {
    expect(allowances(" , ,")).toEqual({ ok: true, value: [] });
  });

  it.each([
    "http://graylog.internal",
    "graylog.internal/",
    "graylog.internal:0",
    "graylog.internal:65536",
    "graylog.internal:x",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0/8",
    "10.0.0.256",
    "300.1.1.1",
    "fd00::/129",
    "::ffff:10.0.0.0/104",
    "[::1",
    "fe80::1%eth0",
    "*",
    "*.",
    "a.*.example.com",
    "*example.com",
    "user@graylog.internal",
    "gray log",
    "graylog.internal.",
    "-a.internal",
  ])("%s is refused with its own words, not taken for something near it", (entry) => {
    const read = allowances(`graylog.internal, ${entry}`);
    expect(read).toMatchObject({ ok: false });
    expect(read.ok ? "" : read.error).toContain(JSON.stringify(entry));
  });
});
