// Whether a watch file that compiles may be applied by its author: whatever single changes through the API refuse, a file is refused too.
import { isDeepStrictEqual } from "node:util";
import { maxDestinations, maxParamsBytes, maxRules } from "@logwatch/events/api";
import type { Problem, ReadWatch } from "../../apply/read-watch.ts";
import type { WatchFile } from "../../apply/watch-file.ts";
import type { Config } from "../../lib/config.ts";
import type { Configuration, DestinationRecord, SourceRecord } from "../../storage/configuration.ts";
import { isSameName } from "../check-job.ts";
import { channels, refusalsOf } from "./destinations-record.ts";
import { originsOf } from "./sources-record.ts";
import type { Mine } from "./watch-mine.ts";

type Say = (path: readonly (string | number)[], message: string) => void;

/** What can be said before anything is looked up. */
export const checkBounds = ({ watch, locate }: ReadWatch): Problem[] => {
  const problems: Problem[] = [];
  const say: Say = (path, message) => problems.push(locate(path, message));
  const checkSize = (value: unknown, path: readonly (string | number)[]) => {
    if (Buffer.byteLength(JSON.stringify(value)) > maxParamsBytes)
      say(path, `must not be longer than ${maxParamsBytes} bytes of JSON`);
  };
  watch.sources.forEach(({ params }, at) => {
    checkSize(params, ["sources", at, "params"]);
  });
  watch.services.forEach(({ source }, at) => {
    if (source === undefined) say(["services", at], "must say its source: `source:` with the name of one of yours");
  });
  watch.destinations.forEach(({ address }, at) => {
    checkSize(address, ["destinations", at, "address"]);
  });
  watch.jobs.forEach((job, at) => {
    checkSize(job.params, ["jobs", at, "params"]);
    if (job.rules.length > maxRules) say(["jobs", at, "rules"], `must not be more than ${maxRules}`);
    job.rules.forEach(({ params, destinations }, index) => {
      const path = ["jobs", at, "rules", index];
      checkSize(params, [...path, "params"]);
      if (destinations.length > maxDestinations)
        say([...path, "destinations"], `must not be more than ${maxDestinations}`);
    });
  });
  return problems;
};

/** `wanted` holds the things of the file in its order. */
export const checkAllowed = (read: ReadWatch, wanted: Configuration, mine: Mine, config: Config): Problem[] => {
  const problems: Problem[] = [];
  const say: Say = (path, message) => problems.push(read.locate(path, message));
  checkNames(read.watch, mine, say);
  wanted.sources.forEach((one, at) => {
    checkSource(one, ["sources", at], read, mine, say);
  });
  wanted.destinations.forEach((one, at) => {
    checkDestination(one, ["destinations", at], read, mine, config, say);
  });
  checkServices(wanted, mine, say);
  checkTold(read.watch, wanted, mine, say);
  return problems;
};

/** Of what one owns and may not change, too, no two share a name. */
const checkNames = ({ services, jobs }: WatchFile, { untouched }: Mine, say: Say): void => {
  const taken = (kind: string, at: number) =>
    say([kind, at, "name"], "is taken by one of yours that you cannot change now");
  services.forEach(({ name }, at) => {
    if (untouched.services.some((one) => one.name === name)) taken("services", at);
  });
  jobs.forEach(({ name }, at) => {
    if (untouched.jobs.some((one) => isSameName(one.name, name))) taken("jobs", at);
  });
};

/** Whoever may change the address must not have a secret they never knew sent to an address of theirs. */
const checkSource = (
  { id, kind, params }: SourceRecord,
  path: readonly (string | number)[],
  read: ReadWatch,
  { scope }: Mine,
  say: Say,
): void => {
  const before = scope.sources.find((one) => one.id === id);
  if (!before || (before.kind === kind && originsOf(before.params) === originsOf(params))) return;
  sayUntold([...path, "params"], read, say);
};

const checkDestination = (
  record: DestinationRecord,
  path: readonly (string | number)[],
  read: ReadWatch,
  { scope }: Mine,
  config: Config,
  say: Say,
): void => {
  const before = scope.destinations.find((one) => one.id === record.id);
  const isSame = before?.channel === record.channel && isDeepStrictEqual({ ...before.address }, { ...record.address });
  if (before && !isSame) sayUntold([...path, "address"], read, say);
  if (isSame && before.secret === record.secret) return;
  const channel = channels.find(record.channel);
  for (const { field, rule } of channel ? refusalsOf(channel, record, config) : [])
    say([...path, "address", field], rule);
};

const sayUntold = (path: readonly (string | number)[], { unset }: ReadWatch, say: Say): void => {
  const within = `${path.join(".")}.`;
  for (const at of unset.keys())
    if (at.startsWith(within))
      say([...path, at.slice(within.length)], "must be given again, as the address is another one");
};

/** Whoever says what of a source is read must own the source. */
const checkServices = ({ services }: Configuration, { scope, usable, outside }: Mine, say: Say): void => {
  services.forEach(({ id, sourceId, filter }, at) => {
    if (!outside.sources.has(sourceId) || usable.has(sourceId)) return;
    const before = scope.services.find((one) => one.id === id);
    if (before?.sourceId !== sourceId) say(["services", at, "source"], "there is no such source, or it is not yours");
    else if (before.filter !== filter)
      say(["services", at, "filter"], "only the owner of the source may change what is read of it");
  });
};

/** Destinations of others stay where they are named, and are named nowhere else. */
const checkTold = ({ jobs }: WatchFile, wanted: Configuration, { scope, usable, outside }: Mine, say: Say): void => {
  jobs.forEach((job, at) => {
    const jobId = wanted.jobs[at]?.id;
    const named = new Set(scope.rules.flatMap((rule) => (rule.jobId === jobId ? rule.destinationIds : [])));
    const rules = wanted.rules.filter((rule) => rule.jobId === jobId);
    job.rules.forEach((_, index) => {
      const ids = rules[index]?.destinationIds ?? [];
      for (const id of ids)
        if (outside.destinations.has(id) && !usable.has(id) && !named.has(id))
          say(["jobs", at, "rules", index, "destinations"], `there is no destination "${id}", or it is not yours`);
    });
  });
};
