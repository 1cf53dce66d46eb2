// Block Kit as the stand-in understands it: Slack's limits, and the words of a block as plain text for the feed.
import * as z from "zod";

const textObject = z.looseObject({ type: z.enum(["plain_text", "mrkdwn"]), text: z.string().min(1) });
const limited = (max: number) => textObject.extend({ text: z.string().min(1).max(max) });

const shapes: Record<string, z.ZodType> = {
  header: z.looseObject({ text: limited(150).extend({ type: z.literal("plain_text") }) }),
  section: z
    .looseObject({ text: limited(3000).optional(), fields: z.array(limited(2000)).min(1).max(10).optional() })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined),
  context: z.looseObject({
    elements: z
      .array(z.looseObject({ type: z.string() }))
      .min(1)
      .max(10),
  }),
  actions: z.looseObject({
    elements: z
      .array(z.looseObject({ type: z.string() }))
      .min(1)
      .max(25),
  }),
  divider: z.looseObject({}),
  image: z.looseObject({ image_url: z.string().max(3000), alt_text: z.string() }),
  rich_text: z.looseObject({ elements: z.array(z.unknown()) }),
  markdown: z.looseObject({ text: z.string().min(1).max(12_000) }),
};

const maxBlocks = 50;
// Slack does not document it; reported as about 13,000 characters.
const maxTotalChars = 13_000;

/** Slack's word for what is wrong with the blocks; undefined when nothing is. */
export const blockProblem = (blocks: readonly { type: string }[]): string | undefined => {
  if (blocks.length > maxBlocks) return "invalid_blocks";
  const fits = (block: { type: string }) =>
    Object.hasOwn(shapes, block.type) && shapes[block.type]?.safeParse(block).success;
  if (!blocks.every(fits)) return "invalid_blocks";
  return blocks.map(blockText).join("").length > maxTotalChars ? "msg_blocks_too_long" : undefined;
};

/** Every word a block shows, in reading order, one text object a line. */
export const blockText = (block: unknown): string => slackPlain(words(block).join("\n"));

const shownKeys = new Set(["text", "fields", "elements", "accessory", "alt_text"]);

const words = (part: unknown): string[] => {
  if (typeof part === "string") return [part];
  if (Array.isArray(part)) return part.flatMap(words);
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part)
    .filter(([key]) => shownKeys.has(key))
    .flatMap(([, value]) => words(value));
};

/** Text as it was before Slack's escaping; links become `words (address)`. */
export const slackPlain = (text: string): string =>
  text
    .replace(/<(https?:[^|<>]+)\|([^<>]*)>/g, "$2 ($1)")
    .replace(/<(https?:[^|<>]+)>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
