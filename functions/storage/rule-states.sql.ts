// Rule states in SQL. Loading a batch of jobs is one call: rules with their progress, and the series they track, in one result.
import * as z from "zod";
import { writeEpisodes, writeEvents } from "./alerts.sql.ts";
import type { Episode } from "./alerts.ts";
import { type Db, isResponseTooLarge, type Row, type Sql } from "./db.ts";
import { inList, maxListed, slices } from "./in-list.ts";
import { readPages } from "./read-pages.ts";
import { replaceRows } from "./replace-rows.ts";
import { eventOf, ruleOf, seriesOf } from "./rule-state-columns.ts";
import type { RuleCommit, RuleState, RuleStateStore, TrackedSeries } from "./rule-states.ts";

export const sqlRuleStates = (db: Db): RuleStateStore => ({
  load: async (jobIds) => {
    const states: RuleState[] = [];
    for (const part of slices(jobIds, maxListed)) states.push(...(await loadStates(db, part)));
    return states;
  },
  commit: async (commits) => {
    const isQuiet = commits.every(({ upserts, removals, events, episodes, unfired }) =>
      [upserts, removals, events, episodes, unfired].every((rows) => rows.length === 0),
    );
    // One statement is all or nothing by itself.
    if (isQuiet && commits.length <= maxMoved) await moveProgress(db, commits);
    else await db.transaction((sql) => commitAll(sql, commits));
  },
  events: async ({ ruleId, since = 0, limit }) => {
    const ofRule = ruleId === undefined ? "" : " AND rule_id = :ruleId";
    const rows = await readPages(db, {
      sql: `SELECT id, happened_at, body FROM alert_events WHERE happened_at >= :since${ofRule}`,
      params: ruleId === undefined ? { since } : { since, ruleId },
      order: "happened_at DESC, id DESC",
      behind: "(happened_at, id) < (:lastAt, :lastId)",
      after: (last) => ({ lastAt: last.happened_at ?? 0, lastId: last.id ?? "" }),
      limit,
    });
    return rows.map((row) => eventOf(String(row.body)));
  },
  forgetEvents: async (before, limit) => {
    const { changed } = await db.execute(
      `DELETE FROM alert_events WHERE id IN (SELECT id FROM
        (SELECT id FROM alert_events WHERE happened_at < :before ORDER BY happened_at LIMIT :limit) d)`,
      { before, limit },
    );
    return changed;
  },
});

/** Halves the batch when its states are more than one response holds; a single job's series are then read page by page. */
const loadStates = async (db: Db, jobIds: readonly string[]): Promise<RuleState[]> => {
  const { names, params } = inList("j", jobIds);
  const ofRules = `FROM rules r JOIN jobs j ON j.id = r.job_id
    LEFT JOIN rule_progress p ON p.rule_id = r.id WHERE r.job_id IN (${names}) AND r.enabled = 1 AND j.enabled = 1`;
  const ofSeries = `FROM alerts a JOIN rules r ON r.id = a.rule_id WHERE r.job_id IN (${names}) AND r.enabled = 1`;
  const rules = `SELECT 0 AS kind, r.id AS rule_id, p.evaluated_to AS evaluated_to, r.body AS body ${ofRules}`;
  try {
    const { rows } = await db.execute(
      `${rules} UNION ALL SELECT 1 AS kind, a.rule_id AS rule_id, NULL AS evaluated_to, a.body AS body ${ofSeries}`,
      params,
    );
    return toStates(rows);
  } catch (error) {
    if (!isResponseTooLarge(error)) throw error;
  }
  if (jobIds.length > 1) {
    const half = Math.ceil(jobIds.length / 2);
    return [...(await loadStates(db, jobIds.slice(0, half))), ...(await loadStates(db, jobIds.slice(half)))];
  }
  const series = await readPages(db, {
    sql: `SELECT 1 AS kind, a.rule_id AS rule_id, a.fingerprint AS fingerprint, a.body AS body ${ofSeries}`,
    params,
    order: "a.fingerprint",
    behind: "a.fingerprint > :last",
    after: (last) => ({ last: last.fingerprint ?? "" }),
  });
  return toStates([...(await db.execute(rules, params)).rows, ...series]);
};

const stateRow = z.object({
  kind: z.number(),
  rule_id: z.string(),
  evaluated_to: z.number().nullish(),
  body: z.string(),
});

const toStates = (rows: readonly Row[]): RuleState[] => {
  const states = new Map<string, RuleState>();
  const series: TrackedSeries[] = [];
  for (const raw of rows) {
    const row = stateRow.parse(raw);
    if (row.kind === 1) series.push(seriesOf(row.body));
    else states.set(row.rule_id, { rule: ruleOf(row.body), evaluatedTo: row.evaluated_to ?? null, tracked: [] });
  }
  for (const one of series) states.get(one.ruleId)?.tracked.push(one);
  return [...states.values()];
};

/** Rules moved in one statement: two values each, at most 500 terms of a union, at most 1,000 values. */
const maxMoved = 500;

/** Inserts or raises, never lowers: portable SQL has no conditional upsert, so the condition is in what REPLACE selects. */
const moveProgress = async (sql: Sql, commits: readonly RuleCommit[]): Promise<void> => {
  const newest = new Map<string, number>();
  for (const { ruleId, evaluatedTo } of commits) {
    newest.set(ruleId, Math.max(evaluatedTo, newest.get(ruleId) ?? evaluatedTo));
  }
  for (const part of slices([...newest], maxMoved)) {
    const ends = [...new Set(part.map(([, evaluatedTo]) => evaluatedTo))];
    const endNames = new Map(ends.map((end, index) => [end, `:t${index}`]));
    const terms = part.map(([, end], index) => `SELECT :r${index} AS rule_id, ${endNames.get(end)} AS evaluated_to`);
    const rules = part.map(([ruleId]) => ruleId);
    await sql.execute(
      `REPLACE INTO rule_progress (rule_id, evaluated_to)
        SELECT n.rule_id, n.evaluated_to FROM (${terms.join(" UNION ALL ")}) n
        LEFT JOIN rule_progress p ON p.rule_id = n.rule_id
        WHERE p.rule_id IS NULL OR p.evaluated_to < n.evaluated_to`,
      { ...inList("r", rules).params, ...inList("t", ends).params },
    );
  }
};

const commitAll = async (sql: Sql, commits: readonly RuleCommit[]): Promise<void> => {
  await moveProgress(sql, commits);
  const ruleIds = [...new Set(commits.map((one) => one.ruleId))];
  const progress = new Map<string, number>();
  for (const part of slices(ruleIds, maxListed)) {
    const { names, params } = inList("r", part);
    const read = `SELECT rule_id, evaluated_to FROM rule_progress WHERE rule_id IN (${names})`;
    for (const row of (await sql.execute(read, params)).rows)
      progress.set(String(row.rule_id), Number(row.evaluated_to));
  }
  // A commit that comes again after a newer one must not bring old states back.
  const current = commits.filter((one) => one.evaluatedTo >= (progress.get(one.ruleId) ?? one.evaluatedTo));
  const series = new Map<string, TrackedSeries | null>();
  for (const { upserts, removals } of current) {
    for (const one of upserts) series.set(one.fingerprint, one);
    for (const fingerprint of removals) series.set(fingerprint, null);
  }
  const gone = [...series].filter(([, one]) => one === null).map(([fingerprint]) => fingerprint);
  for (const part of slices(gone, maxListed)) {
    const { names, params } = inList("f", part);
    await sql.execute(`DELETE FROM alerts WHERE fingerprint IN (${names})`, params);
  }
  const kept = [...series.values()].filter((one) => one !== null);
  await replaceRows(
    sql,
    "alerts",
    ["fingerprint", "rule_id", "state", "body"],
    kept.map((one) => [one.fingerprint, one.ruleId, one.state, JSON.stringify(one)]),
  );
  const episodes = new Map<string, Episode | null>();
  for (const one of current) {
    for (const alertId of one.unfired) episodes.set(alertId, null);
    for (const episode of one.episodes) episodes.set(episode.alertId, episode);
  }
  await writeEpisodes(sql, episodes);
  await writeEvents(
    sql,
    commits.flatMap((one) => one.events),
  );
};
