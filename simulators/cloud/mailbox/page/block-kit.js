// Draws Slack's Block Kit with DOM nodes. Every word is set as text; unknown blocks are shown as JSON, not hidden.
import { parseMrkdwn, unescapeText } from "./mrkdwn.js";

/** An element with attributes and children; strings become text. */
export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
};

export const outsideLink = (url, ...children) =>
  element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);

/** The whole message as Slack would lay it out. */
export const drawBlocks = (blocks) => element("div", { class: "slack" }, ...blocks.map(drawBlock));

const drawBlock = (block) => {
  const draw = Object.hasOwn(drawings, block?.type) ? drawings[block.type] : undefined;
  return draw ? draw(block) : element("pre", { class: "unknown" }, JSON.stringify(block, null, 2));
};

const drawings = {
  header: ({ text }) => element("h3", {}, ...drawText(text)),
  section: ({ text, fields, accessory }) =>
    element(
      "div",
      { class: "section" },
      text && element("div", { class: "words" }, ...drawText(text)),
      fields &&
        element(
          "div",
          { class: "fields" },
          ...fields.map((field) => element("div", { class: "words" }, ...drawText(field))),
        ),
      accessory && drawElement(accessory),
    ),
  context: ({ elements = [] }) => element("div", { class: "context" }, ...elements.map(drawElement)),
  actions: ({ elements = [] }) => element("div", { class: "actions" }, ...elements.map(drawElement)),
  divider: () => element("hr"),
  image: ({ alt_text: words = "" }) => element("p", { class: "context" }, `[image: ${words}]`),
  markdown: ({ text = "" }) => element("div", { class: "words" }, text),
};

const drawElement = (part) => {
  if (part?.type === "button") return drawButton(part);
  if (typeof part?.text === "string") return element("span", {}, ...drawText(part));
  return element("span", {}, part?.alt_text ? `[image: ${part.alt_text}]` : `[${part?.type ?? "?"}]`);
};

const drawButton = ({ text, url, style }) => {
  const words = unescapeText(text?.text ?? "");
  const look = { class: `button ${style === "primary" || style === "danger" ? style : ""}` };
  if (!/^https?:\/\//i.test(url ?? "")) return element("span", look, words);
  const link = outsideLink(url, words);
  link.className = look.class;
  return link;
};

const drawText = (text) =>
  text?.type === "mrkdwn" ? parseMrkdwn(String(text.text)).map(drawNode) : [unescapeText(String(text?.text ?? ""))];

const tags = { pre: "pre", code: "code", bold: "strong", italic: "em", strike: "s" };

const drawNode = (node) => {
  if (node.type === "text") return node.text;
  if (node.type === "link") return outsideLink(node.url, node.text);
  if (node.type === "mention") return element("mark", { title: "Slack would notify these people" }, node.text);
  return element(tags[node.type], {}, ...(node.children ? node.children.map(drawNode) : [node.text]));
};
