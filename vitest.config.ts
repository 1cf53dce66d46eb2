// Tests stand beside the code. They run in forks, because libsql is a native module and some tests start servers.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{events,functions,simulators,bench}/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  },
});
