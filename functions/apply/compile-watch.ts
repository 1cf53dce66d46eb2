// Apply step, core. In: a watch file. Out: the configuration it declares, ids derived from names, every plug-in's parameters checked.
// Pure: the same file gives the same configuration, so applying it twice changes nothing.
import * as channelPlugins from "../channels/index.ts";
import { parseFilter } from "../lib/lucene.ts";
import { registry } from "../lib/registry.ts";
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
import type { Path, Problem, ReadWatch } from "./read-watch.ts";
import { ruleRecord } from "./rule-record.ts";
import { type Sealing, splitSecrets } from "./split-secrets.ts";
import type { WatchFile } from "./watch-file.ts";
import { idsFor, slug } from "./watch-ids.ts";

export type CompileOptions = {
  /** Id of the source that services without one read. */
  defaultSourceId: string;
  /** New jobs start with the slot that holds this moment, epoch ms. */
  now: number;
  ownerId: string;
  seal: Sealing;
};

type Named<Record> = Map<string, Record>;

const channels = registry("channel", channelPlugins);
const sources = registry("source", sourcePlugins);

export const compileWatch = (
  { watch, locate }: ReadWatch,
  options: CompileOptions,
): Result<Configuration, Problem[]> => {
  const problems: Problem[] = [];
  const report: Report = (path, message) => problems.push(locate(path, message));
  const idOf = idsFor(watch.name);
  const sourcesByName = byName(watch.sources, "sources", report, (one, path): SourceRecord => {
    const kind = sources.find(one.kind);
    checkParams(kind, `source kind "${one.kind}"`, one.params, path, ["kind", "params"], report);
    return {
      id: idOf(one.name),
      name: one.name,
      kind: one.kind,
      ...splitSecrets(kind?.params, one.params, options.seal),
    };
  });
  const destinations = byName(watch.destinations, "destinations", report, (one, path): DestinationRecord => {
    const schema = channels.find(one.channel)?.address;
    const plugin = schema && { params: schema };
    checkParams(plugin, `channel "${one.channel}"`, one.address, path, ["channel", "address"], report);
    const { params, secret } = splitSecrets(schema, one.address, options.seal);
    return {
      id: idOf(one.name),
      name: one.name,
      channel: one.channel,
      address: params,
      secret,
      enabled: true,
      maxPerHour: one.maxPerHour,
      confirmedAt: 0,
    };
  });
  const services = byName(watch.services, "services", report, (one, path): ServiceRecord => {
    if (one.source !== undefined && !sourcesByName.has(one.source))
      report([...path, "source"], unknown("source", one.source, sourcesByName));
    const filter = parseFilter(one.filter);
    if (!filter.ok) report([...path, "filter"], filter.error.message);
    const sourceId = one.source === undefined ? options.defaultSourceId : idOf(one.source);
    return { id: idOf(one.name), name: one.name, sourceId, filter: one.filter, colour: one.colour };
  });
  const { jobs, rules } = compileJobs(watch, services, destinations, idOf, options, report);
  if (problems.length > 0) return fail(problems);
  return ok({
    sources: [...sourcesByName.values()],
    services: [...services.values()],
    jobs,
    rules,
    destinations: [...destinations.values()],
  });
};

const compileJobs = (
  watch: WatchFile,
  services: Named<ServiceRecord>,
  destinations: Named<DestinationRecord>,
  idOf: (name: string) => string,
  options: CompileOptions,
  report: Report,
): { jobs: JobRecord[]; rules: RuleRecord[] } => {
  const rules: RuleRecord[] = [];
  const jobs = byName(watch.jobs, "jobs", report, (one, path): JobRecord => {
    const service = services.get(one.service);
    if (!service) report([...path, "service"], unknown("service", one.service, services));
    checkJobPlugins(one, path, report);
    const id = idOf(one.name);
    rules.push(...compileRules(one, id, path, destinations, report));
    return {
      id,
      name: one.name,
      analysis: one.analysis,
      params: one.params,
      serviceId: service?.id ?? "",
      everyMs: one.every,
      windowMs: one.window ?? one.every,
      delayMs: one.delay,
      enabled: one.enabled,
      ownerId: options.ownerId,
      startAt: alignedStart(options.now, one.every),
    };
  });
  return { jobs: [...jobs.values()], rules };
};

const compileRules = (
  job: WatchFile["jobs"][number],
  jobId: string,
  jobPath: Path,
  destinations: Named<DestinationRecord>,
  report: Report,
): RuleRecord[] => {
  const rules = byName(
    job.rules,
    "rules",
    (path, message) => report([...jobPath, ...path], message),
    (one, path): RuleRecord => {
      const at: Path = [...jobPath, ...path];
      one.destinations.forEach((name, index) => {
        if (!destinations.has(name)) report([...at, "destinations", index], unknown("destination", name, destinations));
      });
      const destinationIds = [...new Set(one.destinations)].flatMap((name) => destinations.get(name)?.id ?? []);
      const { name, kind, params } = one;
      return ruleRecord(
        { id: `${jobId}/${slug(name)}`, jobId, name, kind, params, destinationIds, enabled: true },
        one,
      );
    },
  );
  return [...rules.values()];
};

/** Names are unique among their kind, and stay so as ids. */
const byName = <Declared extends { name: string }, Record>(
  declared: readonly Declared[],
  field: string,
  report: Report,
  compile: (one: Declared, path: Path) => Record,
): Named<Record> => {
  const named: Named<Record> = new Map();
  const slugs = new Map<string, string>();
  declared.forEach((one, index) => {
    const taken = slugs.get(slug(one.name));
    if (taken !== undefined) report([field, index, "name"], `is taken: "${taken}" is already called so`);
    slugs.set(slug(one.name), one.name);
    named.set(one.name, compile(one, [field, index]));
  });
  return named;
};

const unknown = (what: string, name: string, known: ReadonlyMap<string, unknown>): string =>
  `there is no ${what} called "${name}" in this file; known: ${[...known.keys()].join(", ") || "none"}`;
