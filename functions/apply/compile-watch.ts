// Apply step, core. In: a watch file. Out: the configuration it declares, every plug-in's parameters checked.
// Pure: the same file over the same stored things gives the same configuration, so applying it twice changes nothing.
import { isDeepStrictEqual } from "node:util";
import * as channelPlugins from "../channels/index.ts";
import { parseFilter } from "../lib/lucene.ts";
import { idsOf, registry } from "../lib/registry.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { alignedStart } from "../lib/slots.ts";
import * as sourcePlugins from "../sources/index.ts";
import type {
  Configuration,
  DestinationRecord,
  JobRecord,
  RuleRecord,
  ServiceRecord,
  SourceRecord,
} from "../storage/configuration.ts";
import { checkJobPlugins, checkParams, type Report } from "./check-plugins.ts";
import { compileRules } from "./compile-rules.ts";
import { byName, type Named, unknown } from "./declared.ts";
import { maxProblems, type Path, type Problem, type ReadWatch } from "./read-watch.ts";
import type { Sealing } from "./split-secrets.ts";
import { fillStored, type Opening, openedSecret, type SecretHolder, sealAnew } from "./stored-secrets.ts";
import type { WatchFile } from "./watch-file.ts";
import { derivedIds, type IdOf } from "./watch-ids.ts";

export type CompileOptions = {
  /** Id of the source that services without one read. */
  defaultSourceId: string;
  /** New jobs start with the slot that holds this moment, epoch ms. */
  now: number;
  ownerId: string;
  seal: Sealing;
  /** Ids of what the file names; when absent derived from the names. */
  idOf?: IdOf;
  /** What the owner has already: secrets that the file does not give, and destinations that were agreed to. */
  stored?: Pick<Configuration, "sources" | "destinations"> & { open: Opening };
  /** When new destinations were agreed to; null: not yet. 0, which is ever, when absent: the operator's file says so itself. */
  confirmedAt?: number | null;
  /** Id of a thing that the file names and does not declare; when absent there is none. */
  elsewhere?: (kind: "sources" | "services" | "destinations", name: string) => string | undefined;
};

type Compiling = CompileOptions & { idOf: IdOf; report: Report; unset: ReadWatch["unset"] };

const channels = registry("channel", channelPlugins);
const sources = registry("source", sourcePlugins);

export const compileWatch = (
  { watch, locate, unset }: ReadWatch,
  options: CompileOptions,
): Result<Configuration, Problem[]> => {
  const problems: Problem[] = [];
  const report: Report = (path, message) => {
    if (problems.length < maxProblems) problems.push(locate(path, message));
  };
  const compiling: Compiling = { ...options, idOf: options.idOf ?? derivedIds(watch.name), report, unset };
  // Ids that are not made of names leave names that differ in signs alone apart, as the API does.
  const keyOf = options.idOf ? (name: string) => name : undefined;
  const named = <Declared extends { name: string }, Item>(
    declared: readonly Declared[],
    field: string,
    compile: (one: Declared, path: Path) => Item,
  ) => byName(declared, field, report, compile, keyOf);
  const sourcesByName = named(watch.sources, "sources", (one, path) => compileSource(one, path, compiling));
  const destinations = named(watch.destinations, "destinations", (one, path) =>
    compileDestination(one, path, compiling),
  );
  const services = named(watch.services, "services", (one, path) =>
    compileService(one, path, sourcesByName, compiling),
  );
  const { jobs, rules } = compileJobs(watch, services, destinations, compiling);
  if (problems.length > 0) return fail(problems);
  return ok({
    sources: [...sourcesByName.values()],
    services: [...services.values()],
    jobs,
    rules,
    destinations: [...destinations.values()],
  });
};

const compileSource = (
  { name, kind, params }: WatchFile["sources"][number],
  path: Path,
  compiling: Compiling,
): SourceRecord => {
  const id = compiling.idOf("sources", name);
  const before = compiling.stored?.sources.find((stored) => stored.id === id);
  const schema = sources.find(kind)?.params;
  const what = `source kind "${kind}"; known: ${idsOf(sources)}`;
  const holder = { kind: "sources", name, path, fields: ["kind", "params"], what } as const;
  return { id, name, kind, ...settle(params, { ...holder, schema }, before, compiling) };
};

const compileDestination = (
  { name, channel, enabled, maxPerHour, ...given }: WatchFile["destinations"][number],
  path: Path,
  compiling: Compiling,
): DestinationRecord => {
  const id = compiling.idOf("destinations", name);
  const before = compiling.stored?.destinations.find((stored) => stored.id === id);
  const schema = channels.find(channel)?.address;
  const holder = {
    kind: "destinations",
    name,
    path,
    fields: ["channel", "address"],
    what: `channel "${channel}"; known: ${idsOf(channels)}`,
  } as const;
  const { params: address, secret } = settle(given.address, { ...holder, schema }, before, compiling);
  const { confirmedAt = 0 } = compiling;
  const record = { id, name, channel, address, secret, enabled, maxPerHour, confirmedAt };
  return before && isSamePlace(before, record) ? { ...record, confirmedAt: before.confirmedAt } : record;
};

/** Whoever agreed to be told there agreed to this place alone. */
const isSamePlace = (left: DestinationRecord, right: DestinationRecord): boolean =>
  left.channel === right.channel && left.secret === right.secret && isDeepStrictEqual(left.address, right.address);

/** Settings of a plug-in: checked whole, secrets among them, and then parted. */
const settle = (
  given: Record<string, unknown>,
  holder: SecretHolder & { what: string },
  before: { secret: string } | undefined,
  { stored, report, unset, seal }: Compiling,
): { params: Record<string, unknown>; secret: string } => {
  const { schema, what, path, fields } = holder;
  const opened = before && stored ? openedSecret(before.secret, stored.open) : {};
  const { params, isWhole } = fillStored(given, holder, unset, opened, report);
  // What has no value yet has been told; that it is no right one need not be.
  if (isWhole) checkParams(schema && { params: schema }, what, params, path, fields, report);
  return sealAnew(schema, params, { secret: before?.secret ?? "", opened }, seal);
};

const compileService = (
  { name, source, filter, colour }: WatchFile["services"][number],
  path: Path,
  known: Named<SourceRecord>,
  { defaultSourceId, elsewhere, idOf, report }: Compiling,
): ServiceRecord => {
  const parsed = parseFilter(filter);
  if (!parsed.ok) report([...path, "filter"], parsed.error.message);
  const sourceId = source === undefined ? defaultSourceId : (known.get(source)?.id ?? elsewhere?.("sources", source));
  if (sourceId === undefined) report([...path, "source"], unknown("source", source ?? "", known.keys()));
  return { id: idOf("services", name), name, sourceId: sourceId ?? "", filter, colour };
};

const compileJobs = (
  watch: WatchFile,
  services: Named<ServiceRecord>,
  destinations: Named<DestinationRecord>,
  { idOf, elsewhere, report, now, ownerId }: Compiling,
): { jobs: JobRecord[]; rules: RuleRecord[] } => {
  const rules: RuleRecord[] = [];
  const named = {
    idOf,
    destinationOf: (name: string) => destinations.get(name)?.id ?? elsewhere?.("destinations", name),
    destinations: () => destinations.keys(),
  };
  const jobs = byName(watch.jobs, "jobs", report, (one, path): JobRecord => {
    const serviceId = services.get(one.service)?.id ?? elsewhere?.("services", one.service);
    if (serviceId === undefined) report([...path, "service"], unknown("service", one.service, services.keys()));
    checkJobPlugins(one, path, report);
    const id = idOf("jobs", one.name);
    rules.push(...compileRules(one, { ...named, jobId: id, jobPath: path }, report));
    return {
      id,
      name: one.name,
      analysis: one.analysis,
      params: one.params,
      serviceId: serviceId ?? "",
      everyMs: one.every,
      windowMs: one.window ?? one.every,
      delayMs: one.delay,
      enabled: one.enabled,
      ownerId,
      startAt: alignedStart(now, one.every),
    };
  });
  return { jobs: [...jobs.values()], rules };
};
