// For tests: the SQL and Redis stores over the stand-ins, through the real clients, with every call counted.

import { migrate } from "../../../functions/storage/migrate.ts";
import { openSqlStorage } from "../../../functions/storage/open-storage.ts";
import type { RetryLimits } from "../../../functions/storage/retry-call.ts";
import { createFaults, type Faults } from "../faults.ts";
import { openRedis } from "../redis.ts";
import type { DatabaseLimits } from "./database.ts";
import { openDatabaseAt } from "./open-database.ts";
import { createOpener } from "./test-client.ts";

/** How often the Data API was called. */
type Calls = { made: number };

type Over = { retry?: RetryLimits; limits?: Partial<DatabaseLimits> };

const counted = (faults: Faults, calls: Calls): Faults => ({
  ...faults,
  take: (target) => {
    if (target === "aurora") calls.made += 1;
    return faults.take(target);
  },
});

/** Every `open` gives empty stores of their own; `closeAll` ends them. */
export const createStorageOpener = () => {
  const opener = createOpener();
  const openDatabase = async (over: Over = {}) => {
    const calls: Calls = { made: 0 };
    const faults = counted(createFaults(), calls);
    const file = opener.file();
    const { url } = await opener.open(file, over.limits, faults);
    const db = openDatabaseAt(url, over.retry);
    return { db, faults, calls, file };
  };
  return {
    closeAll: opener.closeAll,
    /** Without a table. */
    openDatabase,
    open: async (over: Over = {}) => {
      const opened = await openDatabase(over);
      await migrate(opened.db);
      const redis = openRedis(opened.faults);
      opened.calls.made = 0;
      return { ...opened, redis, storage: openSqlStorage(opened.db, redis) };
    },
  };
};
