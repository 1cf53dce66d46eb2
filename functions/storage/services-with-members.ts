// Services, sources and destinations as people make them through the API: a service comes with its first owner and goes with all that hangs on
// it, and of one owner no two things of a kind share a name, because files name them by it.
import type { ConfigurationItems } from "./configuration.ts";

/** `changed`: somebody was faster, or it, its source or its maker is gone. Unless `done`, nothing was written. */
export type NamedPut = "done" | "changed" | "name-taken";

/** `jobs`: how many went along, or stand in the way. */
export type ServiceRemoval = { state: "removed" | "in-use" | "gone"; jobs: number };

export type ServiceStore = {
  /** As the configuration's own `put`. Whoever makes a service is a member of it, as owner, in the same transaction. */
  put: <Kind extends "sources" | "services" | "destinations">(
    kind: Kind,
    ownerId: string,
    item: ConfigurationItems[Kind],
    expectedVersion: number,
    now: number,
  ) => Promise<NamedPut>;
  /** Removes a service with its members, silences and runs; with its jobs only where `withJobs` says so. */
  remove: (id: string, withJobs: boolean) => Promise<ServiceRemoval>;
};
