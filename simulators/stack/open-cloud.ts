// Opens the stand-ins of a local stack: the cloud's services and the log store, each on a loopback port, and the stores over them.

import { type ApiStorage, openApiStorage } from "../../functions/storage/api-storage.ts";
import { migrate } from "../../functions/storage/migrate.ts";
import type { RedisClient } from "../../functions/storage/redis-client.ts";
import { startAurora } from "../cloud/aurora/aurora.ts";
import { openDatabaseAt } from "../cloud/aurora/open-database.ts";
import { createFaults, type Faults } from "../cloud/faults.ts";
import { startGraylog } from "../cloud/graylog/graylog.ts";
import { type Kafka, openKafka } from "../cloud/kafka/kafka.ts";
import { type Mailbox, type Routes, startMailbox } from "../cloud/mailbox/mailbox.ts";
import { openRedis } from "../cloud/redis.ts";
import type { DataFolder } from "../data-folder.ts";

export type CloudPorts = { graylog: number; gelf: number; mailbox: number };
/** Whoever may sign in at the local log store; it listens on this machine only. */
export const graylogUser = { username: "admin", password: "logwatch" };

/** Kept in the local log store. */
const retention = { maxMessages: 500_000, maxAgeMs: 7 * 86_400_000 };

export type Cloud = {
  faults: Faults;
  kafka: Kafka;
  graylog: Awaited<ReturnType<typeof startGraylog>>;
  mailbox: Mailbox;
  redis: RedisClient;
  storage: ApiStorage;
  close: () => Promise<void>;
};

/** @throws when a port is taken or the data folder cannot be written. What was opened before is closed again. */
export const openCloud = async (data: DataFolder, ports: CloudPorts, routes: Routes): Promise<Cloud> => {
  const faults = createFaults();
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const one of closing.reverse()) await one();
  };
  try {
    const aurora = await startAurora({ port: 0, file: data.path("aurora.db"), faults });
    closing.push(aurora.close);
    const kafka = openKafka({ file: data.path("kafka.db"), faults });
    closing.push(() => kafka.close());
    const redis = openRedis(faults);
    closing.push(() => redis.disconnect());
    const mailbox = await startMailbox({ port: ports.mailbox, file: data.path("mailbox.db"), faults, routes });
    closing.push(mailbox.close);
    const graylog = await startGraylog({
      port: ports.graylog,
      gelfPort: ports.gelf,
      dataDir: data.path("graylog"),
      ...graylogUser,
      retention,
      faults,
    });
    closing.push(graylog.close);
    const db = openDatabaseAt(aurora.url);
    await migrate(db);
    return { faults, kafka, graylog, mailbox, redis, storage: openApiStorage(db, redis), close };
  } catch (error) {
    await close();
    throw error;
  }
};
