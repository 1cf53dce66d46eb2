// For tests of destinations: an instance with two users, and what they do with destinations, in words of one line.

import * as channels from "../../functions/channels/index.ts";
import { deliverHandler } from "../../functions/deliver/handler.ts";
import { encodeEvent } from "../../functions/lib/emit.ts";
import * as samples from "../../functions/storage/suite-samples.ts";
import type { createApiOpener, Identity } from "./test-api.ts";

export type DestinationWorld = Awaited<ReturnType<typeof openDestinations>>;

export const openDestinations = async (opener: ReturnType<typeof createApiOpener>) => {
  const api = await opener.open();
  const user = await api.user("user001");
  const other = await api.user("user002");
  let names = 0;
  const nextName = () => {
    names += 1;
    return `place ${names}`;
  };
  const mail = (...to: string[]) => ({ name: nextName(), channel: "email", address: { to } });
  const slackUrl = () => api.mailbox.slackUrl("T1/B1/XXtokenXX");
  const slack = (url = slackUrl()) => ({ name: nextName(), channel: "slack", address: { url } });
  const create = (body: object, as: Identity = user, headers = {}) =>
    api.call("POST", "/destinations", { as, body, headers });
  const made = async (body: object, as: Identity = user) => {
    const created = await create(body, as);
    if (created.status !== 201) throw new Error(created.text);
    return String(created.body.id);
  };
  const read = async (id: string, as: Identity = user) => (await api.call("GET", `/destinations/${id}`, { as })).body;
  const put = (id: string, body: object, ifMatch = "*", as: Identity = user) =>
    api.call("PUT", `/destinations/${id}`, { as, body, headers: { "if-match": ifMatch } });
  const change = (body: object) => ({ maxPerHour: 120, enabled: true, ...body });
  /** The newest link that was mailed to an address. */
  const tokenFor = (address: string) => {
    const sent = api.mailbox.messages().find(({ to }) => to === address);
    return /#token=([\w-]{43})/.exec(sent?.text ?? "")?.[1] ?? "none";
  };
  const confirm = (token: string) =>
    api.call("POST", "/destinations/confirm", {
      body: { token },
      headers: { origin: "https://logwatch.example.com", "x-logwatch-csrf": "1" },
    });
  let messages = 0;
  /** One message owed there, through the handler of the step that delivers; how it ended. */
  const deliverTo = async (destinationId: string) => {
    messages += 1;
    const notificationId = `n-${messages}`;
    const record = samples.notification(notificationId, {
      destinationId,
      channel: "email",
      nextAttemptAt: api.clock.now,
    });
    await api.storage.notifications.owe([record]);
    const data = { ...record, attempts: 0 };
    const event = { id: notificationId, type: "notification.requested", at: api.clock.now, cause: null, data } as const;
    const { topic, value } = encodeEvent("logwatch.notification.requested", { key: destinationId, event });
    const now = () => api.clock.now;
    const handle = deliverHandler(channels.email, { storage: api.storage, now, config: api.config });
    const kafka = {
      topic,
      partition: 0,
      offset: 0,
      timestamp: 0,
      timestampType: "CREATE_TIME" as const,
      key: "",
      headers: [],
    };
    await handle({
      eventSource: "aws:kafka",
      eventSourceArn: "arn:aws:kafka:us-east-1:123456789012:cluster/test/1",
      bootstrapServers: "127.0.0.1:9098",
      records: { [`${topic}-0`]: [{ ...kafka, value: Buffer.from(value).toString("base64") }] },
    });
    return (await api.storage.notifications.find([notificationId]))[0];
  };

  return { api, user, other, mail, slack, create, made, read, put, change, tokenFor, confirm, deliverTo };
};
