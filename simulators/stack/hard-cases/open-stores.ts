// For tests that must hold over both kinds of stores: in memory, and in SQL and Redis over the stand-ins.
import { afterAll } from "vitest";
import { openMemoryStorage } from "../../../functions/storage/open-storage.ts";
import type { Storage } from "../../../functions/storage/storage.ts";
import { createStorageOpener } from "../../cloud/aurora/test-storage.ts";

export type StoreKind = "memory" | "SQL";
export const storeKinds: readonly StoreKind[] = ["memory", "SQL"];

/** Empty stores of that kind; closed after the file's last test. */
export const storeOpener = () => {
  const opener = createStorageOpener();
  afterAll(() => opener.closeAll());
  return async (kind: StoreKind): Promise<Storage> =>
    kind === "memory" ? openMemoryStorage() : (await opener.open()).storage;
};
