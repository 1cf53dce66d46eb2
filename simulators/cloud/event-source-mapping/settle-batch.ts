// What becomes of a batch whose handler fails: tried again, cut in halves down to the record, and that one given up to the
// dead-letter topic while its neighbours go on. Order holds per key: whatever stands behind a failing record of its key waits.
//
// A record is given up when it fails alone more than `retries` times although the handler works: the handler named it, or
// something else succeeded since. When nothing succeeds, the world outside is broken rather than the record (a store is down):
// then all is held and tried again, twice a second at most, until something succeeds or `outageMs` is over.
import type { KafkaRecord } from "../kafka/kafka-record.ts";
import { type Outcome, parseValue } from "./invoke-handler.ts";

export type SettleLimits = { batchSize: number; retries: number; bisect: boolean; outageMs: number };

export type SettlePorts = {
  invoke: (records: readonly KafkaRecord[]) => Promise<Outcome>;
  /** Resolves when the record is stored as dead letter; false when it is not, because of the stop. */
  giveUp: (record: KafkaRecord, reason: string, attempts: number) => Promise<boolean>;
  /** More records of the partition, so that they need not wait for a held one; what fits beside those open. */
  more: (open: readonly KafkaRecord[]) => Promise<KafkaRecord[]>;
  /** Everything before the first open record is settled; without one, everything that was read. */
  commit: (open: KafkaRecord | undefined) => void;
  /** Counts up with every success of the handler, on any partition. */
  successes: () => number;
  /** False when it is time to stop. */
  pause: (ms: number) => Promise<boolean>;
  isStopping: () => boolean;
  now: () => number;
};

/** New failures in a row, with nothing handled between, that speak of an outage. */
const outageSigns = 3;

type Run = SettleLimits &
  SettlePorts & {
    /** Neither handled nor given up, in order. */
    open: KafkaRecord[];
    trials: Map<number, { attempts: number; alone: number }>;
    /** Of the first failure, or of the last sign of an outage: the successes so far, and the time. */
    failing: { successes: number; since: number } | undefined;
    signs: number;
  };

/** Resolves when every record is handled or given up, or at the stop; then what is left is read again after the next start. */
export const settleBatch = async (
  batch: readonly KafkaRecord[],
  limits: SettleLimits,
  ports: SettlePorts,
): Promise<void> => {
  const run: Run = { ...limits, ...ports, open: [...batch], trials: new Map(), failing: undefined, signs: 0 };
  await walk(run, run.open, run.retries);
  let round = 0;
  while (run.open.length > 0) {
    if (!(await run.pause(waitMs(round++)))) return;
    if (isWorking(run)) {
      await walk(run, run.open, 0);
      continue;
    }
    run.open.push(...(await run.more(run.open)));
    await walk(run, run.bisect ? probeOf(run) : run.open, 0);
    if (isWorking(run)) round = 0;
  }
};

/** Tries records in order and settles what it can. Ends early when everything fails. */
const walk = async (run: Run, records: readonly KafkaRecord[], tries: number): Promise<void> => {
  const queue = [{ records, triesLeft: tries }];
  const waiting = new Set<string>();
  for (let piece = queue.shift(); piece; piece = queue.shift()) {
    const free = waiting.size === 0 ? piece.records : piece.records.filter((one) => !waiting.has(keyOf(one)));
    if (free.length === 0) continue;
    if (run.isStopping()) return;
    const outcome = await run.invoke(free);
    if (outcome.kind === "handled") {
      settle(run, free);
    } else if (outcome.kind === "named") {
      const at = free.findIndex(({ offset }) => offset === outcome.offset);
      settle(run, free.slice(0, at));
      queue.unshift({ records: free.slice(at + 1), triesLeft: piece.triesLeft });
      await judge(run, free.slice(at, at + 1), outcome, waiting);
    } else {
      noteFailure(run, free);
      if (piece.triesLeft > 0) {
        queue.unshift({ records: free, triesLeft: piece.triesLeft - 1 });
        if (!(await run.pause(waitMs(tries - piece.triesLeft)))) return;
      } else if (run.bisect && free.length > 1) {
        const middle = Math.ceil(free.length / 2);
        queue.unshift(...[free.slice(0, middle), free.slice(middle)].map((half) => ({ records: half, triesLeft: 0 })));
      } else {
        await judge(run, free, outcome, waiting);
        if (run.signs >= outageSigns) return;
      }
    }
  }
};

/** Growing, so that a struggling store gets air; bounded, so that neighbours are never held for long. */
const waitMs = (round: number): number => Math.min(25 * 2 ** round, 500);

const settle = (run: Run, records: readonly KafkaRecord[]): void => {
  if (records.length === 0) return;
  run.signs = 0;
  close(run, records);
};

const close = (run: Run, records: readonly KafkaRecord[]): void => {
  const closed = new Set(records.map(({ offset }) => offset));
  run.open = run.open.filter(({ offset }) => !closed.has(offset));
  run.commit(run.open[0]);
};

/** Gives a failing record up, or lets it and the others of its key wait. Without bisecting, all of a batch stands and falls together. */
const judge = async (
  run: Run,
  records: readonly KafkaRecord[],
  outcome: Exclude<Outcome, { kind: "handled" }>,
  waiting: Set<string>,
): Promise<void> => {
  for (const record of records) {
    const trial = trialOf(run, record);
    trial.alone += 1;
    if (outcome.kind === "named") trial.attempts += 1;
    const isOver = outcome.kind === "named" ? isHopeless(run, record) : isGivenUp(run, record);
    if (isOver && (await run.giveUp(record, outcome.reason, trial.attempts))) {
      close(run, [record]);
      continue;
    }
    waiting.add(keyOf(record));
    if (outcome.kind === "failed" && trial.alone === 1) signOfOutage(run);
  }
};

/** What is not even JSON needs no second try. */
const isHopeless = (run: Run, record: KafkaRecord): boolean =>
  trialOf(run, record).alone > run.retries || !parseValue(record.value).ok;

const isGivenUp = (run: Run, record: KafkaRecord): boolean => {
  if (trialOf(run, record).alone <= run.retries) return false;
  if (isWorking(run)) return true;
  if (run.failing && run.now() - run.failing.since <= run.outageMs) return false;
  // One record goes each time, not all at once: the outage may end any moment.
  run.failing = { successes: run.successes(), since: run.now() };
  return true;
};

/** True when something succeeded since the failures began: then the handler works, and it is the record. */
const isWorking = ({ failing, successes }: Run): boolean => failing === undefined || successes() > failing.successes;

const noteFailure = (run: Run, records: readonly KafkaRecord[]): void => {
  run.failing ??= { successes: run.successes(), since: run.now() };
  for (const record of records) trialOf(run, record).attempts += 1;
};

const signOfOutage = (run: Run): void => {
  run.signs += 1;
  if (run.signs >= outageSigns && run.failing) run.failing = { ...run.failing, successes: run.successes() };
};

/** A record of a key that has not failed yet, so that neighbours are not held for long; without one, the oldest. */
const probeOf = ({ open, trials }: Run): KafkaRecord[] => {
  const failed = new Set(open.filter(({ offset }) => (trials.get(offset)?.alone ?? 0) > 0).map(keyOf));
  const fresh = open.find((one) => !failed.has(keyOf(one)));
  return fresh ? [fresh] : open.slice(0, 1);
};

const trialOf = ({ trials }: Run, { offset }: KafkaRecord): { attempts: number; alone: number } => {
  const trial = trials.get(offset) ?? { attempts: 0, alone: 0 };
  trials.set(offset, trial);
  return trial;
};

/** Records without a key promise no order among themselves. */
const keyOf = ({ key, offset }: KafkaRecord): string => (key ? `key ${key.toString("latin1")}` : `offset ${offset}`);
