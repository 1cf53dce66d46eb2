// Formats: counts what several witnesses write about the same thing. What happened is the largest number that any one of them gives,
// so whichever speaks first is counted, the others are not, and a log that has only one of them is counted right too.

/** A thing that is forgotten costs one double at most; a log over years has more of them than fit into memory. */
const maxRemembered = 20_000;

/** By how much a line raises what is known of `key`: 0 for a double. `most` is the most that this witness can say. */
export type CountOnce = (key: string, witness: string, at: number, most?: number) => number;

/** Lines further apart than `withinMs` speak of different things. */
export const openCountOnce = (withinMs: number): CountOnce => {
  const known = new Map<string, { at: number; counted: number; said: Map<string, number> }>();
  return (key, witness, at, most = Number.POSITIVE_INFINITY) => {
    const found = known.get(key);
    const thing =
      found && Math.abs(at - found.at) <= withinMs ? found : { at, counted: 0, said: new Map<string, number>() };
    const said = Math.min(most, (thing.said.get(witness) ?? 0) + 1);
    const raised = Math.max(0, said - thing.counted);
    thing.said.set(witness, said);
    thing.counted += raised;
    thing.at = Math.max(thing.at, at);
    known.delete(key);
    known.set(key, thing);
    const oldest = known.size > maxRemembered ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return raised;
  };
};
