// For tests of services: an instance with an owner of a source, a stranger, an admin, and what the instance's files declare.
import * as samples from "../../functions/storage/suite-samples.ts";
import { type createApiOpener, type Identity, start } from "./test-api.ts";

export type ServicesWorld = Awaited<ReturnType<typeof openServices>>;

/** `sourceId` is the owner's. The file declares the source `local.logs` and, on it, the service `watch.auth`. */
export const openServices = async (opener: ReturnType<typeof createApiOpener>) => {
  const api = await opener.open();
  const admin = await api.user("admin", "admin");
  const owner = await api.user("owner");
  const stranger = await api.user("stranger");
  const addSource = async (name: string, as: Identity): Promise<string> => {
    const made = await api.call("POST", "/sources", { as, body: { name, kind: "memory", params: {} } });
    return String(made.body.id);
  };
  const sourceId = await addSource("logs", owner);
  const create = (name: string, more: object = {}, as = owner) =>
    api.call("POST", "/services", { as, body: { name, sourceId, ...more } });
  const put = (id: unknown, body: object, version = "*", as = owner) =>
    api.call("PUT", `/services/${id}`, { as, body, headers: { "if-match": version } });
  const get = (id: unknown, as = owner) => api.call("GET", `/services/${id}`, { as });
  const remove = (id: unknown, query = "", as = owner) => api.call("DELETE", `/services/${id}${query}`, { as });
  /** A job of the owner's on a service, straight in the store, with one rule. */
  const addJob = async (id: string, serviceId: string) => {
    const ownerId = owner.user.id;
    const job = samples.job(id, { serviceId, ownerId });
    const rule = samples.rule(`${id}-rule`, id, { destinationIds: [] });
    if (!(await api.storage.configuration.putJob(ownerId, job, [rule], 0, start))) throw new Error("No job.");
  };
  const { configuration } = api.storage;
  const local = { id: "local.logs", name: "logs", kind: "memory", params: {}, secret: "" };
  await configuration.put("sources", "local", local, 0, start);
  const declared = { id: "watch.auth", name: "auth", sourceId: local.id, filter: "service:auth", colour: "#123456" };
  await configuration.put("services", "watch", declared, 0, start);
  return { api, admin, owner, stranger, sourceId, addSource, create, put, get, remove, addJob };
};
