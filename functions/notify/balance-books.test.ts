// The books of verdicts when messages are sent, fail and are sent again.
import { expect, test } from "vitest";
import { change, openSilenced, start } from "../../simulators/stack/test-silenced.ts";

test("a message that was sent stays so in the books when it is sent again, and one that failed is pending again", async () => {
  const { storage, evaluate, books } = await openSilenced();
  await evaluate(1, [change("root")]);
  await evaluate(2, [change("admin")]);
  const [second, first] = await storage.notifications.list({ limit: 10 });
  if (!first || !second) throw new Error("Two messages are owed.");
  await storage.notifications.settle([
    { ...first, state: "sent", attempts: 1, sentAt: start },
    { ...second, state: "failed", reason: "bad address", attempts: 1 },
  ]);
  expect(await books()).toEqual({ findings: 2, sent: 1, pending: 0, suppressed: { failed: 1 } });
  for (const { notificationId } of [first, second]) await storage.notifications.resend(notificationId, start);
  expect(await books()).toEqual({ findings: 2, sent: 1, pending: 1, suppressed: {} });
});
