// Turns a plug-in folder's index into a map by id. Outside their own files, plug-ins are only ever reached through it.

/** A plug-in: an id that equals its file's name, and whatever its kind asks for. */
type Named = { id: string };

export type Registry<Plugin extends Named> = {
  all: readonly Plugin[];
  find: (id: string) => Plugin | undefined;
  /** For ids that were checked at the border: an unknown one is a fault of ours and throws. */
  get: (id: string) => Plugin;
};

/** What may be chosen, for whoever named something else. */
export const idsOf = ({ all }: Pick<Registry<Named>, "all">): string => all.map(({ id }) => id).join(", ");

/** @throws when two plug-ins share an id. */
export const registry = <Plugin extends Named>(kind: string, module: Record<string, Plugin>): Registry<Plugin> => {
  const byId = new Map<string, Plugin>();
  for (const plugin of Object.values(module)) {
    if (byId.has(plugin.id)) throw new Error(`Two ${kind} plug-ins are called "${plugin.id}".`);
    byId.set(plugin.id, plugin);
  }
  return {
    all: [...byId.values()],
    find: (id) => byId.get(id),
    get: (id) => {
      const plugin = byId.get(id);
      if (!plugin) throw new Error(`There is no ${kind} called "${id}"; known: ${[...byId.keys()].join(", ")}.`);
      return plugin;
    },
  };
};
