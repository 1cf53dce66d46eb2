// Cursors of lists: sealed, so that they tell nothing, and bound to the user and the route that got them.
import { fail, ok, type Result } from "../lib/result.ts";
import { open, seal } from "../lib/secret.ts";
import type { RouteId } from "./access.ts";
import type { Caller } from "./authenticate.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** Where a list goes on: what it is ordered by, of the last item. */
export type Position = readonly (string | number)[];

export type Cursors = {
  write: (caller: Caller, route: RouteId, position: Position) => string;
  /** Undefined without a cursor. One of another user, another route, or none at all is refused. */
  read: (caller: Caller, route: RouteId, cursor: string | undefined) => Result<Position | undefined, Refusal>;
};

/** `key`: the one for secrets (lib/secret.ts). */
export const openCursors = (key: string): Cursors => ({
  write: (caller, route, position) => seal(JSON.stringify([caller.user.id, route, ...position]), key),
  read: (caller, route, cursor) => {
    if (cursor === undefined) return ok(undefined);
    const [userId, routeId, ...position] = opened(cursor, key);
    if (userId !== caller.user.id || routeId !== route) return fail(notACursor());
    return ok(position.filter((one) => typeof one === "string" || typeof one === "number"));
  },
});

const opened = (cursor: string, key: string): unknown[] => {
  try {
    const value: unknown = JSON.parse(open(cursor, key));
    return Array.isArray(value) ? value : [];
  } catch {
    // A text that does not open is somebody's guess; what exactly is wrong with it is nobody's business.
    return [];
  }
};

const notACursor = (): Refusal =>
  refuse(422, "not-possible", "This cursor is none of this list's.", {
    errors: [{ path: "query.cursor", rule: "must be the `next` of your page before" }],
  });
