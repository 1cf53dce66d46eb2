// The reading pane: one message with its views, and what stands there when there is none.
import { drawBlocks, element } from "./block-kit.js";

/** `goBack` is for the phone, where the pane covers the list. */
export const drawMessage = (message, goBack) => {
  const { id, channel, to, from, subject, at, copies, notificationId, attachments, severity, status } = message;
  const back = element("button", { type: "button", class: "back" }, "← All messages");
  back.addEventListener("click", goBack);
  const tone = status === "resolved" ? "resolved" : severity;
  return element(
    "article",
    {},
    back,
    element("h2", {}, subject || "(no subject)"),
    copies > 1 ? element("p", { class: "double" }, `same id, sent ${copies} times`) : undefined,
    element(
      "dl",
      {},
      ...row("From", from),
      ...row("To", to),
      ...row("Received", new Date(at).toLocaleString()),
      ...row("Kind", channel === "email" ? "E-mail" : "Slack"),
      ...row(
        "State",
        tone && element("span", { class: "tone", "data-tone": tone }, [severity, status].filter(Boolean).join(" · ")),
      ),
      ...row("Notification", notificationId && element("code", {}, notificationId)),
      ...row("Attached", attachments.join(", ")),
    ),
    ...drawViews(message, id),
  );
};

const row = (name, value) => (value ? [element("dt", {}, name), element("dd", {}, value)] : []);

/** The views as tabs; the first is what the reader of the message would see. */
const drawViews = (message, id) => {
  const views = [
    ...(message.html ? [["HTML", () => drawFrame(id)]] : []),
    ...(message.blocks ? [["Message", () => drawBlocks(message.blocks)]] : []),
    ["Text", () => element("pre", { class: "text" }, message.text)],
    ["Raw", () => element("pre", { class: "raw" }, readable(message))],
  ];
  const body = element("div", { class: "view", role: "tabpanel" });
  const tabs = views.map(([name]) => element("button", { type: "button", role: "tab", class: "tab" }, name));
  const show = (chosen) => {
    for (const [at, tab] of tabs.entries()) {
      tab.setAttribute("aria-selected", String(at === chosen));
      tab.tabIndex = at === chosen ? 0 : -1;
    }
    body.replaceChildren(views[chosen][1]());
  };
  for (const [at, tab] of tabs.entries()) {
    tab.addEventListener("click", () => show(at));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = (at + step + tabs.length) % tabs.length;
      show(next);
      tabs[next].focus();
    });
  }
  show(0);
  return [element("div", { class: "tabs", role: "tablist", "aria-label": "View" }, ...tabs), body];
};

/** The mail's own HTML runs nothing and asks nobody: the frame is sandboxed and its answer carries a policy of its own. */
const drawFrame = (id) =>
  element("iframe", {
    src: `/messages/${id}/html`,
    title: "The mail as HTML",
    sandbox: "allow-popups allow-popups-to-escape-sandbox",
    referrerpolicy: "no-referrer",
  });

const readable = ({ channel, raw }) => {
  if (channel !== "slack") return raw;
  try {
    return JSON.stringify(JSON.parse(raw), null, 2);
  } catch {
    return raw;
  }
};

export const drawNothingChosen = () => element("p", { class: "hint" }, "Choose a message on the left.");

export const drawEmpty = () => {
  const { origin } = location;
  const command = `curl -d '{"text":"hello"}' ${origin}/services/T1/B1/hello`;
  return element(
    "div",
    { class: "nothing" },
    element("h2", {}, "No messages yet"),
    element("p", {}, "Everything LogWatch sends on this machine arrives here. This page shows it as it comes."),
    element("h3", {}, "To see one"),
    element(
      "ul",
      {},
      element("li", {}, "In the dashboard, add a destination and send a test."),
      element("li", {}, "Or wait until a rule fires."),
      element("li", {}, "Or send one from a shell:", element("pre", {}, command)),
    ),
    element("h3", {}, "Addresses"),
    element(
      "dl",
      {},
      element("dt", {}, "SES"),
      element("dd", {}, element("code", {}, `${origin}/ses`)),
      element("dt", {}, "Slack"),
      element("dd", {}, element("code", {}, `${origin}/services/T1/B1/any-name`)),
    ),
  );
};
