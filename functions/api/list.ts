// Every list: one page behind a cursor, and whether there is another. What the store does not look for is left out here: then it is read
// on until the page is full, or until so much was looked at; such a page is short, and its cursor goes on from there.
import type { RouteId } from "./access.ts";
import type { Caller } from "./authenticate.ts";
import type { Position } from "./cursor.ts";
import type { ApiPorts } from "./ports.ts";
import type { Refusal } from "./refusal.ts";
import { type Answer, answer } from "./route.ts";

const readSize = 200;
const mostReads = 10;

export type Page<View> = { items: View[]; next: string | null };

type Listing<Item, View> = {
  /** Up to `limit` items behind the one that `keyOf` gave this position for; the first ones when there is none. */
  readBehind: (position: Position | undefined, limit: number) => Promise<readonly Item[]>;
  /** What the list is ordered by. */
  keyOf: (item: Item) => Position;
  /** Absent: everything is wanted. */
  isWanted?: ((item: Item) => boolean) | undefined;
  toViews: (items: readonly Item[]) => Promise<View[]> | View[];
};

/** A list in any order. */
export const listPage = async <Item, View>(
  route: RouteId,
  caller: Caller,
  query: { limit: number; cursor?: string | undefined },
  { cursors }: Pick<ApiPorts, "cursors">,
  listing: Listing<Item, View>,
): Promise<Answer<Page<View>> | Refusal> => {
  const position = cursors.read(caller, route, query.cursor);
  if (!position.ok) return position.error;
  const { items, next } = await readWanted(position.value, query.limit, listing);
  const cursor = next === null ? null : cursors.write(caller, route, next);
  return answer({ items: await listing.toViews(items), next: cursor });
};

/** A list in order of one text, mostly an id. */
export const readList = <Item, View>(
  route: RouteId,
  caller: Caller,
  query: { limit: number; cursor?: string | undefined },
  ports: Pick<ApiPorts, "cursors">,
  listing: {
    read: (after: string | undefined, limit: number) => Promise<readonly Item[]>;
    keyOf: (item: Item) => string;
    toView: (item: Item) => View;
  },
): Promise<Answer<Page<View>> | Refusal> =>
  listPage(route, caller, query, ports, {
    readBehind: (position, limit) => listing.read(position === undefined ? undefined : String(position[0]), limit),
    keyOf: (item) => [listing.keyOf(item)],
    toViews: (items) => items.map(listing.toView),
  });

/** One more than asked for is looked for: it tells whether there is a next page. */
const readWanted = async <Item, View>(
  start: Position | undefined,
  limit: number,
  { readBehind, keyOf, isWanted }: Listing<Item, View>,
): Promise<{ items: Item[]; next: Position | null }> => {
  const size = isWanted ? readSize : limit + 1;
  const items: Item[] = [];
  let at = start;
  for (let reads = 0; reads < mostReads; reads += 1) {
    const found = await readBehind(at, size);
    for (const item of found) {
      if (isWanted && !isWanted(item)) continue;
      const last = items.at(-1);
      if (items.length >= limit && last !== undefined) return { items, next: keyOf(last) };
      items.push(item);
    }
    const last = found.at(-1);
    if (found.length < size || last === undefined) return { items, next: null };
    at = keyOf(last);
  }
  return { items, next: at ?? null };
};
