// The story of an alert through the real handler: made by the production cores of evaluate, notify and the sweep, told line by line.
import { afterAll, beforeEach, expect, test } from "vitest";
import { type AlertsWorld, buildAlertsWorld, minute } from "../../../simulators/stack/test-alerts.ts";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { makeJob, ruleBody } from "../../../simulators/stack/test-jobs.ts";

const opener = createApiOpener();
afterAll(opener.closeAll);

let api: TestApi;
let world: AlertsWorld;
beforeEach(async () => {
  api = await opener.open();
  world = await buildAlertsWorld(api);
});

const read = async (path: string, as: Identity = world.editor) => {
  const answered = await api.call("GET", path, { as });
  if (answered.status !== 200) throw new Error(answered.text);
  return answered.body;
};
const story = async (address: string, as?: Identity) => {
  const body = await read(`/alerts/${await world.idOf(address)}`, as);
  const items = (part: unknown): Record<string, unknown>[] => Object(part).items;
  return { body, lines: items(body.timeline), messages: items(body.notifications) };
};
const acknowledge = async (address: string, note = "mine", as = world.editor) =>
  api.call("PUT", `/alerts/${await world.idOf(address)}/acknowledgement`, { as, body: { note } });
const giveBack = async (address: string, as = world.editor) =>
  api.call("DELETE", `/alerts/${await world.idOf(address)}/acknowledgement`, { as });
const silence = (matchers: unknown, as = world.editor) =>
  api.call("POST", "/services/auth/silences", { as, body: { matchers, duration: "1h", comment: "a test" } });

test("fires, is silenced, taken on, told at the end of its silence, repeated, over: told, or why not", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  const first = await story("192.0.2.1");
  expect(first.body).toMatchObject({
    state: "firing",
    severity: "critical",
    value: 20,
    silencedBy: null,
    role: "editor",
  });
  expect(first.lines).toMatchObject([{ from: "ok", to: "firing", told: "opened", reason: null, why: "20 ≥ 10" }]);
  expect(first.messages).toMatchObject([{ state: "owed", told: "firing", destinationName: "To mail-owner" }]);

  const made = await silence([{ name: "address", op: "=~", value: "192\\.0\\.2\\.2" }]);
  expect(made.status).toBe(201);
  await world.play(2, { "192.0.2.1": 20, "192.0.2.2": 30 });
  const hidden = await story("192.0.2.2");
  expect(hidden.lines).toMatchObject([{ told: null, reason: "silenced", silenceId: made.body.id }]);
  expect(hidden.messages).toEqual([]);
  expect(hidden.body.silencedBy).toMatchObject({ id: made.body.id, authorName: "editor", comment: "a test" });
  expect((await story("192.0.2.1")).lines.map(({ told }) => told)).toEqual(["repeat", "opened"]);

  expect((await acknowledge("192.0.2.1")).status).toBe(200);
  await world.play(3, { "192.0.2.1": 20, "192.0.2.2": 30 });
  const taken = await story("192.0.2.1");
  expect(taken.lines[0]).toMatchObject({ told: null, reason: "acknowledged", silenceId: null });
  expect(taken.messages).toHaveLength(2);
  expect(taken.body.acknowledgement).toMatchObject({ byName: "editor", note: "mine" });
  // The repeat of the silenced one too.
  expect(await world.books()).toMatchObject({ pending: 2, suppressed: { silenced: 2, acknowledged: 1 } });

  api.clock.now += 5000;
  expect(await world.sweep()).toBe(0);
  const ended = await api.call("POST", `/silences/${made.body.id}/end`, { as: world.editor });
  expect(ended.body).toMatchObject({ state: "expired", endedEarly: true, version: 2 });
  expect(await world.sweep()).toBe(1);
  const released = await story("192.0.2.2");
  expect(released.lines[0]).toMatchObject({ from: "firing", to: "firing", told: "opened", reason: null });
  expect(released.messages).toMatchObject([{ told: "firing", state: "owed" }]);
  expect(released.body.silencedBy).toBeNull();
  expect(await world.sweep()).toBe(0);

  expect((await giveBack("192.0.2.1")).status).toBe(204);
  await world.play(4, { "192.0.2.1": 20, "192.0.2.2": 30 });
  expect((await story("192.0.2.1")).lines[0]).toMatchObject({ told: "repeat", reason: null });

  await world.play(5, {});
  const over = await story("192.0.2.1");
  expect(over.lines[0]).toMatchObject({ to: "resolved", told: "resolved" });
  expect(over.body).toMatchObject({ state: "resolved", resolvedAt: new Date(start + 5 * minute).toISOString() });
  const books = await world.books();
  const { silenced = 0, acknowledged = 0 } = books.suppressed;
  expect([silenced, acknowledged]).toEqual([2, 1]);
  expect(books.findings).toBe(books.sent + books.pending + Object.values(books.suppressed).reduce((a, b) => a + b, 0));
});

test("a viewer sees that a message was sent, and not to whom; an editor the name; nobody an address", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  await world.deliver();
  const hidden = { destinationId: null, destinationName: null, receipt: null };
  const seen = { destinationId: "mail-owner", destinationName: "To mail-owner", receipt: "receipt-1" };
  expect((await story("192.0.2.1", world.viewer)).messages).toMatchObject([
    { state: "sent", channel: "email", ...hidden },
  ]);
  for (const who of [world.editor, world.owner]) {
    const { messages, body } = await story("192.0.2.1", who);
    expect(messages).toMatchObject([{ state: "sent", attempts: 1, reason: "", ...seen }]);
    expect(JSON.stringify(body)).not.toContain("team@example.com");
  }
  // One's own destination is seen whatever the role.
  await world.join("auth", world.owner, "owner");
  await world.join("auth", world.editor, "owner");
  await world.join("auth", world.owner, "viewer");
  expect((await story("192.0.2.1", world.owner)).messages).toMatchObject([seen]);
});

test("what a provider says of a failure is told as its kind alone: its words may quote the address", async () => {
  await world.play(1, { "192.0.2.1": 20 });
  const [owed] = await api.storage.notifications.list({ limit: 1 });
  if (!owed) throw new Error("Nothing is owed.");
  const reason = "not-found: no mailbox team@example.com";
  await api.storage.notifications.settle([{ ...owed, state: "failed", reason, attempts: 1 }]);
  const { body, lines, messages } = await story("192.0.2.1", world.owner);
  expect(messages).toMatchObject([{ state: "failed", reason: "not-found", nextAttemptAt: null }]);
  expect(lines).toMatchObject([{ told: null, reason: "failed" }]);
  expect(JSON.stringify(body)).not.toContain("team@example.com");
});

test("a line that nobody was there to hear says so", async () => {
  const [mail] = await api.storage.configuration.find("destinations", ["mail-owner"]);
  if (!mail) throw new Error("No destination.");
  await api.storage.configuration.put(
    "destinations",
    mail.ownerId,
    { ...mail.item, enabled: false },
    mail.version,
    start,
  );
  await world.play(1, { "192.0.2.1": 20 });
  // At first it may be on its way.
  expect((await story("192.0.2.1")).lines).toMatchObject([{ told: "opened", reason: null }]);
  api.clock.now += 2 * minute;
  expect((await story("192.0.2.1")).lines).toMatchObject([{ told: null, reason: "no-destination" }]);
  expect((await world.books()).suppressed).toEqual({ "no-destination": 1 });
});

test("what evaluate had no word for says why: pending, flapping, an end that nobody wants to hear", async () => {
  const over = { clearAfter: "0s", destinationIds: ["mail-owner"] };
  const storyOf = async (name: string, rule: Record<string, unknown>, failures: readonly number[]) => {
    const { id: jobId } = await makeJob(api, world.owner, {
      ...{ name, every: "1m", window: "1m" },
      rules: [ruleBody({ ...over, ...rule })],
    });
    for (const [index, count] of failures.entries())
      await world.playOf({ ...world.watched, jobId, jobName: name }, index + 1, { [name]: count });
    const { lines } = await story(name);
    return lines.toReversed().map(({ to, told, reason }) => `${to} ${told ?? reason}`);
  };
  const held = await storyOf("held", { hold: "1m", tellResolved: false }, [20, 20, 0]);
  expect(held).toEqual(["pending pending", "firing opened", "resolved resolved-not-wanted"]);
  const flapping = await storyOf("flaps", { flapping: { changes: 3, within: "10m" } }, [20, 0, 20, 0, 20, 0]);
  expect(flapping).toEqual(expect.arrayContaining(["firing flapping", "resolved flapping"]));
});

test("a long story is cut, and says so", async () => {
  const { alertId, ...event } = { alertId: "a-long", ...eventFacts() };
  const events = Array.from({ length: 205 }, (_, index) => ({
    ...event,
    ...{ alertId, at: start + index, evaluationId: `long@${index}`, told: "repeat" as const },
  }));
  await api.storage.ruleStates.commit([
    {
      ...{ ruleId: event.ruleId, evaluationId: "long@0", evaluatedTo: start, upserts: [], removals: [], unfired: [] },
      events,
      episodes: [episodeFacts(alertId)],
    },
  ]);
  const body = await read(`/alerts/${alertId}`);
  expect(body.timeline).toMatchObject({ truncated: true, items: { length: 200 } });
});

const eventFacts = () => ({
  ...{ fingerprint: "long", ruleId: "rule-long", jobId: world.watched.jobId, labels: {}, sequence: 1 },
  ...{ from: "firing" as const, to: "firing" as const, value: 1, why: "", late: false },
});
const episodeFacts = (alertId: string) => ({
  ...{
    alertId,
    fingerprint: "long",
    ruleId: "rule-long",
    ruleName: "long",
    jobId: world.watched.jobId,
    jobName: "long",
  },
  ...{ serviceId: "auth", serviceName: "Sign-in", severity: "info" as const, labels: {}, state: "firing" as const },
  ...{
    value: 1,
    why: "",
    sequence: 1,
    openedAt: start,
    firedAt: start,
    resolvedAt: null,
    updatedAt: start,
    late: false,
  },
});
