// What changed lately, for whoever looks at a page: marks in Redis, one a thing, so that asking is cheap and nobody reads a table to
// learn that nothing happened. Losing all of it loses nothing: everybody is told to look at everything once.
import { digest } from "../lib/labels.ts";

/** What a mark is about; `snapshot` of a job, all else of the thing itself. */
export type ChangeKind = "snapshot" | "alert" | "run" | "job" | "service" | "source" | "destination" | "silence";

/** Who may know: all who see a service, or one user alone. */
export type ChangeScope = { service: string } | { user: string };

/** `at`: when it was marked, epoch ms, by the clock of who marked it. */
export type Change = { kind: ChangeKind; id: string; at: number };

/**
 * `reset`: whoever asked may have missed something and has to look at everything. `position` is what to ask with next; equal to the one
 * asked with when nothing changed.
 */
export type Changes = { changes: Change[]; position: string; reset: boolean };

export type ChangeStore = {
  mark: (marks: readonly (Omit<Change, "at"> & { scope: ChangeScope })[], now: number) => Promise<void>;
  /** Changes in these scopes after `position`; undefined asks for a position to begin with. */
  since: (scopes: readonly ChangeScope[], position: string | undefined, now: number) => Promise<Changes>;
};

/** Things of one scope that are remembered; when more changed, everybody looks at everything. */
export const mostMarks = 2000;
/** How long marks are kept: a position that is older starts anew. */
export const keptMs = 3_600_000;
/** Marks may be made by clocks that differ, and arrive late: so far back is looked again. */
export const overlapMs = 5_000;

/** `era`: which life of Redis; `seen`: what was there in the overlap, and of which scopes. */
export type Position = { era: string; at: number; seen: string };

const writePosition = ({ era, at, seen }: Position): string => `${era}.${at}.${seen}`;

export const readPosition = (text: string): Position | undefined => {
  const [, era, at, seen] = /^([\w-]{1,40})\.(\d{1,15})\.([\w-]{22})$/.exec(text) ?? [];
  return era === undefined || at === undefined || seen === undefined ? undefined : { era, at: Number(at), seen };
};

export const scopeKey = (scope: ChangeScope): string =>
  "service" in scope ? `service:${scope.service}` : `user:${scope.user}`;

/** One scope's marks from some moment on, and whether older ones of that time had to go. */
export type ScopeMarks = { changes: Change[]; isCut: boolean };

/** The answer, from what every scope holds since `lookedFrom`. Pure. */
export const answerOf = (
  scopes: readonly ChangeScope[],
  era: string,
  before: Position | undefined,
  held: readonly ScopeMarks[],
  now: number,
): Changes => {
  const changes = held.flatMap((one) => one.changes).sort((left, right) => left.at - right.at);
  const keys = scopes.map(scopeKey).sort();
  const seen = (from: number) => digest(JSON.stringify([keys, changes.filter((one) => one.at > from)]));
  const isLost = !before || before.era !== era || before.at < now - keptMs || held.some((one) => one.isCut);
  if (!isLost && before.seen === seen(before.at - overlapMs)) {
    return { changes: [], position: writePosition(before), reset: false };
  }
  const position = writePosition({ era, at: now, seen: seen(now - overlapMs) });
  return isLost ? { changes: [], position, reset: true } : { changes, position, reset: false };
};
