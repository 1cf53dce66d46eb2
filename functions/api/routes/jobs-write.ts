// Jobs made and changed, each with all its rules under one version.
import { type InputError, type JobChange, job, jobChange, jobInput, type RuleChange } from "@logwatch/events/api";
import { ruleRecord } from "../../apply/rule-record.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { alignedStart } from "../../lib/slots.ts";
import { isInstanceOwner, type JobRecord, type RuleRecord } from "../../storage/configuration.ts";
import type { ChooseName, OwnerGone, UserJobPut } from "../../storage/user-jobs.ts";
import { isAtLeast } from "../access.ts";
import type { Caller } from "../authenticate.ts";
import { checkJob, isSameName, nameTaken } from "../check-job.ts";
import type { ApiPorts } from "../ports.ts";
import { managedByFile, notFound, type Refusal, refuse, unprocessable } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { changedMeanwhile, etagOf } from "../version.ts";
import { jobExample, jobParams, shownJob } from "./jobs-example.ts";
import { readJob, wireJob, withRules } from "./jobs-view.ts";

export const jobWriteRoutes: Route[] = [
  defineRoute("createJob", {
    method: "POST",
    path: "/jobs",
    area: "jobs",
    title: "Make a job",
    description:
      "On a service where you are at least editor. It is yours, and starts with the slot that holds this moment.",
    body: jobInput,
    reply: job,
    statuses: [201],
    creates: true,
    example: { body: jobExample, reply: shownJob },
    handle: async ({ caller, body, request }, ports) => {
      const service = await checkService(body.serviceId, caller, ports);
      if (!service.ok) return service.error;
      const errors = [...service.value, ...(await checkJob(body, [], caller, ports))];
      if (errors.length > 0) return unprocessable(errors);
      const id = ports.newId();
      const record = recordOf(id, caller.user.id, body, request.at);
      const rules = rulesOf(id, body.rules, ports);
      const put = await ports.storage.userJobs.put(record.ownerId, record, rules, 0, request.at, keep(body.name));
      if (put.state !== "done") return notPut(put);
      const made = await readJob(id, "owner", caller, ports);
      if (!made) return notFound();
      return answer(made.view, {
        headers: { etag: etagOf(made.stored.version), location: `/api/jobs/${id}` },
        audit: { action: "job.created", kind: "job", objectId: id, after: wireJob(made.view) },
      });
    },
  }),
  defineRoute("updateJob", {
    method: "PUT",
    path: "/jobs/{jobId}",
    area: "jobs",
    title: "Change a job",
    description:
      "All of it, with its rules: one that keeps its id or its name keeps what it remembers, one that is left out goes. It goes on where it stands; with another `every` it starts anew.",
    body: jobChange,
    reply: job,
    versioned: true,
    example: { params: jobParams, body: jobExample, reply: shownJob },
    handle: async ({ caller, object: { found, role }, body, request }, ports) => {
      if (isInstanceOwner(found.ownerId)) return managedByFile();
      const before = await withRules(found, role, ports);
      const { expectedVersion } = request;
      if (expectedVersion !== null && expectedVersion !== found.version)
        return changedMeanwhile(found.version, before.view);
      const isMoved = body.serviceId !== found.item.serviceId;
      const service = isMoved ? await checkService(body.serviceId, caller, ports) : ok([]);
      if (!service.ok) return service.error;
      const errors = [...service.value, ...(await checkJob(body, before.rules, caller, ports))];
      if (errors.length > 0) return unprocessable(errors);
      const { id } = found.item;
      const record = recordOf(id, found.ownerId, body, request.at);
      const rules = rulesOf(id, body.rules, ports);
      const { version } = found;
      const put = await ports.storage.userJobs.put(found.ownerId, record, rules, version, request.at, keep(body.name));
      const now = await readJob(id, role, caller, ports);
      if (!now) return notFound();
      if (put.state === "changed" && now.stored.version !== version)
        return changedMeanwhile(now.stored.version, now.view);
      if (put.state !== "done") return notPut(put);
      await endAlertsWithoutRule(ports);
      return answer(now.view, {
        headers: { etag: etagOf(now.stored.version) },
        audit: {
          action: "job.changed",
          kind: "job",
          objectId: id,
          before: wireJob(before.view),
          after: wireJob(now.view),
        },
      });
    },
  }),
];

/** Nobody judges an alert whose rule has gone: it ends now and not with the next hour's sweep. */
export const endAlertsWithoutRule = async ({ storage, now }: Pick<ApiPorts, "storage" | "now">): Promise<void> => {
  await storage.alerts.endGone(now(), mostEnded);
};
/** In one transaction; more than these end with the sweep. */
const mostEnded = 500;

/** A job may be put on services where the caller is editor. A service that is not there and one of others are told alike. */
const checkService = async (
  serviceId: string,
  { user }: Caller,
  { storage }: ApiPorts,
): Promise<Result<InputError[], Refusal>> => {
  const role = await storage.roles.on("service", serviceId, user);
  if (role === undefined) return ok([{ path: "body.serviceId", rule: "there is no such service, or it is not yours" }]);
  if (isAtLeast(role, "editor")) return ok([]);
  return fail(refuse(403, "role", `This needs the role editor on the service; yours is ${role}.`));
};

/** The name as it is given, unless another job has it. */
export const keep =
  (name: string): ChooseName =>
  (others) => {
    const by = others.find((other) => isSameName(other, name));
    return by === undefined ? ok(name) : fail(by);
  };

/** Why nothing was written. `changed`: nobody changed the job itself, and still it could not be. */
export const notPut = (put: Exclude<UserJobPut, { state: "done" }>): Refusal => {
  if (put.state === "name-taken") return unprocessable([nameTaken("body.name", put.by)]);
  if (put.state !== "changed") return ownerGone(put.state);
  const detail = "Its service or a destination was removed at this moment. Look what is there, and try again.";
  return refuse(409, "in-conflict", detail);
};

/** A job runs for its owner, so it is not turned on without one. */
export const ownerGone = (why: OwnerGone): Refusal =>
  refuse(
    409,
    why,
    `Its owner's account ${why === "owner-left" ? "does not belong to the service" : "is disabled"}, so it cannot be on. Copy it: the copy is yours.`,
  );

const recordOf = (id: string, ownerId: string, given: Omit<JobChange, "rules">, now: number): JobRecord => ({
  id,
  ownerId,
  name: given.name,
  serviceId: given.serviceId,
  analysis: given.analysis,
  params: given.params,
  everyMs: given.every,
  windowMs: given.window ?? given.every,
  delayMs: given.delay,
  enabled: given.enabled,
  startAt: alignedStart(now, given.every),
});

const rulesOf = (jobId: string, rules: readonly RuleChange[], { newId }: ApiPorts): RuleRecord[] => {
  // Rules are shown in order of id: new ones so come in the order in which they were written.
  const fresh = rules.map(() => newId()).sort();
  return rules.map((one, index) => {
    const { id = fresh[index] ?? newId(), name, kind, params, enabled } = one;
    const destinationIds = [...new Set(one.destinationIds)];
    return ruleRecord({ id, jobId, name, kind, params, destinationIds, enabled }, one);
  });
};
