// Notifications: who sees which, how each ended in words, and one sent again by hand.
import { notificationRequested } from "@logwatch/events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApiOpener, type Identity, start, type TestApi } from "../../../simulators/stack/test-api.ts";
import { buildWorld, otherMark, type World } from "../../../simulators/stack/test-world.ts";
import type { NotificationRecord } from "../../storage/notifications.ts";
import * as samples from "../../storage/suite-samples.ts";

const opener = createApiOpener();
let api: TestApi;
let world: World;
const as = (name: keyof World["callers"]): Identity => {
  const who = world.callers[name].as;
  if (!who) throw new Error(`${name} is nobody.`);
  return who;
};

beforeAll(async () => {
  api = await opener.open();
  world = await buildWorld(api);
  for (let at = 0; at < 5; at += 1)
    await owe(`n-${at}`, {
      createdAt: start + at,
      state: at % 2 === 0 ? "sent" : "failed",
      reason: at % 2 === 0 ? "" : "rejected: MessageRejected: own-side@example.com is not verified",
    });
});
afterAll(opener.closeAll);

const owe = async (id: string, over: Partial<NotificationRecord> = {}) => {
  const { job: jobId, destination: destinationId } = world.own;
  const record = samples.notification(id, {
    jobId,
    destinationId,
    createdAt: start,
    state: "sent",
    sentAt: start,
    ...over,
  });
  await api.storage.notifications.owe([record]);
  return id;
};
const list = (query = "", who: keyof World["callers"] = "owner") =>
  api.call("GET", `/notifications${query}`, { as: as(who) });
const idsOf = ({ body }: { body: { items?: Record<string, unknown>[] } }) => (body.items ?? []).map(({ id }) => id);
const read = (id: string, who: keyof World["callers"] = "owner") =>
  api.call("GET", `/notifications/${id}`, { as: as(who) });
const resend = (id: string, who: keyof World["callers"] = "owner") =>
  api.call("POST", `/notifications/${id}/resend`, { as: as(who) });

describe("the list", () => {
  test("comes newest first, page by page, each once", async () => {
    const whole = idsOf(await list("?limit=200"));
    expect(whole.slice(0, 5)).toEqual(["n-4", "n-3", "n-2", "n-1", "n-0"].slice(0, 5));
    const paged: unknown[] = [];
    let cursor = "";
    do {
      const page = await list(`?limit=2${cursor}`);
      paged.push(...idsOf(page));
      cursor = page.body.next === null ? "" : `&cursor=${page.body.next}`;
    } while (cursor !== "");
    expect(paged).toEqual(whole);
  });

  test("is narrowed by state, destination, job, alert and period", async () => {
    expect(idsOf(await list("?state=failed"))).toEqual(["n-3", "n-1"]);
    expect(idsOf(await list("?state=failed&state=sent"))).toHaveLength(6);
    expect(
      idsOf(await list(`?destinationId=${world.own.destination}&jobId=${world.own.job}&state=failed`)),
    ).toHaveLength(2);
    expect(idsOf(await list("?destinationId=nothing"))).toEqual([]);
    const [from, to] = [start + 1, start + 3].map((at) => new Date(at).toISOString());
    expect(idsOf(await list(`?from=${from}&to=${to}`))).toEqual(["n-2", "n-1"]);
    const [event] = await api.storage.ruleStates.events({ limit: 1 });
    if (!event) throw new Error("No alert.");
    await owe("n-of-alert", { evaluationId: event.evaluationId, createdAt: start + 9 });
    const found = (await list(`?alertId=${event.alertId}`)).body.items ?? [];
    expect(found.map(({ id }) => id)).toContain("n-of-alert");
  });

  test("shows what went to one's own destinations and what one's services told, and nothing else", async () => {
    for (const who of ["owner", "editor", "viewer", "member of another service"] as const) {
      const seen = await list("?limit=200", who);
      const isOther = who === "member of another service";
      expect(seen.text.includes(otherMark), who).toBe(isOther);
      expect(seen.text.includes("n-4"), who).toBe(!isOther);
    }
    // Told to somebody's own destination by a job of a service they do not see.
    await owe("n-to-other", { destinationId: world.other.destination });
    expect(idsOf(await list("?limit=200", "member of another service"))).toContain("n-to-other");
    expect((await read("n-to-other", "member of another service")).status).toBe(200);
    expect((await read("n-to-other", "admin")).status).toBe(404);
    expect(idsOf(await list("?limit=200", "admin"))).toEqual([]);
  });

  test("hard case 20: limits are bounded, and a cursor is of its user and list alone", async () => {
    for (const limit of ["-1", "0", "1000000000", "1e3"]) expect((await list(`?limit=${limit}`)).status).toBe(400);
    const { body } = await list("?limit=1");
    expect((await list(`?limit=1&cursor=${body.next}`, "editor")).status).toBe(422);
    expect((await api.call("GET", `/destinations?cursor=${body.next}`, { as: as("owner") })).status).toBe(422);
  });
});

describe("one", () => {
  test("says how it ended in words; a provider's words, which may quote an address, are the destination's owner's", async () => {
    expect((await read("n-1")).body).toMatchObject({
      state: "failed",
      reason: "rejected",
      reasonInWords: "MessageRejected: own-side@example.com is not verified",
      destinationName: world.own.destination,
      jobName: world.own.job,
      nextAttemptAt: null,
      message: { title: expect.any(String) },
    });
    const editor = await read("n-1", "editor");
    expect(editor.body).toMatchObject({ reason: "rejected", destinationName: world.own.destination });
    const viewer = await read("n-1", "viewer");
    expect(viewer.body).toMatchObject({
      reason: "rejected",
      destinationName: null,
      destinationId: null,
      providerId: null,
    });
    for (const { text } of [editor, viewer]) expect(text).not.toContain("own-side@example.com");
  });

  test("that was suppressed says why", async () => {
    await owe("n-suppressed", { state: "suppressed", reason: "rate-limited", sentAt: null });
    expect((await read("n-suppressed")).body).toMatchObject({
      reason: "rate-limited",
      reasonInWords: expect.stringMatching(/as many messages in an hour/),
    });
  });

  test("whose job and destination are gone is still there for who may see it", async () => {
    await owe("n-lost", { jobId: "gone", destinationId: world.own.destination });
    expect((await read("n-lost")).body).toMatchObject({ jobName: null, serviceId: null });
    expect((await read("n-lost", "viewer")).status).toBe(404);
  });

  test("hard case 9: hostile log text comes as it is, as text of JSON", async () => {
    const lines = ["<script>alert(1)</script>", "\u202egnp", "a\u0000b", "\ud800", "</pre>"];
    const message = { ...samples.notification("").message, lines, examples: ["{{constructor}}"] };
    await owe("n-hostile", { message });
    const shown = await read("n-hostile");
    expect(shown.headers["content-type"]).toMatch(/^application\/json/);
    expect(shown.body).toMatchObject({
      message: { lines: [lines[0], lines[1], lines[2], expect.any(String), lines[4]] },
    });
  });
});

describe("one sent again", () => {
  test("is owed at once and requested; it says how it had ended before, and the books hold it as one finding", async () => {
    await owe("n-again", { state: "failed", reason: "not-found: 404", sentAt: null, attempts: 3 });
    api.published.length = 0;
    const again = await resend("n-again");
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({
      state: "owed",
      attempts: 0,
      resent: { earlier: expect.stringMatching(/failed after 3 tries: not-found/) },
    });
    expect(api.published.map(({ topic }) => topic)).toEqual(["logwatch.notification.requested"]);
    const [record] = api.published;
    const event = notificationRequested.parse(JSON.parse(record?.value ?? ""));
    expect(event.data).toMatchObject({ notificationId: "n-again", attempts: 0, destinationId: world.own.destination });
    const [entry] = await api.storage.audit.list({ limit: 1 });
    expect(entry).toMatchObject({
      action: "notification.resent",
      before: { state: "failed" },
      after: { state: "owed" },
    });
    expect((await resend("n-again")).status).toBe(409);
  });

  test("by an editor is refused, as by who does not see it", async () => {
    await owe("n-not-mine");
    expect((await resend("n-not-mine", "editor")).status).toBe(403);
    expect((await resend("n-not-mine", "member of another service")).status).toBe(404);
  });

  test("to where it would not arrive is refused with the reason", async () => {
    await owe("n-nowhere", { destinationId: "gone" });
    expect((await resend("n-nowhere")).body).toMatchObject({
      status: 409,
      type: "urn:logwatch:problem:no-destination",
    });
    const put = (over: object) =>
      api.storage.configuration.put(
        "destinations",
        as("owner").user.id,
        samples.destination("d-off", { secret: "", ...over }),
        0,
        1,
      );
    await put({ enabled: false });
    await owe("n-off", { destinationId: "d-off" });
    expect((await resend("n-off")).body).toMatchObject({ type: "urn:logwatch:problem:off" });
    await api.storage.configuration.remove("destinations", "d-off", null);
    await put({ confirmedAt: null });
    expect((await resend("n-off")).body).toMatchObject({ type: "urn:logwatch:problem:unconfirmed" });
  });

  test("of two at once one is taken", async () => {
    await owe("n-twice");
    const statuses = (await Promise.all([resend("n-twice"), resend("n-twice")])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([202, 409]);
  });
});
