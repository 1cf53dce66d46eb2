// For tests: an instance with two services that know nothing of each other, everything that can be called by an id on both, and one
// caller of every kind. What belongs to the other service is called "other", so that a leak can be searched for.
import type { ObjectKind } from "../../functions/api/access.ts";
import { seal } from "../../functions/lib/secret.ts";
import type { Episode } from "../../functions/storage/alerts.ts";
import type { RuleCommit } from "../../functions/storage/rule-states.ts";
import { absoluteMs } from "../../functions/storage/sessions.ts";
import type { Silence } from "../../functions/storage/silences.ts";
import * as samples from "../../functions/storage/suite-samples.ts";
import { type CallOptions, type Identity, origin, start, type TestApi } from "./test-api.ts";

/** Ids of one side: of the owner's service, or of the other one. */
export type Ids = Record<ObjectKind, string>;

export type CallerName = (typeof callerNames)[number];
export const callerNames = [
  "nobody",
  "viewer",
  "editor",
  "owner",
  "member of another service",
  "admin",
  "disabled user",
  "expired session",
  "revoked session",
  "read-only token",
  "write token",
] as const;

export type World = {
  own: Ids;
  other: Ids;
  callers: Record<CallerName, Pick<CallOptions, "as" | "headers" | "cookies">>;
};

/** What stands in everything of the other side. */
export const otherMark = "other-side";

export const buildWorld = async (api: TestApi): Promise<World> => {
  const admin = await api.user("admin", "admin");
  const owner = await api.user("owner");
  const stranger = await api.user(otherMark);
  const [editor, viewer, disabled] = [await api.user("editor"), await api.user("viewer"), await api.user("disabled")];
  const expired = await expiredSession(api, owner);
  const revoked = await api.session(owner.user);
  await api.storage.sessions.revoke(owner.user.id, revoked.sessionId);
  const own = await buildSide(api, "own-side", owner);
  const other = await buildSide(api, otherMark, stranger);
  const roles = [
    [editor, "editor"],
    [viewer, "viewer"],
    [disabled, "editor"],
  ] as const;
  for (const [who, role] of roles) await api.storage.members.put(own.service, who.user.id, role, start);
  await api.storage.users.update(disabled.user.id, disabled.user.version, { state: "disabled" }, start);
  const noSession = { headers: { origin, "x-logwatch-csrf": "1" } };
  return {
    own,
    other,
    callers: {
      nobody: noSession,
      viewer: { as: viewer },
      editor: { as: editor },
      owner: { as: owner },
      "member of another service": { as: stranger },
      admin: { as: admin },
      "disabled user": { as: disabled },
      "expired session": { as: expired },
      "revoked session": { as: revoked },
      "read-only token": { as: await api.token(owner, "read") },
      "write token": { as: await api.token(owner, "write") },
    },
  };
};

/** A session of a week ago. */
const expiredSession = async (api: TestApi, { user }: Identity): Promise<Identity> => {
  const { now } = api.clock;
  api.clock.now = now - absoluteMs - 1;
  const made = await api.session(user);
  api.clock.now = now;
  return made;
};

const buildSide = async ({ storage, config, session, token }: TestApi, mark: string, of: Identity): Promise<Ids> => {
  const userId = of.user.id;
  const id = (kind: string) => `${kind}-${mark}`;
  const [sourceId, serviceId, jobId, ruleId, destinationId] = ["source", "service", "job", "rule", "destination"].map(
    id,
  );
  if (!sourceId || !serviceId || !jobId || !ruleId || !destinationId) throw new Error("No ids.");
  const { configuration } = storage;
  const secret = seal(JSON.stringify({ token: `secret-${mark}` }), config.LOGWATCH_SECRETS_KEY);
  const params = { url: "https://graylog.example.com" };
  await configuration.put(
    "sources",
    userId,
    { ...samples.source, id: sourceId, name: id("source"), params, secret },
    0,
    start,
  );
  const service = { ...samples.service, id: serviceId, name: id("service"), sourceId, filter: `service:${mark}` };
  await configuration.put("services", userId, service, 0, start);
  await storage.members.put(serviceId, userId, "owner", start);
  const address = { to: [`${mark}@example.com`] };
  const destination = samples.destination(destinationId, {
    name: destinationId,
    address,
    secret: "",
    confirmedAt: start,
  });
  await configuration.put("destinations", userId, destination, 0, start);
  const timing = { everyMs: 60_000, windowMs: 60_000, delayMs: 5_000, startAt: start - 3_600_000 };
  const job = samples.job(jobId, { name: jobId, params: {}, serviceId, ownerId: userId, ...timing });
  const rule = samples.rule(ruleId, jobId, {
    name: ruleId,
    params: { measurement: "failed_logins", limit: 10 },
    destinationIds: [destinationId],
  });
  await configuration.putJob(userId, job, [rule], 0, start);
  const window = { from: start - 60_000, to: start };
  const run = { userId, serviceId, jobId: null, analysis: "log-search", params: {}, window, requestedAt: start };
  await storage.runs.create({ ...run, id: id("run") });
  await storage.ruleStates.commit([alertOf(id("alert"), { serviceId, jobId, ruleId }, mark)]);
  await storage.silences.put(silenceOf(id("silence"), serviceId, of), 0);
  const message = { ...samples.notification("").message, title: id("message") };
  const notification = samples.notification(id("notification"), {
    destinationId,
    jobId,
    ruleId,
    message,
    state: "sent",
    sentAt: start,
  });
  await storage.notifications.owe([notification]);
  await token(of, "read");
  const [shown] = await storage.apiTokens.list(userId);
  if (!shown) throw new Error("No token.");
  return {
    source: sourceId,
    service: serviceId,
    job: jobId,
    run: id("run"),
    alert: id("alert"),
    silence: id("silence"),
    destination: destinationId,
    notification: id("notification"),
    token: shown.id,
    // Not the one that calls: revoking it must not sign the caller out.
    session: (await session(of.user)).sessionId,
    user: userId,
  };
};

const alertOf = (alertId: string, ids: Record<"serviceId" | "jobId" | "ruleId", string>, mark: string): RuleCommit => {
  const { ruleId, jobId, serviceId } = ids;
  const event = samples.alertEvent(ruleId, start, { alertId, jobId, labels: { user: mark } });
  const { fingerprint, labels, value, why, sequence } = event;
  const named = { ruleName: ruleId, jobName: jobId, serviceName: serviceId };
  const episode: Episode = {
    ...ids,
    ...named,
    alertId,
    fingerprint,
    labels,
    value,
    why,
    sequence,
    severity: "critical",
    state: "firing",
    openedAt: start,
    firedAt: start,
    resolvedAt: null,
    updatedAt: start,
    late: false,
  };
  return samples.commit(ruleId, start, { events: [event], episodes: [episode] });
};

const silenceOf = (id: string, serviceId: string, { user }: Identity): Silence => ({
  id,
  serviceId,
  matchers: [{ name: "severity", op: "=", value: "info" }],
  startsAt: start,
  endsAt: start + 3_600_000,
  authorId: user.id,
  authorName: user.name,
  comment: `of ${user.name}`,
  createdAt: start,
  updatedAt: start,
  version: 1,
  endedEarly: false,
});
