// A job copied: the copy is its maker's, turned off, and tells only whom its maker may tell.
import { jobCopy, jobCopyInput } from "@logwatch/events/api";
import { slug } from "../../apply/watch-ids.ts";
import { ok } from "../../lib/result.ts";
import { alignedStart } from "../../lib/slots.ts";
import type { RuleRecord } from "../../storage/configuration.ts";
import type { ChooseName } from "../../storage/user-jobs.ts";
import { ownDestinations } from "../check-job.ts";
import { notFound } from "../refusal.ts";
import { answer, defineRoute, type Route } from "../route.ts";
import { etagOf } from "../version.ts";
import { jobParams, shownJob } from "./jobs-example.ts";
import { readJob, wireJob, withRules } from "./jobs-view.ts";
import { keep, notPut } from "./jobs-write.ts";

const copied = {
  ...shownJob,
  name: "failed logins, strict",
  enabled: false,
  destinationsLeftOut: [{ ruleName: "brute force", destinationId: "01HZY000000000000000000DEST" }],
};

export const jobCopyRoutes: Route[] = [
  defineRoute("duplicateJob", {
    method: "POST",
    path: "/jobs/{jobId}/duplicate",
    area: "jobs",
    title: "Copy a job",
    description: "With its rules. The copy is yours and turned off, and its rules tell only destinations of yours.",
    body: jobCopyInput,
    reply: jobCopy,
    statuses: [201],
    creates: true,
    example: { params: jobParams, body: { name: "failed logins, strict" }, reply: copied },
    handle: async ({ caller, object: { found, role }, body, request }, ports) => {
      const original = await withRules(found, role, ports);
      const own = await ownDestinations(original.rules, caller, ports);
      const [id, ownerId] = [ports.newId(), caller.user.id];
      const startAt = alignedStart(request.at, found.item.everyMs);
      const record = { ...found.item, id, ownerId, startAt, enabled: false };
      const ids = original.rules.map(() => ports.newId()).sort();
      const rules = original.rules.map((rule, index): RuleRecord => {
        const destinationIds = rule.destinationIds.filter((one) => own.has(one));
        return { ...rule, id: ids[index] ?? ports.newId(), jobId: id, destinationIds };
      });
      const choose = body.name === undefined ? copyOf(found.item.name) : keep(body.name);
      const put = await ports.storage.userJobs.put(ownerId, record, rules, 0, request.at, choose);
      if (put.state !== "done") return notPut(put);
      const made = await readJob(id, "owner", caller, ports);
      if (!made) return notFound();
      const destinationsLeftOut = original.rules.flatMap(({ name, destinationIds }) =>
        destinationIds.filter((one) => !own.has(one)).map((destinationId) => ({ ruleName: name, destinationId })),
      );
      return answer(
        { ...made.view, destinationsLeftOut },
        {
          headers: { etag: etagOf(made.stored.version), location: `/api/jobs/${id}` },
          audit: { action: "job.created", kind: "job", objectId: id, after: wireJob(made.view) },
        },
      );
    },
  }),
];

const maxNameLength = 80;

/** `name (copy)`, or the first of `name (copy 2)`, … that is free. */
const copyOf =
  (name: string): ChooseName =>
  (others) => {
    const taken = new Set(others.map(slug));
    for (let count = 1; ; count += 1) {
      const suffix = count === 1 ? " (copy)" : ` (copy ${count})`;
      const wanted = `${shortened(name, maxNameLength - suffix.length)}${suffix}`;
      if (!taken.has(slug(wanted))) return ok(wanted);
    }
  };

/** No half of a character stays behind. */
const shortened = (name: string, length: number): string =>
  name
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd();
