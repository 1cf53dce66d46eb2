// Hard cases 9, 12 and 13: hostile names are data, and come back as they were; what forges lines is no name. What becomes of them in
// mail, Slack and our own log: hostile-output.test.ts.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EveryRoute, openEveryRoute } from "../../../simulators/stack/hard-cases/every-route.ts";
import { routes } from "../routes/index.ts";
import { hostile } from "./hostile-texts.ts";

let every: EveryRoute;
beforeAll(async () => {
  every = await openEveryRoute();
}, 60_000);
afterAll(() => every.close());

const callOf = (id: string) => every.callOf(id);

const inertHeaders = {
  "content-type": expect.stringMatching(/^application\/(problem\+)?json; charset=utf-8$/),
  "x-content-type-options": "nosniff",
  "content-security-policy": expect.stringContaining("default-src 'none'"),
};

describe("hard cases 9, 12 and 13: a name is what was written, wherever it is shown", () => {
  const made = ["createSource", "createService", "createJob", "createToken", "createDestination", "duplicateJob"];
  test.each(made)("%s", async (id) => {
    const call = callOf(id);
    for (const name of hostile) {
      const created = await every.send(call, { body: { ...Object(call.body), name, rules: undefined } });
      expect([name, created.status, created.text]).toEqual([name, 201, expect.anything()]);
      expect(created.headers).toMatchObject(inertHeaders);
      expect(created.body.name).toBe(name);
      const path = String(created.headers.location).replace(/^\/api/, "");
      const read = await every.api.call("GET", id === "createToken" ? "/tokens" : path, call.who);
      expect(JSON.stringify(read.body)).toContain(JSON.stringify(name));
      const [entry] = await every.api.storage.audit.list({ objectId: path.split("/").at(-1) ?? "", limit: 1 });
      expect(entry?.after).toMatchObject({ name });
      // What differs in signs alone is one name: the next may be such.
      await every.api.call("DELETE", path, call.who);
    }
  });

  test("my own", async () => {
    for (const name of hostile) {
      const { owner } = every.world.callers;
      const changed = await every.api.call("PUT", "/me", { ...owner, body: { name }, headers: { "if-match": "*" } });
      expect([name, changed.status, changed.body.name]).toEqual([name, 200, name]);
      const members = await every.api.call("GET", `/services/${every.world.own.service}/members`, owner);
      expect(members.body.items).toContainEqual(expect.objectContaining({ name }));
    }
  });

  test("a remark", async () => {
    for (const comment of [...hostile, "\u202egnp.exe", "two\nlines\twith a tab"]) {
      const call = callOf("createSilence");
      const silence = await every.send(call, { body: { ...Object(call.body), comment } });
      expect([silence.status, silence.body.comment]).toEqual([201, comment]);
      const note = callOf("acknowledgeAlert");
      const noted = await every.send(note, { body: { note: comment } });
      expect([noted.status, JSON.stringify(noted.body)]).toEqual([
        200,
        expect.stringContaining(JSON.stringify(comment)),
      ]);
    }
  });
});

describe("hard case 12: what would begin a line of a header, a log or a terminal's command is no part of a name", () => {
  const lines = [
    "a\r\nBcc: other@example.com",
    "a\nb",
    "a\rb",
    "\u001b[31mred",
    "a\u0000b",
    "a\u007fb",
    "a\tb",
    "\u0008",
    "a\u0085b",
    "a\u2028b",
    "\u202egnp.exe",
  ];
  const withName = routes
    .filter(({ example }) => Object.hasOwn(Object(example.body ?? {}), "name"))
    .map(({ id }) => id);

  test.each(withName)("%s", async (id) => {
    const call = callOf(id);
    for (const name of lines) {
      const before = every.writes();
      const { status, body } = await every.send(call, { body: { ...Object(call.body), name } });
      expect([name, status]).toEqual([name, 400]);
      const rule = expect.stringContaining("must not contain control characters");
      expect(body.errors).toContainEqual({ path: "body.name", rule });
      expect(every.writes()).toBe(before);
    }
  });

  test("nor is it of an address, or a key of ours", async () => {
    const mails = every.api.mailbox.messages().length;
    for (const email of [
      "a@example.com\r\nBcc: other@example.com",
      "a@example.com,other@example.com",
      "<a@example.com>",
    ]) {
      for (const id of ["inviteUser", "forgotPassword", "addMember"]) {
        const call = callOf(id);
        const { status, body } = await every.send(call, { body: { ...Object(call.body), email } });
        expect([id, email, status, body.errors]).toMatchObject([id, email, 400, [{ path: "body.email" }]]);
      }
    }
    const odd = await every.send(callOf("createSource"), { headers: { "idempotency-key": "a\r\nset-cookie: x=1" } });
    expect(odd.status).toBe(400);
    expect(every.api.mailbox.messages()).toHaveLength(mails);
  });
});

describe("hard case 13: words that objects know by themselves", () => {
  const words = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

  test("name no plug-in, no parameter, no label to rule by, and no id", async () => {
    for (const word of words) {
      const tries: [string, object][] = [
        ["createSource", { kind: word }],
        ["createSource", { params: { url: "https://graylog.example.com", token: "t", [word]: 1 } }],
        ["createDestination", { channel: word }],
        ["createRun", { analysis: word }],
        ["createRun", { params: { [word]: 1 } }],
        ["createJob", { analysis: word }],
        ["createJob", { params: { [word]: 1 } }],
        ["createJob", { serviceId: word }],
        ["createService", { sourceId: word }],
      ];
      for (const [id, over] of tries) {
        const call = callOf(id);
        const before = every.writes();
        // As a client writes it: a literal `__proto__` would set the prototype here.
        const text = JSON.stringify({ ...Object(call.body), ...over });
        const { status } = await every.send(call, { text });
        expect([id, text.slice(0, 200), [400, 422].includes(status)]).toEqual([id, text.slice(0, 200), true]);
        expect(every.writes()).toBe(before);
      }
      for (const path of [
        "jobs",
        "services",
        "sources",
        "alerts",
        "silences",
        "destinations",
        "runs",
        "notifications",
      ]) {
        const route = routes.find((one) => one.method === "GET" && one.path.startsWith(`/${path}/{`));
        if (!route) continue;
        const { status } = await every.api.call("GET", `/${path}/${word}`, every.world.callers.owner);
        expect([path, word, status]).toEqual([path, word, 404]);
      }
    }
  });

  test("are labels like any other to matchers of silences", async () => {
    const call = callOf("previewSilence");
    for (const name of words) {
      const preview = (op: string, value: string) => every.send(call, { body: { matchers: [{ name, op, value }] } });
      // No alert has such a label, so it is empty.
      expect((await preview("=", "")).body).toMatchObject({ now: { alerts: 1 } });
      for (const [op, value] of [
        ["=", "x"],
        ["=~", ".+"],
        ["=~", ".*native code.*"],
        ["!=", ""],
      ] as const)
        expect([name, op, (await preview(op, value)).body]).toMatchObject([name, op, { now: { alerts: 0 } }]);
    }
  });
});
