// Every list: one page behind a cursor, and whether there is another.
import type { RouteId } from "./access.ts";
import type { Caller } from "./authenticate.ts";
import type { Position } from "./cursor.ts";
import type { ApiPorts } from "./ports.ts";
import type { Refusal } from "./refusal.ts";
import { type Answer, answer } from "./route.ts";

export type Page<View> = { items: View[]; next: string | null };

type Listing<Item, View> = {
  /** Up to `limit` items behind the one that `keyOf` gave this position for; the first ones when there is none. */
  readBehind: (position: Position | undefined, limit: number) => Promise<readonly Item[]>;
  /** What the list is ordered by. */
  keyOf: (item: Item) => Position;
  toView: (item: Item) => View;
};

/** One more than asked for is read: it tells whether there is a next page. */
export const listPage = async <Item, View>(
  route: RouteId,
  caller: Caller,
  query: { limit: number; cursor?: string | undefined },
  { cursors }: Pick<ApiPorts, "cursors">,
  { readBehind, keyOf, toView }: Listing<Item, View>,
): Promise<Answer<Page<View>> | Refusal> => {
  const position = cursors.read(caller, route, query.cursor);
  if (!position.ok) return position.error;
  const found = await readBehind(position.value, query.limit + 1);
  const items = found.slice(0, query.limit);
  const last = found.length > query.limit ? items.at(-1) : undefined;
  const next = last === undefined ? null : cursors.write(caller, route, keyOf(last));
  return answer({ items: items.map(toView), next });
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
    toView: listing.toView,
  });
