// Apply step: ids from names, so that a file that is applied again speaks of the same things. Pure.

/** Ids of everything a watch file names. */
export const idsFor = (watchName: string) => (name: string) => `${slug(watchName)}/${slug(name)}`;

/** Lower case, words joined by dashes; letters of other scripts are kept. */
export const slug = (name: string): string =>
  name
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "") || "-";
