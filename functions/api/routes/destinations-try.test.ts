// A test message: sent at once, once, and what the provider says of it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApiOpener } from "../../../simulators/stack/test-api.ts";
import { type DestinationWorld, openDestinations } from "../../../simulators/stack/test-destinations.ts";

const opener = createApiOpener();
let world: DestinationWorld;
beforeAll(async () => {
  world = await openDestinations(opener);
});
beforeEach(async () => {
  await fetch(`${world.api.mailbox.url}/messages.json`, { method: "DELETE" });
});
afterAll(opener.closeAll);

describe("a test message", () => {
  test("is sent at once, says that it is one, and the provider's word is told", async () => {
    const { api, user, slack, made } = world;
    const id = await made(slack());
    const sent = await api.call("POST", `/destinations/${id}/test`, { as: user });
    expect(sent.body).toMatchObject({ ok: true, providerId: expect.stringMatching(/^test-/) });
    expect(api.mailbox.messages()).toMatchObject([
      { subject: expect.stringContaining("This is a test: nothing is wrong") },
    ]);
    const audit = await api.storage.audit.list({ limit: 1 });
    expect(audit).toMatchObject([{ action: "destination.tested", after: { ok: true } }]);
  });

  test("that fails is told with its kind, and is not tried again", async () => {
    const { api, user, slack, made } = world;
    const id = await made(slack(api.mailbox.slackUrl("T1/B1/revoked")));
    const sent = await api.call("POST", `/destinations/${id}/test`, { as: user });
    expect(sent.status).toBe(200);
    expect(sent.body).toMatchObject({ ok: false, kind: "not-found", retryable: false });
    expect(await api.storage.notifications.list({ destinationIds: [id], limit: 5 })).toEqual([]);
  });

  test("is sent ten times an hour, not more", async () => {
    const { api, user, slack, made } = world;
    const id = await made(slack());
    const statuses = [];
    for (let at = 0; at < 11; at += 1)
      statuses.push((await api.call("POST", `/destinations/${id}/test`, { as: user })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  });

  test("hard case 10: names ping nobody", async () => {
    const { api, user, slack, made } = world;
    const id = await made({ ...slack(), name: "<!channel> <@U123> <https://evil.example|bank>" });
    await api.call("POST", `/destinations/${id}/test`, { as: user });
    const [sent] = api.mailbox.messages();
    expect(sent?.raw).toContain("&lt;!channel&gt;");
    expect(sent?.raw).not.toMatch(/<!channel>|<@U123>|<https:\/\/evil/);
  });
});
