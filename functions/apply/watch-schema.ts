// Apply step: the JSON Schema of a watch file, for editors, with every plug-in's own parameters. Made from the schemas that check it.
import * as z from "zod";
import * as analysisPlugins from "../analyses/index.ts";
import * as channelPlugins from "../channels/index.ts";
import * as ruleKindPlugins from "../rule-kinds/index.ts";
import * as sourcePlugins from "../sources/index.ts";
import { watchFile } from "./watch-file.ts";

type Json = { [key: string]: unknown };

/** Draft 2020-12. */
export const watchSchema = (): Json => {
  const schema = jsonSchemaOf(watchFile);
  const properties = at(schema, "properties");
  choose(items(properties, "sources"), "kind", "params", Object.values(sourcePlugins));
  choose(
    items(properties, "destinations"),
    "channel",
    "address",
    Object.values(channelPlugins).map((channel) => ({ ...channel, params: channel.address })),
  );
  const job = items(properties, "jobs");
  choose(job, "analysis", "params", Object.values(analysisPlugins));
  choose(items(at(job, "properties"), "rules"), "kind", "params", Object.values(ruleKindPlugins));
  return schema;
};

/** Where `field` names one of the plug-ins, `paramsField` must be as that plug-in says. */
const choose = (
  schema: Json,
  field: string,
  paramsField: string,
  plugins: readonly { id: string; title: string; description: string; params: z.ZodType }[],
): void => {
  const choice = at(at(schema, "properties"), field);
  choice.anyOf = plugins.map(({ id, title, description }) => ({ const: id, title, description }));
  schema.allOf = plugins.map(({ id, params }) => {
    const { $schema: _draft, ...own } = jsonSchemaOf(params);
    // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword.
    return { if: { properties: { [field]: { const: id } } }, then: { properties: { [paramsField]: own } } };
  });
};

const jsonSchemaOf = (schema: z.ZodType): Json => ({
  ...z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
});

const items = (properties: Json, field: string): Json => at(at(properties, field), "items");

/** @throws when the schema has no such object: the watch file's shape changed and this file did not. */
const at = (schema: Json, field: string): Json => {
  const value = schema[field];
  if (value === null || typeof value !== "object") throw new Error(`The watch file's schema has no "${field}".`);
  // Safe: an object was just seen, and JSON objects have only string keys.
  return value as Json;
};
