// What every channel shares when it writes a neutral message: the headline, the plain lines, and text made harmless.
// In: `Message` of @logwatch/events, which may be hostile. Out: plain text; markup is each channel's own.
import type { Message } from "@logwatch/events";

// Characters that reorder, hide or join what a reader sees, and the line separators that forge lines.
const unseen = /[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// With the `u` flag a surrogate is matched only when it stands alone.
const loneSurrogate = /\p{Surrogate}/gu;

/** Writes out what would hide or reorder: NUL as `␀`, a right-to-left override as `⟨U+202E⟩`. Keeps line ends and tabs. */
export const inert = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(loneSurrogate, "\ufffd")
    .replace(control, picture)
    .replace(unseen, (sign) => `⟨U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

/** Like `inert`, on one line: nothing can start a header, a field or a second log line. */
export const inertLine = (text: string): string =>
  inert(text)
    .replace(/[\n\t]+/g, " ")
    .trim();

/** At most `max` UTF-16 units, never half a character; says so with `…`. */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text;
  const end = max - 1;
  const splits = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return `${text.slice(0, splits ? end - 1 : end)}…`;
};

/** The first `max` of a list, and how many are left: nobody reads the thousandth field, and providers refuse it. */
export const first = <Item>(items: readonly Item[], max: number): { shown: Item[]; left: number } => ({
  shown: items.slice(0, max),
  left: Math.max(0, items.length - max),
});

/** `[CRITICAL] title`, `[RESOLVED] title`, of a note the title alone: one line. */
export const headline = (message: Message, max: number): string => {
  if (message.status === "note") return cut(inertLine(message.title), max);
  const word = message.status === "resolved" ? "RESOLVED" : message.severity.toUpperCase();
  return cut(`[${word}] ${inertLine(message.title)}`, max);
};

/** `critical · still firing`: how bad it is and where it stands, in words. */
export const standing = (message: Message): string => {
  if (message.status === "note") return "LogWatch";
  const status = { firing: "firing", resolved: "resolved", repeat: "still firing" }[message.status];
  return `${message.severity} · ${status}`;
};

/** The address of a link as it may be followed; undefined when it is not http(s): then it is shown, not linked. */
export const followable = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : undefined;
};

/** The whole message as plain paragraphs, at most `maxChars` a text and `maxItems` of each kind. */
export const plainText = (message: Message, maxChars: number, maxItems: number): string => {
  const lines = first(message.lines, maxItems);
  const fields = first(message.fields, maxItems);
  const examples = first(message.examples, maxItems);
  const links = first(message.links, maxItems);
  const more = (left: number) => (left > 0 ? [`… and ${left} more`] : []);
  const paragraphs = [
    [standing(message)],
    [...lines.shown.map((line) => cut(inert(line), maxChars)), ...more(lines.left)],
    [
      ...fields.shown.map(({ name, value }) => `${cut(inertLine(name), maxChars)}: ${cut(inertLine(value), maxChars)}`),
      ...more(fields.left),
    ],
    examples.shown.length > 0
      ? ["Log lines:", ...examples.shown.map((line) => `  ${cut(inertLine(line), maxChars)}`), ...more(examples.left)]
      : [],
    links.shown.map(({ title, url }) => `${cut(inertLine(title), maxChars)}: ${cut(inertLine(url), maxChars)}`),
  ];
  return paragraphs
    .filter((paragraph) => paragraph.length > 0)
    .map((paragraph) => paragraph.join("\n"))
    .join("\n\n");
};

const picture = (sign: string): string => {
  const code = sign.charCodeAt(0);
  if (code === 0x7f) return "␡";
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
};
