// Slack's mrkdwn, as the page draws it. The parser is a script of the page, so it is loaded by its address.
import { expect, it } from "vitest";

const { parseMrkdwn }: { parseMrkdwn: (text: string) => unknown } = await import(
  new URL("page/mrkdwn.js", import.meta.url).href
);

const text = (words: string) => ({ type: "text", text: words });

it.each([
  ["plain &lt;b&gt; &amp;amp;", [text("plain <b> &amp;")]],
  [
    "*a _b_ c* d",
    [{ type: "bold", children: [text("a "), { type: "italic", children: [text("b")] }, text(" c")] }, text(" d")],
  ],
  ["2 * 3 * 4 snake_case_name", [text("2 * 3 * 4 snake_case_name")]],
  ["~x~ `*y*`", [{ type: "strike", children: [text("x")] }, text(" "), { type: "code", text: "*y*" }]],
  ["```\n*a*\n&lt;b\n```", [{ type: "pre", text: "*a*\n<b" }]],
  ["<https://example.com/?a=1&amp;b=2|Open>", [{ type: "link", url: "https://example.com/?a=1&b=2", text: "Open" }]],
  ["<javascript:alert(1)|x>", [text("<javascript:alert(1)|x>")]],
  ["<!channel> <@U1>", [{ type: "mention", text: "@channel" }, text(" "), { type: "mention", text: "@U1" }]],
])("%j", (source, nodes) => {
  expect(parseMrkdwn(source)).toEqual(nodes);
});
