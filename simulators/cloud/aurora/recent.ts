// Remembers what was made for a text lately: the same few statements come again and again, and reading one takes time.

export type Recent<Value> = {
  /** What is remembered for the text, or what `make` makes of it now. */
  get: (text: string, make: () => Value) => Value;
  clear: () => void;
};

/** Keeps the `max` texts asked for last, so that texts made with values in them do not pile up. */
export const rememberRecent = <Value>(max: number): Recent<Value> => {
  const known = new Map<string, { value: Value }>();
  return {
    get: (text, make) => {
      const found = known.get(text);
      const entry = found ?? { value: make() };
      // A map lists its keys in the order they were set, so the first is the one not asked for the longest.
      if (found) known.delete(text);
      else if (known.size >= max) for (const oldest of known.keys()) if (known.delete(oldest)) break;
      known.set(text, entry);
      return entry.value;
    },
    clear: () => known.clear(),
  };
};
