// Every source keeps the same promises. A real Graylog takes part where GRAYLOG_URL and GRAYLOG_TOKEN are set.

import { openMemory } from "./memory.ts";
import { memoryLog } from "./memory-log.ts";
import { sourceSuite } from "./source-suite.ts";

sourceSuite("memory", async ({ entries }) => {
  const store = memoryLog();
  store.add(entries, Date.now());
  return { source: openMemory(store), close: async () => undefined };
});
