// For tests: the stand-in opened with the AWS SDK's own client, and what it takes to end both.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RDSData, type SqlParameter } from "@aws-sdk/client-rds-data";
import { createFaults } from "../faults.ts";
import { startAurora } from "./aurora.ts";
import type { DatabaseLimits } from "./database.ts";

export const target = { resourceArn: "arn:aws:rds:us-east-1:123456789012:cluster:a", secretArn: "arn:aws:s" };

export const text = (name: string, stringValue: string): SqlParameter => ({ name, value: { stringValue } });
export const long = (name: string, longValue: number): SqlParameter => ({ name, value: { longValue } });

/** The client alone, and shorter ways to call it. */
export const openClient = (url: string) => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new RDSData({ endpoint: url, region: "us-east-1", credentials, maxAttempts: 1 });
  const execute = (sql: string, parameters?: SqlParameter[], transactionId?: string) =>
    client.executeStatement({ ...target, sql, parameters, transactionId });
  const rows = async (sql: string, transactionId?: string): Promise<unknown> => {
    const answer = await client.executeStatement({ ...target, sql, transactionId, formatRecordsAs: "JSON" });
    return JSON.parse(answer.formattedRecords ?? "");
  };
  const begin = async (): Promise<string> => (await client.beginTransaction(target)).transactionId ?? "";
  const commit = (transactionId: string) => client.commitTransaction({ ...target, transactionId });
  const rollback = (transactionId: string) => client.rollbackTransaction({ ...target, transactionId });
  const batch = (sql: string, parameterSets: SqlParameter[][], transactionId?: string) =>
    client.batchExecuteStatement({ ...target, sql, parameterSets, transactionId });
  return { client, execute, rows, begin, commit, rollback, batch };
};

/** Stand-ins opened through it, and the folders of their files, end with `closeAll`. */
export const createOpener = () => {
  const closing: (() => unknown)[] = [];
  return {
    file: (): string => {
      const folder = mkdtempSync(join(tmpdir(), "aurora-"));
      closing.push(() => rmSync(folder, { recursive: true }));
      return join(folder, "aurora.db");
    },
    open: async (file: string, limits: Partial<DatabaseLimits> = {}, faults = createFaults()) => {
      const stand = await startAurora({
        port: 0,
        file,
        faults,
        limits: { idleMs: 60_000, lockWaitMs: 5_000, ...limits },
      });
      let isOpen = true;
      const close = async () => {
        if (isOpen) await stand.close();
        isOpen = false;
      };
      const opened = openClient(stand.url);
      closing.push(close, () => opened.client.destroy());
      return { ...opened, faults, url: stand.url, close };
    },
    closeAll: async (): Promise<void> => {
      while (closing.length > 0) await closing.pop()?.();
    },
  };
};
