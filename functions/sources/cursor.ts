// Where a page of messages ended: the time of its last entry, and how many entries of exactly that time were already
// handed out. Counting only within one millisecond keeps pages free of loss and doubles while newer logs arrive.
export type Cursor = { at: number; seen: number };

const shape = /^(-?\d{1,16}):(\d{1,9})$/;

/** Undefined when the text is no cursor of ours. */
export const cursor = (text: string): Cursor | undefined => {
  const [, at, seen] = shape.exec(text) ?? [];
  return at !== undefined && seen !== undefined ? { at: Number(at), seen: Number(seen) } : undefined;
};

/** The cursor after a page, newest first; null for an empty page. */
export const cursorAfter = (page: readonly { at: number }[], before: Cursor | undefined): Cursor | null => {
  const at = page.at(-1)?.at;
  if (at === undefined) return null;
  const here = page.filter((entry) => entry.at === at).length;
  return { at, seen: here + (before?.at === at ? before.seen : 0) };
};

export const cursorText = ({ at, seen }: Cursor): string => `${at}:${seen}`;
