// A request without a body: taken where the body may say nothing, and nowhere else.
import { expect, test } from "vitest";
import { readInput } from "./read-input.ts";
import { routes } from "./routes/index.ts";

const read = (id: string, contentType: string, body: string) => {
  const route = routes.find((one) => one.id === id);
  if (!route) throw new Error(`There is no route ${id}.`);
  return readInput(route, { query: "", contentType, body });
};

test("a body of which every field is optional may be left out, and then has its defaults", () => {
  expect(read("acknowledgeAlert", "", "")).toMatchObject({ ok: true, value: { body: { note: "" } } });
  for (const id of ["duplicateJob", "runJob"]) expect(read(id, "", "").ok).toBe(true);
});

test("a body with a field that must be there is asked for as JSON", () => {
  for (const id of ["createSource", "createJob", "createRun", "applyWatch"])
    expect(read(id, "", "")).toMatchObject({ ok: false, error: { status: 415, kind: "not-json" } });
});

test("a body that is said to be something is read as that", () => {
  expect(read("acknowledgeAlert", "text/plain", "")).toMatchObject({ ok: false, error: { status: 415 } });
  expect(read("acknowledgeAlert", "application/json", "")).toMatchObject({ ok: false, error: { status: 400 } });
});
