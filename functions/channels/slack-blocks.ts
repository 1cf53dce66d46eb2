// A neutral message as Slack's Block Kit, inside Slack's limits. `& < >` are escaped everywhere: only they start a mention or
// a link, so nothing in a log line can ping a channel. In: Message. Out: blocks and the fallback text.
import type { Message } from "@logwatch/events";
import { cut, first, followable, headline, inert, inertLine, plainText, standing } from "../lib/message-text.ts";

type Text = { type: "plain_text"; text: string; emoji: false } | { type: "mrkdwn"; text: string; verbatim: true };
export type SlackBlock =
  | { type: "header"; text: Text }
  | { type: "section"; text: Text }
  | { type: "section"; fields: Text[] }
  | { type: "divider" }
  | { type: "context"; elements: Text[] };

// Slack's own limits are 150 (header), 3000 (section), 10 × 2000 (fields), 50 blocks; and about 13,000 characters for all
// blocks together, which it does not document: so the parts share a budget that stays below.
const maxHeaderChars = 150;
const maxSectionChars = 3000;
const maxFieldsPerSection = 10;
const maxItems = 20;
const maxLineChars = 500;
const fieldsBudget = 3500;
const examplesBudget = 5000;
const maxTextChars = 3500;

/** Blocks in reading order: what, details, log lines, links, identity. */
export const slackBlocks = (message: Message, notificationId: string): SlackBlock[] => [
  { type: "header", text: plain(headline(message, maxHeaderChars), maxHeaderChars) },
  ...lineSection(message),
  ...fieldSections(message),
  ...exampleSections(message),
  ...linkSection(message),
  {
    type: "context",
    elements: [plain(standing(message), maxHeaderChars), plain(`LogWatch, notification ${notificationId}`, 300)],
  },
];

/** What notifications and screen readers get instead of blocks. */
export const slackText = (message: Message): string =>
  escapeTo(`${headline(message, 500)}\n${plainText(message, 500, maxItems)}`, maxTextChars);

/** Escapes as Slack asks, and stops before `max`: never in the middle of an entity or of a character. */
export const escapeTo = (text: string, max: number): string => {
  let out = "";
  for (const sign of text) {
    const piece = entities[sign] ?? sign;
    if (out.length + piece.length > max - 1) return `${out}…`;
    out += piece;
  }
  return out;
};

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Without mark-up of any kind; empty text is refused by Slack, so it becomes a dash. */
const plain = (text: string, max: number): Text => ({
  type: "plain_text",
  text: escapeTo(inert(text).trim() || "–", max),
  emoji: false,
});

/** `verbatim` keeps Slack from turning names and addresses in the text into links. `text` must be escaped already. */
const marked = (text: string): Text => ({ type: "mrkdwn", text, verbatim: true });

/** As many whole lines as fit, then how many did not. */
const lineSection = (message: Message): SlackBlock[] => {
  const lines = message.lines.map((line) => cut(inert(line), maxLineChars)).filter((line) => line.trim() !== "");
  let sizeChars = 0;
  const end = lines.findIndex((line) => {
    sizeChars += escapeTo(line, maxSectionChars).length + 1;
    return sizeChars > maxSectionChars - 50;
  });
  const { shown, left } = first(lines, end < 0 ? lines.length : Math.max(1, end));
  const text = [...shown, ...more(left)].join("\n");
  return text === "" ? [] : [{ type: "section", text: plain(text, maxSectionChars) }];
};

const fieldSections = (message: Message): SlackBlock[] => {
  const { shown, left } = first(message.fields, maxItems);
  const maxChars = Math.min(2000, Math.floor(fieldsBudget / Math.max(1, shown.length)));
  // A star inside a name would end the bold early.
  const fields = shown.map(({ name, value }) => {
    const bold = `*${escapeTo(inertLine(name).replaceAll("*", "∗") || "–", Math.floor(maxChars / 3))}*\n`;
    return marked(bold + escapeTo(fenceProof(inertLine(value)) || "–", maxChars - bold.length));
  });
  const sections: SlackBlock[] = [];
  for (let at = 0; at < fields.length; at += maxFieldsPerSection) {
    sections.push({ type: "section", fields: fields.slice(at, at + maxFieldsPerSection) });
  }
  return left > 0 ? [...sections, { type: "context", elements: more(left).map((text) => plain(text, 100)) }] : sections;
};

const exampleSections = (message: Message): SlackBlock[] => {
  const { shown, left } = first(message.examples, maxItems);
  if (shown.length === 0) return [];
  const maxChars = Math.min(1400, Math.floor(examplesBudget / shown.length));
  const lines = [...shown, ...more(left)].map((line) => escapeTo(fenceProof(inertLine(line)), maxChars));
  const sections: SlackBlock[] = [{ type: "divider" }];
  let body = "";
  const flush = () => {
    if (body !== "") sections.push({ type: "section", text: marked(`\`\`\`\n${body}\`\`\``) });
    body = "";
  };
  for (const line of lines) {
    // 8: the two fences and their line ends.
    if (body.length + line.length + 8 > maxSectionChars) flush();
    body += `${line}\n`;
  }
  flush();
  return sections;
};

/** Three backticks would end the code block: a zero-width space between them stops that and is not seen. */
const fenceProof = (text: string): string => text.replace(/`(?=`)/g, "`\u200b");

const linkSection = (message: Message): SlackBlock[] => {
  const { shown } = first(message.links, 5);
  const links = shown.map(({ title, url }) => {
    const words = escapeTo(inertLine(title).replaceAll("|", "¦") || "Open", 75);
    const target = followable(url)?.replaceAll("|", "%7C").replaceAll(">", "%3E").replaceAll("<", "%3C");
    if (target && target.length <= 450) return `<${target.replaceAll("&", "&amp;")}|${words}>`;
    return `${words}: ${escapeTo(inertLine(url), 450)}`;
  });
  return links.length === 0 ? [] : [{ type: "section", text: marked(links.join("   ")) }];
};

const more = (left: number): string[] => (left > 0 ? [`… and ${left} more`] : []);
