// For tests of sources: a Graylog stand-in, whoever reads it, and a user who makes sources of their own.
import type { Identity } from "./test-api.ts";
import type { createLogWorlds } from "./test-logs.ts";

export type SourcesWorld = Awaited<ReturnType<typeof openSources>>;

export const secret = "s3cr3t-t0ken-of-a-reader";
/** Settings of a Graylog that nobody calls. */
export const settings = { url: "https://graylog.example.com", token: secret };

export const openSources = async (worlds: ReturnType<typeof createLogWorlds>) => {
  const world = await worlds.open();
  const { api } = world;
  const user = await api.user("user");
  const create = (
    name: string,
    params: object = settings,
    more: { as?: Identity; headers?: Record<string, string> } = {},
  ) => api.call("POST", "/sources", { as: user, body: { name, kind: "graylog", params }, ...more });
  const put = (id: unknown, body: object, version: string, as = user) =>
    api.call("PUT", `/sources/${id}`, { as, body, headers: { "if-match": version } });
  return { ...world, user, create, put };
};
