// Marks of what changed, in memory.
import { answerOf, type Change, type ChangeStore, mostMarks, overlapMs, readPosition, scopeKey } from "./changes.ts";

export const memoryChanges = (): ChangeStore => {
  const scopes = new Map<string, Map<string, Change>>();
  return {
    mark: async (marks, at) => {
      for (const { scope, kind, id } of marks) {
        const key = scopeKey(scope);
        const held = scopes.get(key) ?? new Map<string, Change>();
        scopes.set(key, held);
        // Put at the end, so that the oldest stand first.
        held.delete(`${kind} ${id}`);
        held.set(`${kind} ${id}`, { kind, id, at });
        for (const oldest of held.keys()) {
          if (held.size <= mostMarks) break;
          held.delete(oldest);
        }
      }
    },
    since: async (wanted, position, now) => {
      const before = position === undefined ? undefined : readPosition(position);
      const from = (before?.at ?? now) - overlapMs;
      const held = wanted.map((scope) => {
        const all = [...(scopes.get(scopeKey(scope)) ?? new Map<string, Change>()).values()];
        const oldest = all.reduce((least, one) => Math.min(least, one.at), now);
        return { changes: all.filter((one) => one.at > from), isCut: all.length >= mostMarks && oldest > from };
      });
      return answerOf(wanted, "memory", before, held, now);
    },
  };
};
