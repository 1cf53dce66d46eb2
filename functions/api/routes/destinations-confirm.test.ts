// Whoever would be told by mail agrees first: nothing but the question is sent before.
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

describe("an e-mail address", () => {
  test("gets nothing but the question until its reader agrees, by a link that works once", async () => {
    const { api, user, mail, create, read, tokenFor, confirm, deliverTo } = world;
    const created = await create(mail("ops@example.com"));
    expect(created.body).toMatchObject({
      confirmedAt: null,
      waitingFor: ["ops@example.com"],
      asked: [{ mailed: true }],
    });
    const id = String(created.body.id);
    expect(api.mailbox.messages().map(({ to }) => to)).toEqual(["ops@example.com"]);
    expect((await api.call("POST", `/destinations/${id}/test`, { as: user })).status).toBe(409);
    expect(await deliverTo(id)).toMatchObject({ state: "failed", reason: expect.stringMatching(/^unconfirmed/) });
    expect(api.mailbox.messages()).toHaveLength(1);
    const token = tokenFor("ops@example.com");
    expect(created.text).not.toContain(token);
    const agreed = await confirm(token);
    expect(agreed.body).toEqual({ name: created.body.name, address: "ops@example.com", complete: true });
    expect((await confirm(token)).status).toBe(422);
    expect(await read(id)).toMatchObject({ waitingFor: [], version: 2 });
    expect(await deliverTo(id)).toMatchObject({ state: "sent" });
    expect(api.mailbox.messages()).toHaveLength(2);
  });

  test("of several: each agrees for itself, and nothing is sent before all have", async () => {
    const { mail, made, read, tokenFor, confirm, deliverTo } = world;
    const id = await made(mail("one@example.com", "two@example.com"));
    const [one, two] = [tokenFor("one@example.com"), tokenFor("two@example.com")];
    expect((await confirm(one)).body).toMatchObject({ complete: false });
    expect(await read(id)).toMatchObject({ confirmedAt: null, waitingFor: ["two@example.com"] });
    expect(await deliverTo(id)).toMatchObject({ state: "failed" });
    expect((await confirm(two)).body).toMatchObject({ complete: true });
    expect(await deliverTo(id)).toMatchObject({ state: "sent" });
  });

  test("that is new at a destination is asked, and the others need not agree again", async () => {
    const { mail, made, put, change, tokenFor, confirm, deliverTo } = world;
    const body = mail("old@example.com");
    const id = await made(body);
    await confirm(tokenFor("old@example.com"));
    const changed = await put(id, change({ ...body, address: { to: ["old@example.com", "new@example.com"] } }));
    expect(changed.body).toMatchObject({
      confirmedAt: null,
      waitingFor: ["new@example.com"],
      asked: [{ address: "new@example.com" }],
    });
    expect(await deliverTo(id)).toMatchObject({ state: "failed" });
    const back = await put(id, change(body));
    expect(back.body).toMatchObject({ waitingFor: [], asked: [] });
    expect(back.body.confirmedAt).not.toBeNull();
    // The link of who is not named any more agrees to nothing.
    expect((await confirm(tokenFor("new@example.com"))).status).toBe(422);
  });

  test("that two confirm at the same moment is agreed to by both", async () => {
    const { mail, made, read, tokenFor, confirm } = world;
    const to = ["a1@example.com", "a2@example.com", "a3@example.com"];
    const id = await made(mail(...to));
    const answers = await Promise.all(to.map((one) => confirm(tokenFor(one))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await read(id)).toMatchObject({ waitingFor: [] });
  });

  test("a link of yesterday, one that was replaced, or one of a removed destination agrees to nothing", async () => {
    const { api, user, mail, made, tokenFor, confirm } = world;
    const id = await made(mail("late@example.com"));
    const first = tokenFor("late@example.com");
    const asked = await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user });
    expect(asked.body).toEqual({ asked: [{ address: "late@example.com", mailed: true, reason: null }] });
    expect((await confirm(first)).status).toBe(422);
    const second = tokenFor("late@example.com");
    expect(second).not.toBe(first);
    api.clock.now += 86_400_000;
    expect((await confirm(second)).status).toBe(422);
    api.clock.now -= 86_400_000;
    await api.call("DELETE", `/destinations/${id}`, { as: user });
    expect((await confirm(second)).status).toBe(422);
  });

  test("a stranger's mailbox is not flooded: five questions a day, whoever asks; who is asked needs no second question", async () => {
    const { api, user, other, mail, create, made, tokenFor, confirm } = world;
    const id = await made(mail("victim@example.com"));
    for (let asked = 1; asked < 5; asked += 1)
      await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user });
    expect((await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user })).status).toBe(429);
    const another = await create(mail("victim@example.com"), other);
    expect(another.body.asked).toMatchObject([{ mailed: false, reason: expect.stringMatching(/Too many/) }]);
    expect(api.mailbox.messages().filter(({ to }) => to === "victim@example.com")).toHaveLength(5);
    await confirm(tokenFor("victim@example.com"));
    expect((await api.call("POST", `/destinations/${id}/request-confirmation`, { as: user })).status).toBe(409);
  });

  test("a mail that does not go out is told, and the destination is there", async () => {
    const { mail } = world;
    const unsent = await opener.open({ AWS_ENDPOINT_URL_SES: "http://127.0.0.1:1" });
    const as = await unsent.user("carol");
    const created = await unsent.call("POST", "/destinations", { as, body: mail("x@example.com") });
    expect(created.status).toBe(201);
    expect(created.body.asked).toMatchObject([{ mailed: false, reason: expect.stringMatching(/not reached/) }]);
  });

  test("hard cases 9 and 12: a hostile name is text in the question, and forges no header", async () => {
    const { api, mail, made } = world;
    const name = "<b>x</b> <!channel> {{constructor}} %s $" + "{process.env}";
    await made({ ...mail("safe@example.com"), name });
    const sent = api.mailbox.messages().find(({ to }) => to === "safe@example.com");
    expect(sent?.html).not.toContain("<b>x</b>");
    expect(sent?.html).toContain("&lt;b&gt;x&lt;/b&gt;");
    expect(sent?.text).toContain("{{constructor}} %s $" + "{process.env}");
    expect(sent?.raw).not.toMatch(/^Bcc:/im);
  });
});
