// The outside world of the API, as one record: stores, the bus, clocks, mail, sources. Built once by the handler.
import type { Failure } from "@logwatch/events";
import type { Config } from "../lib/config.ts";
import type { Emit } from "../lib/emit.ts";
import type { Log } from "../lib/log.ts";
import type { Result } from "../lib/result.ts";
import type { OpenedSource, Source } from "../sources/source.ts";
import type { ApiStorage } from "../storage/api-storage.ts";
import type { Cursors } from "./cursor.ts";
import type { Limits } from "./limits.ts";
import type { SendMail } from "./mail.ts";

/** What only the host knows of the pipeline; what is absent is not shown. */
export type PipelineStatus = {
  /** Records not read yet, by consumer group. */
  lag?: () => Promise<Record<string, number>>;
  deadLetters?: () => Promise<number>;
};

export type ApiPorts = {
  storage: ApiStorage;
  emit: Emit;
  now: () => number;
  /** A ULID. */
  newId: () => string;
  log: Log;
  config: Config;
  cursors: Cursors;
  limits: Limits;
  sendMail: SendMail;
  /** A stored source, opened. */
  openSource: (sourceId: string) => Promise<Result<OpenedSource, Failure>>;
  /** A source that is not stored yet, to be tried. @throws ZodError when `params` are not what its kind says. */
  openSettings: (kind: Source, params: unknown) => OpenedSource;
  status: PipelineStatus;
};
