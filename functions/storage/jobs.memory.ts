// Jobs and their cursors in memory: the same claims and notes of unconfirmed spans as in SQL.
import type { Job, JobStore } from "./jobs.ts";
import { type JobEntry, type MemoryTables, type OpenClaim, openTables } from "./memory-tables.ts";

export const memoryJobs = (tables: MemoryTables = openTables()): JobStore => {
  const entries = (): JobEntry[] =>
    [...tables.jobs.values()].map((one) => one.item).filter((one) => one.record.enabled);
  const enabled = (id: string): JobEntry | undefined => {
    const entry = tables.jobs.get(id)?.item;
    return entry?.record.enabled ? entry : undefined;
  };
  const job = (entry: JobEntry, claim?: OpenClaim): Job[] => toJob(tables, entry, claim);
  return {
    due: async (dueBy, limit, lateBy = Number.MIN_SAFE_INTEGER) =>
      entries()
        .filter((entry) => nextDue(entry) <= dueBy && (nextDue(entry) > lateBy || entry.claims.length === 0))
        .sort((left, right) => nextDue(left) - nextDue(right) || compareText(left.record.id, right.record.id))
        .slice(0, limit)
        .flatMap((entry) => job(entry)),
    claim: async (claims, claimId, now) => {
      const won = new Set<string>();
      for (const { jobId, from, to } of claims) {
        const entry = enabled(jobId);
        if (!entry || entry.cursor !== from || to <= from) continue;
        entry.cursor = to;
        entry.claims.push({ from, to, claimId, claimedAt: now });
        won.add(jobId);
      }
      return won;
    },
    renew: async (claimIds, now) => {
      const held = new Set(claimIds);
      for (const { item } of tables.jobs.values()) {
        for (const claim of item.claims) if (held.has(claim.claimId)) claim.claimedAt = now;
      }
    },
    confirm: async (claimId) => {
      for (const { item } of tables.jobs.values()) {
        if (item.claims.some((claim) => claim.claimId === claimId)) {
          item.claims = item.claims.filter((claim) => claim.claimId !== claimId);
        }
      }
    },
    abandoned: async (claimedBefore, limit, notUnder = []) => {
      const spared = new Set(notUnder);
      const isAbandoned = (claim: OpenClaim) => claim.claimedAt < claimedBefore && !spared.has(claim.claimId);
      return entries()
        .flatMap((entry) => {
          const claim = oldest(entry.claims.filter(isAbandoned));
          return claim ? [{ entry, claim }] : [];
        })
        .sort((left, right) => left.claim.claimedAt - right.claim.claimedAt)
        .slice(0, limit)
        .flatMap(({ entry, claim }) =>
          job(entry, claim).map((one) => ({ ...one, isOvertaken: entry.cursor > claim.to })),
        );
    },
    reclaim: async (jobs, claimedBefore, claimId, now) => {
      const won = new Set<string>();
      for (const { id, cursor, sentTo } of jobs) {
        const claim = tables.jobs.get(id)?.item.claims.find((one) => one.from === sentTo && one.to === cursor);
        if (!claim || claim.claimedAt >= claimedBefore) continue;
        claim.claimId = claimId;
        claim.claimedAt = now;
        won.add(id);
      }
      return won;
    },
    find: async (ids) =>
      [...new Set(ids)].flatMap((id) => {
        const entry = enabled(id);
        return entry ? job(entry) : [];
      }),
  };
};

const nextDue = ({ record, cursor }: JobEntry): number => cursor + record.everyMs + record.delayMs;

const oldest = (claims: readonly OpenClaim[]): OpenClaim | undefined =>
  claims.reduce<OpenClaim | undefined>((least, one) => (least && least.from <= one.from ? least : one), undefined);

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** With a claim: the job as that claim left it. None when its service is gone. */
const toJob = ({ services }: MemoryTables, entry: JobEntry, claim?: OpenClaim): Job[] => {
  const { enabled: _enabled, ownerId: _ownerId, ...record } = entry.record;
  const service = services.get(record.serviceId)?.item;
  if (!service) return [];
  return [
    {
      ...record,
      sourceId: service.sourceId,
      serviceName: service.name,
      filter: service.filter,
      cursor: claim?.to ?? entry.cursor,
      sentTo: claim?.from ?? oldest(entry.claims)?.from ?? entry.cursor,
    },
  ];
};
