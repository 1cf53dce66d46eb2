// The object check: what a path names, with the caller's role on it. What the caller may not see is not found, after the same
// statements as what is not there: the thing and the role are looked up beside each other, whatever either of them says.
import { isInstanceOwner } from "../storage/configuration.ts";
import type { Access, ObjectKind, Role } from "./access.ts";
import type { Caller } from "./authenticate.ts";
import type { ApiPorts } from "./ports.ts";

type Finder<Found> = (id: string, caller: Caller, ports: ApiPorts) => Promise<{ found: Found; role: Role } | undefined>;

/** `role` on what belongs to a service, by id of the thing. */
const onService = async <Found>(found: Promise<readonly Found[]>, role: Promise<Role | undefined>) => {
  const [[thing], least] = await Promise.all([found, role]);
  return thing !== undefined && least !== undefined ? { found: thing, role: least } : undefined;
};

/** An admin stands for whoever wrote the instance's own file. */
const isOwn = (ownerId: string, { user }: Caller): boolean =>
  ownerId === user.id || (user.role === "admin" && isInstanceOwner(ownerId));

const ofOwner = <Found extends { ownerId: string }>(found: Found | undefined, caller: Caller) =>
  found && isOwn(found.ownerId, caller) ? { found, role: "owner" as const } : undefined;

const finders = {
  source: async (id, caller, { storage }) => ofOwner((await storage.configuration.find("sources", [id]))[0], caller),
  destination: async (id, caller, { storage }) =>
    ofOwner((await storage.configuration.find("destinations", [id]))[0], caller),
  service: (id, caller, { storage }) =>
    onService(storage.configuration.find("services", [id]), storage.roles.on("service", id, caller.user)),
  job: (id, caller, { storage }) =>
    onService(storage.configuration.find("jobs", [id]), storage.roles.on("job", id, caller.user)),
  alert: (id, caller, { storage }) => onService(storage.alerts.find([id]), storage.roles.on("alert", id, caller.user)),
  silence: (id, caller, { storage }) =>
    onService(storage.silences.find([id]), storage.roles.on("silence", id, caller.user)),
  notification: (id, caller, { storage }) =>
    onService(storage.notifications.find([id]), storage.roles.on("notification", id, caller.user)),
  run: async (id, caller, { storage }) => ofUser((await storage.runs.find([id]))[0], caller),
  token: async (id, caller, { storage }) => ofUser(await storage.apiTokens.get(caller.user.id, id), caller),
  session: async (id, caller, { storage, now }) => {
    const mine = await storage.sessions.list(caller.user.id, now());
    return ofUser(
      mine.find((session) => session.id === id),
      caller,
    );
  },
  user: async (id, caller, { storage }) => {
    const found = await storage.users.find(id);
    return found && caller.user.role === "admin" ? { found, role: "owner" as const } : undefined;
  },
} satisfies { [Kind in ObjectKind]: Finder<unknown> };

const ofUser = <Found extends { userId: string }>(found: Found | undefined, { user }: Caller) =>
  found && found.userId === user.id ? { found, role: "owner" as const } : undefined;

/** By kind, what a handler gets as `object`. */
export type FoundObjects = {
  [Kind in ObjectKind]: NonNullable<Awaited<ReturnType<(typeof finders)[Kind]>>>;
};

/** Undefined when it is not there or may not be seen. */
export const findObject = (
  { kind, param }: NonNullable<Access["object"]>,
  params: Readonly<Record<string, string>>,
  caller: Caller | undefined,
  ports: ApiPorts,
): Promise<{ found: unknown; role: Role } | undefined> => {
  const id = params[param];
  if (id === undefined || !caller) throw new Error(`The path of this route has no ${param}, or its row no caller.`);
  return finders[kind](id, caller, ports);
};
