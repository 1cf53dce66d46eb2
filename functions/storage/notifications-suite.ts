// What every notification store promises: owed once, sent once.
import { expect, test } from "vitest";
import type { NotificationRecord, Settlement } from "./notifications.ts";
import { notification, type OpenStorage } from "./suite-samples.ts";

const sent = (id: string, over: Partial<Settlement> = {}): Settlement => ({
  notificationId: id,
  state: "sent",
  reason: "",
  attempts: 1,
  nextAttemptAt: 1000,
  sentAt: 1500,
  providerId: "p-1",
  ...over,
});
const ids = (records: readonly NotificationRecord[]) => records.map((one) => one.notificationId);

export const notificationsSuite = (open: OpenStorage): void => {
  test("what is owed is written once and comes back as it stands", async () => {
    const { notifications } = await open();
    expect(await notifications.owe([notification("n1"), notification("n2")])).toEqual([
      notification("n1"),
      notification("n2"),
    ]);
    await notifications.settle([sent("n1")]);
    const again = [notification("n1", { createdAt: 9000 }), notification("n3"), notification("n3", { findings: 9 })];
    const stored = await notifications.owe(again);
    const first = notification("n1", { state: "sent", attempts: 1, sentAt: 1500, providerId: "p-1" });
    expect(stored).toEqual([first, notification("n3"), notification("n3")]);
    expect(await notifications.find(["n1"])).toEqual([first]);
    expect(await notifications.owe([])).toEqual([]);
  });

  test("two that owe the same at once leave one", async () => {
    const { notifications } = await open();
    const both = await Promise.all([1, 2].map((findings) => notifications.owe([notification("n", { findings })])));
    expect(both[0]).toEqual(both[1]);
    expect((await notifications.list(10)).length).toBe(1);
  });

  test("what has ended stays as it ended, whoever read it while it was owed", async () => {
    const { notifications } = await open();
    await notifications.owe([notification("n")]);
    const state = async () => (await notifications.find(["n"])).map((one) => [one.state, one.reason, one.attempts])[0];
    await notifications.settle([sent("n", { state: "owed", reason: "throttled", sentAt: null, providerId: null })]);
    expect(await state()).toEqual(["owed", "throttled", 1]);
    await notifications.settle([sent("n", { attempts: 3 })]);
    await notifications.settle([sent("n", { state: "failed", reason: "late", attempts: 4 })]);
    expect(await state()).toEqual(["sent", "", 3]);
    await notifications.owe([notification("m")]);
    await notifications.settle([sent("m", { state: "failed", reason: "bad address", attempts: 2, sentAt: null })]);
    await notifications.settle([sent("m", { state: "owed", attempts: 0, nextAttemptAt: 4000, sentAt: null })]);
    expect((await notifications.find(["m"])).map((one) => [one.state, one.reason])).toEqual([
      ["failed", "bad address"],
    ]);
    await notifications.settle([sent("never owed")]);
    await notifications.settle([]);
    expect(ids(await notifications.list(10)).sort()).toEqual(["m", "n"]);
  });

  test("what is owed is due when its time has come, oldest first", async () => {
    const { notifications } = await open();
    await notifications.owe([
      notification("later", { nextAttemptAt: 3000 }),
      notification("b", { nextAttemptAt: 2000 }),
      notification("a", { nextAttemptAt: 2000 }),
      notification("first", { nextAttemptAt: 1000 }),
      notification("quiet", { state: "suppressed", reason: "silenced", nextAttemptAt: 0 }),
    ]);
    expect(ids(await notifications.due(2000, 10))).toEqual(["first", "a", "b"]);
    expect(ids(await notifications.due(2000, 2))).toEqual(["first", "a"]);
    await notifications.settle([sent("first"), sent("a", { state: "owed", nextAttemptAt: 4000, sentAt: null })]);
    expect(ids(await notifications.due(3000, 10))).toEqual(["b", "later"]);
  });

  test("hundreds are owed, found and listed newest first", async () => {
    const { notifications } = await open();
    const many = Array.from({ length: 1100 }, (_, index) => notification(`n${index}`, { createdAt: index }));
    expect((await notifications.owe(many)).length).toBe(1100);
    expect((await notifications.find(many.map((one) => one.notificationId))).length).toBe(1100);
    expect(ids(await notifications.list(3))).toEqual(["n1099", "n1098", "n1097"]);
    expect((await notifications.due(1000, 2000)).length).toBe(1100);
  });

  test("an hour's messages are counted for each destination, those never made for it not", async () => {
    const { notifications } = await open();
    await notifications.owe([
      notification("n1", { createdAt: 1000 }),
      notification("n2", { createdAt: 2000, state: "failed" }),
      notification("n3", { createdAt: 2000, state: "suppressed", reason: "rate-limited" }),
      notification("n4", { createdAt: 2000, destinationId: "chat" }),
      notification("n5", { createdAt: 999 }),
    ]);
    const counts = await notifications.countSince(["mail", "chat", "other"], 1000);
    expect(["mail", "chat", "other"].map((id) => counts.get(id) ?? 0)).toEqual([2, 1, 0]);
    expect((await notifications.countSince([], 0)).size).toBe(0);
  });

  test("who read a message before its last try changes nothing of it: its wait and its tries stay", async () => {
    const { notifications } = await open();
    await notifications.owe([notification("n")]);
    const waiting = sent("n", { state: "owed", reason: "throttled", attempts: 2, nextAttemptAt: 90_000, sentAt: null });
    await notifications.settle([waiting]);
    await notifications.settle([
      sent("n", { state: "owed", reason: "", attempts: 1, nextAttemptAt: 2000, sentAt: null }),
    ]);
    expect((await notifications.find(["n"])).map((one) => [one.reason, one.attempts, one.nextAttemptAt])).toEqual([
      ["throttled", 2, 90_000],
    ]);
  });

  test("what ended long ago is forgotten, a bounded number at a time; what is owed never is", async () => {
    const { notifications } = await open();
    await notifications.owe([
      notification("old", { createdAt: 1000, state: "sent" }),
      notification("older", { createdAt: 500, state: "failed" }),
      notification("owed", { createdAt: 100 }),
      notification("new", { createdAt: 9000, state: "sent" }),
    ]);
    expect([await notifications.forget(5000, 1), await notifications.forget(5000, 9)]).toEqual([1, 1]);
    expect(ids(await notifications.list(10))).toEqual(["new", "owed"]);
  });
};
