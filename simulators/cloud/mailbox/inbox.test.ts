// The inbox keeps the newest messages and counts doubles.
import { expect, it } from "vitest";
import { type Arrival, openInbox } from "./inbox.ts";

const arrived = (subject: string, notificationId: string | null = null): Arrival => ({
  channel: "email",
  to: "a@example.com",
  from: "b@example.com",
  subject,
  text: "",
  html: null,
  blocks: null,
  raw: "",
  notificationId,
  severity: null,
  status: null,
  attachments: [],
});

it("keeps the newest 5,000 and never gives an id twice", () => {
  const inbox = openInbox(":memory:", () => 0);
  for (let at = 1; at <= 5003; at += 1) inbox.add(arrived(String(at)));
  expect(inbox.count()).toBe(5000);
  expect(inbox.list().at(-1)?.subject).toBe("4");
  expect(inbox.list(2).map(({ subject }) => subject)).toEqual(["5003", "5002"]);
  inbox.empty();
  expect(inbox.add(arrived("next"))).toBe("5004");
  inbox.close();
});

it("shows a double as two messages that know of each other; messages without an id are never doubles", () => {
  const inbox = openInbox(":memory:", () => 0);
  for (const id of ["n1", "n1", "n2", null, null]) inbox.add(arrived("x", id));
  expect(inbox.list().map(({ copies }) => copies)).toEqual([1, 1, 1, 2, 2]);
  inbox.close();
});
