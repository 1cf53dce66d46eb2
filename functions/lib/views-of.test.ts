// Pictures from values alone: each shape has its own, sorted and bounded.
import { type Measurement, view } from "@logwatch/events";
import { expect, test } from "vitest";
import { viewsOf } from "./views-of.ts";

const count = (name: string, value: number, labels: Record<string, string> = {}): Measurement => ({
  name,
  labels,
  value,
  unit: "count",
});

test("a whole is a tile, one label is bars, several are a table; the largest come first", () => {
  const views = viewsOf([
    count("failed_logins_by_pair", 1, { user: "root", address: "192.0.2.1" }),
    count("failed_logins_by_pair", 7, { user: "", address: "192.0.2.2" }),
    count("failed_logins_by_user", 2, { user: "root" }),
    count("failed_logins_by_user", 5, { user: "" }),
    count("failed_logins", 7),
  ]);
  expect(views).toEqual([
    { kind: "stat", title: "Failed logins", value: 7, unit: "count" },
    {
      kind: "bar",
      title: "Failed logins by user",
      truncated: false,
      bars: [
        { label: "—", value: 5 },
        { label: "root", value: 2 },
      ],
    },
    {
      kind: "table",
      title: "Failed logins by pair",
      truncated: false,
      columns: ["user", "address", "count"],
      rows: [
        ["—", "192.0.2.2", 7],
        ["root", "192.0.2.1", 1],
      ],
    },
  ]);
  for (const one of views) expect(view.safeParse(one).success).toBe(true);
});

test("thousands of label sets give a bounded picture that says so; nothing gives none", () => {
  const many = Array.from({ length: 5000 }, (_, index) => count("n", index, { user: `u${index}` }));
  const pairs = many.map((one) => ({ ...one, name: "p", labels: { ...one.labels, host: "h" } }));
  const [bars, table] = viewsOf([...many, ...pairs]);
  expect([bars?.kind === "bar" && bars.bars.length, bars?.truncated]).toEqual([10, true]);
  expect([table?.kind === "table" && table.rows.length, table?.truncated]).toEqual([100, true]);
  expect(viewsOf([])).toEqual([]);
});
