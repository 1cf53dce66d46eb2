// Slack's mrkdwn as a tree of plain data. In: text as Slack gets it (`& < >` escaped). Out: nodes whose text is unescaped.
// Nothing here makes HTML; whoever draws it sets text, so a log line stays a log line.

const pattern = new RegExp(
  [
    /```\n?([\s\S]+?)\n?```/,
    /`([^`\n]+)`/,
    /<([^<>\n]+)>/,
    /(?<![\w*])\*(?!\s)([^*\n]+)(?<!\s)\*(?![\w*])/,
    /(?<![\w])_(?!\s)([^_\n]+)(?<!\s)_(?!\w)/,
    /(?<![\w~])~(?!\s)([^~\n]+)(?<!\s)~(?![\w~])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** Nodes: `text`, `pre`, `code`, `link` (with url), `mention`, and `bold`, `italic`, `strike` with children. */
export const parseMrkdwn = (text) => {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) nodes.push({ type: "text", text: unescapeText(text.slice(end, match.index)) });
    nodes.push(nodeOf(match));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push({ type: "text", text: unescapeText(text.slice(end)) });
  return nodes;
};

export const unescapeText = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const nodeOf = ([, pre, code, angle, bold, italic, strike]) => {
  if (pre !== undefined) return { type: "pre", text: unescapeText(pre) };
  if (code !== undefined) return { type: "code", text: unescapeText(code) };
  if (angle !== undefined) return angled(angle);
  if (bold !== undefined) return { type: "bold", children: parseMrkdwn(bold) };
  if (italic !== undefined) return { type: "italic", children: parseMrkdwn(italic) };
  return { type: "strike", children: parseMrkdwn(strike) };
};

/** `<https://…|words>` is a link; `<!channel>`, `<@U1>` and `<#C1>` would call people: shown as what they are. */
const angled = (inside) => {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const words = unescapeText(bar < 0 ? inside : inside.slice(bar + 1));
  if (/^[!@#]/.test(target)) return { type: "mention", text: target.startsWith("!") ? `@${target.slice(1)}` : words };
  const url = unescapeText(target);
  if (/^(https?:\/\/|mailto:)/i.test(url)) return { type: "link", url, text: words };
  // Not Slack's own syntax: shown as it came, so that missing escaping is seen.
  return { type: "text", text: unescapeText(`<${inside}>`) };
};
