// For tests: two services that know nothing of each other, members of every role on the first, and destinations.

import * as samples from "../../functions/storage/suite-samples.ts";
import type { Identity, TestApi } from "./test-api.ts";

export type JobsWorld = Awaited<ReturnType<typeof buildJobsWorld>>;

/** `owner` owns the service `auth`, `stranger` the service `elsewhere`; each has a destination called after them. */
export const buildJobsWorld = async (api: TestApi) => {
  const { storage, clock } = api;
  const admin = await api.user("admin", "admin");
  const [owner, stranger] = [await api.user("owner"), await api.user("stranger")];
  const [editor, viewer] = [await api.user("editor"), await api.user("viewer")];
  const addService = async (id: string, ownerId: string, name: string) => {
    const source = { ...samples.source, id: `source-of-${id}` };
    await storage.configuration.put("sources", ownerId, source, 0, clock.now);
    const service = { ...samples.service, id, name, sourceId: source.id };
    await storage.configuration.put("services", ownerId, service, 0, clock.now);
  };
  const join = (serviceId: string, { user }: Identity, role: "viewer" | "editor" | "owner") =>
    storage.members.put(serviceId, user.id, role, clock.now);
  await addService("auth", owner.user.id, "Sign-in");
  await addService("elsewhere", stranger.user.id, "Elsewhere");
  await addService("of-the-file", "watch", "Declared");
  await join("auth", owner, "owner");
  await join("auth", editor, "editor");
  await join("auth", viewer, "viewer");
  await join("elsewhere", stranger, "owner");
  for (const { user } of [owner, editor, stranger])
    await storage.configuration.put("destinations", user.id, samples.destination(`mail-${user.name}`), 0, clock.now);
  return { admin, owner, editor, viewer, stranger, join, addService };
};

export const ruleBody = (over: Record<string, unknown> = {}) => ({
  name: "brute force",
  kind: "threshold",
  params: { measurement: "failed_logins_by_address", op: "ge", limit: 10 },
  ...over,
});

/** What a PUT and a POST may say. */
export const jobBody = (over: Record<string, unknown> = {}) => ({
  name: "failed logins",
  serviceId: "auth",
  analysis: "failed-logins",
  every: "10s",
  enabled: true,
  rules: [ruleBody()],
  ...over,
});

/** Of an answer, what a PUT takes: the job as it is. */
export const bodyOf = (view: Record<string, unknown>): Record<string, unknown> => {
  const { name, serviceId, analysis, params, every, window, delay, enabled, rules } = view;
  return { name, serviceId, analysis, params, every, window, delay, enabled, rules };
};

/** Makes a job; its id and answer. */
export const makeJob = async (api: TestApi, as: Identity, over: Record<string, unknown> = {}) => {
  const made = await api.call("POST", "/jobs", { as, body: jobBody(over) });
  if (made.status !== 201) throw new Error(made.text);
  return { id: String(made.body.id), view: made.body, etag: String(made.headers.etag) };
};

/** `path: rule` of every error of a refusal. */
export const errorsOf = (body: Record<string, unknown>): string[] =>
  Array.isArray(body.errors) ? body.errors.map(({ path, rule }) => `${path}: ${rule}`) : [];
