// Finds the route of a method and a path. Segments are compared as they come; what is no id never matches a parameter, so no `..`,
// no empty segment and no pattern text of a route reaches a handler.
import { id } from "@logwatch/events/api";
import type { Route } from "./route.ts";

export type Match =
  | { kind: "route"; route: Route; params: Record<string, string> }
  /** The path is there, the method is not: these are. */
  | { kind: "other-method"; allow: string[] }
  | { kind: "none" };

type Node = { fixed: Map<string, Node>; param: { name: string; node: Node } | undefined; routes: Map<string, Route> };

const emptyNode = (): Node => ({ fixed: new Map(), param: undefined, routes: new Map() });

/** @throws when two routes share method and path, or call one parameter by two names. */
export const createRouter = (routes: readonly Route[]): ((method: string, path: string) => Match) => {
  const root = emptyNode();
  for (const route of routes) addRoute(root, route);
  return (method, path) => {
    const params: Record<string, string> = {};
    const node = walk(root, path, params);
    if (!node || node.routes.size === 0) return { kind: "none" };
    const route = node.routes.get(method === "HEAD" ? "GET" : method);
    if (route) return { kind: "route", route, params };
    const allow = [...node.routes.keys()].flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : [one]));
    return { kind: "other-method", allow };
  };
};

const addRoute = (root: Node, route: Route): void => {
  let node = root;
  for (const segment of route.path.slice(1).split("/")) {
    const name = paramName(segment);
    if (name === undefined) {
      const next = node.fixed.get(segment) ?? emptyNode();
      node.fixed.set(segment, next);
      node = next;
    } else {
      node.param ??= { name, node: emptyNode() };
      if (node.param.name !== name) throw new Error(`${route.path}: ${name} is called ${node.param.name} elsewhere.`);
      node = node.param.node;
    }
  }
  if (node.routes.has(route.method)) throw new Error(`Two routes for ${route.method} ${route.path}.`);
  node.routes.set(route.method, route);
};

/** `{jobId}` → `jobId`. */
export const paramName = (segment: string): string | undefined => /^\{(\w+)\}$/.exec(segment)?.[1];

const walk = (root: Node, path: string, params: Record<string, string>): Node | undefined => {
  if (!path.startsWith("/")) return undefined;
  let node: Node | undefined = root;
  for (const segment of path.slice(1).split("/")) {
    const fixed: Node | undefined = node.fixed.get(segment);
    if (fixed) {
      node = fixed;
      continue;
    }
    const value = decodeSegment(segment);
    if (!node.param || value === undefined || !id.safeParse(value).success) return undefined;
    params[node.param.name] = value;
    node = node.param.node;
  }
  return node;
};

/** Percent signs of a client that escapes what it need not; what does not decode is no segment of ours. */
const decodeSegment = (segment: string): string | undefined => {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};
