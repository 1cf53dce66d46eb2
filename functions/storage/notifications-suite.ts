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

  test("lists are narrowed by everything that is asked, and go on behind a position", async () => {
    const { notifications } = await open();
    await notifications.owe([
      notification("a", { createdAt: 1000, jobId: "j1", evaluationId: "e1" }),
      notification("b", { createdAt: 2000, jobId: "j2", evaluationId: "e2", destinationId: "chat" }),
      notification("c", { createdAt: 2000, jobId: "j1", evaluationId: "e2", state: "failed" }),
    ]);
    const list = async (over = {}) => ids(await notifications.list({ limit: 10, ...over }));
    expect(await list()).toEqual(["c", "b", "a"]);
    expect(await list({ jobIds: ["j1"] })).toEqual(["c", "a"]);
    expect(await list({ destinationIds: ["chat"] })).toEqual(["b"]);
    expect(await list({ evaluationIds: ["e2"], states: ["failed", "sent"] })).toEqual(["c"]);
    expect(await list({ jobIds: [] })).toEqual([]);
    expect(await list({ before: { createdAt: 2000, notificationId: "c" } })).toEqual(["b", "a"]);
    const many = Array.from({ length: 900 }, (_, index) => `x${index}`);
    const long = { jobIds: [...many, "j1", "j2"], evaluationIds: [...many, "e2", "e1"] };
    expect(await list({ ...long, limit: 2 })).toEqual(["c", "b"]);
  });

  test("what has ended is owed once more by hand; what is owed, or gone, is not", async () => {
    const { notifications } = await open();
    await notifications.owe([
      notification("n"),
      notification("quiet", { state: "suppressed", reason: "rate-limited" }),
    ]);
    expect([await notifications.resend("n", 5000), await notifications.resend("none", 5000)]).toEqual([false, false]);
    await notifications.settle([sent("n", { state: "failed", reason: "bad address", attempts: 2, sentAt: null })]);
    expect(await notifications.resend("n", 5000)).toBe(true);
    const [owed] = await notifications.find(["n"]);
    expect(owed).toEqual(
      notification("n", { nextAttemptAt: 5000, resent: { at: 5000, earlier: "failed after 2 tries: bad address" } }),
    );
    expect(await notifications.resend("quiet", 5000)).toBe(true);
    expect(ids(await notifications.due(5000, 10))).toEqual(["n", "quiet"]);
    expect((await Promise.all([1, 2].map(() => notifications.resend("n", 6000)))).toSorted()).toEqual([false, false]);
  });

  test("who read a message before it was sent again does not end it; who read it since does", async () => {
    const { notifications } = await open();
    await notifications.owe([notification("n")]);
    await notifications.settle([sent("n")]);
    await notifications.resend("n", 5000);
    await notifications.settle([sent("n", { state: "failed", reason: "stale", attempts: 7, sentAt: null })]);
    const [owed] = await notifications.find(["n"]);
    expect([owed?.state, owed?.reason, owed?.attempts]).toEqual(["owed", "", 0]);
    // Once delivered stays delivered, whatever becomes of the second time.
    await notifications.settle([
      sent("n", { state: "failed", reason: "gone", sentAt: null, providerId: null, resent: owed?.resent }),
    ]);
    const [ended] = await notifications.find(["n"]);
    expect([ended?.state, ended?.sentAt, ended?.providerId]).toEqual(["failed", 1500, "p-1"]);
    await notifications.resend("n", 5000);
    const [again] = await notifications.find(["n"]);
    expect(again?.resent).toEqual({ at: 5001, earlier: "failed after 1 try: gone" });
    await notifications.settle([sent("n", { resent: { at: 5000, earlier: "" } })]);
    expect((await notifications.find(["n"]))[0]?.state).toBe("owed");
    await notifications.settle([sent("n", { sentAt: 9000, providerId: "p-2", resent: again?.resent })]);
    expect((await notifications.find(["n"]))[0]).toMatchObject({ state: "sent", sentAt: 9000, providerId: "p-2" });
  });
};
