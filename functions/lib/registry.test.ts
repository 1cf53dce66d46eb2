// The registry of a plug-in folder: found by id, and no id twice.
import { expect, test } from "vitest";
import { registry } from "./registry.ts";

test("plug-ins are found by their id, not by their export's name", () => {
  const found = registry("channel", { mailBox: { id: "mail-box" }, slack: { id: "slack" } });
  expect(found.get("mail-box")).toEqual({ id: "mail-box" });
  expect(found.find("mailBox")).toBeUndefined();
  expect(found.find("__proto__")).toBeUndefined();
  expect(found.all.map((plugin) => plugin.id)).toEqual(["mail-box", "slack"]);
});

test("two equal ids are refused at load", () => {
  expect(() => registry("channel", { one: { id: "slack" }, two: { id: "slack" } })).toThrow('called "slack"');
});

test("an id that was checked and is not there says what is", () => {
  expect(() => registry("channel", { slack: { id: "slack" } }).get("pager")).toThrow(
    'There is no channel called "pager"; known: slack.',
  );
});
