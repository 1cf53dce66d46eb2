// What a failure of a source says to members of a service: all but where its logs lie, which is the business of the source's owner.
import type { Failure } from "@logwatch/events";
import type { Caller } from "../authenticate.ts";
import { ownersOf } from "../owners.ts";
import type { ApiPorts } from "../ports.ts";
import { withoutHosts } from "./sources-open.ts";

type User = Caller["user"];

/** For these services: from the words of a failure to those that `user` may read. */
export const failureWords = async (
  serviceIds: readonly string[],
  user: User,
  { storage }: Pick<ApiPorts, "storage">,
): Promise<(serviceId: string, text: string) => string> => {
  const services = await storage.configuration.find("services", [...new Set(serviceIds)]);
  const sources = await storage.configuration.find("sources", [...new Set(services.map(({ item }) => item.sourceId))]);
  const own = ownersOf(user);
  return (serviceId, text) => {
    const service = services.find(({ item }) => item.id === serviceId);
    const source = sources.find(({ item }) => item.id === service?.item.sourceId);
    return !source || own.includes(source.ownerId) ? text : withoutHosts(text, source.item);
  };
};

/** The same runs; costs nothing while none of them failed. */
export const inReadableWords = async <Run extends { serviceId: string; failure: Failure | null }>(
  runs: readonly Run[],
  user: User,
  ports: Pick<ApiPorts, "storage">,
): Promise<Run[]> => {
  const failed = runs.filter(({ failure }) => failure !== null);
  if (failed.length === 0) return [...runs];
  const words = await failureWords(
    failed.map(({ serviceId }) => serviceId),
    user,
    ports,
  );
  return runs.map((run) =>
    run.failure === null
      ? run
      : { ...run, failure: { ...run.failure, message: words(run.serviceId, run.failure.message) } },
  );
};
