// The catalogue: analyses, sources, rule kinds, channels and formats, each with the JSON Schema of its parameters.
import { catalogue } from "@logwatch/events/api";
import * as z from "zod";
import * as analyses from "../../analyses/index.ts";
import * as channels from "../../channels/index.ts";
import * as formats from "../../formats/index.ts";
import * as ruleKinds from "../../rule-kinds/index.ts";
import * as sources from "../../sources/index.ts";
import { wireSchema } from "../openapi.ts";
import { answer, defineRoute } from "../route.ts";

type Plugin = { id: string; title: string; description: string; params: z.ZodType };

/** Made once: plug-ins do not change while a process lives. */
let made: z.output<typeof catalogue> | undefined;

const make = (): z.output<typeof catalogue> => ({
  analyses: Object.values(analyses).map((one) => {
    const { success } = one.params.safeParse({});
    return { ...describe(one), measures: success ? copyOf(one.measures({})) : {} };
  }),
  sources: Object.values(sources).map(describe),
  ruleKinds: Object.values(ruleKinds).map(describe),
  channels: Object.values(channels).map((channel) => describe({ ...channel, params: channel.address })),
  formats: Object.values(formats).map((format) => describe({ ...format, params: z.strictObject({}) })),
});

const describe = ({ id, title, description, params }: Plugin) => {
  const schema = wireSchema(params);
  return { id, title, description, params: schema, defaults: defaultsOf(schema) };
};

/** As the schema says them; what has none is left out. */
const defaultsOf = (schema: Record<string, unknown>): Record<string, unknown> => {
  const properties = z.record(z.string(), z.looseObject({})).safeParse(schema.properties);
  const entries = Object.entries(properties.data ?? {}).filter(([, property]) => "default" in property);
  return Object.fromEntries(entries.map(([name, property]) => [name, property.default]));
};

const copyOf = (measures: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(measures).map(([name, labels]) => [name, [...labels]]));

export const catalogueRoutes = [
  defineRoute("getCatalogue", {
    method: "GET",
    path: "/catalogue",
    area: "catalogue",
    title: "Everything that can be chosen",
    description: "Analyses, sources, rule kinds, channels and formats, each with the JSON Schema of its parameters.",
    reply: catalogue,
    example: {},
    handle: async () => {
      made ??= make();
      return answer(made);
    },
  }),
];
