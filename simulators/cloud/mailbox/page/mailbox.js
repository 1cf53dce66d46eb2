// The mailbox's page: asks the feed for what is new (an ETag makes that cheap), draws list and message, follows the keyboard.
// State is in the address (`/messages/12`), so a message can be linked and reloaded.
import { element } from "./block-kit.js";
import { drawEmpty, drawMessage, drawNothingChosen } from "./message.js";

const pollMs = 1500;
const pageSize = 200;
const byId = (id) => document.getElementById(id);
const wide = matchMedia("(min-width: 800px)");

const state = {
  messages: [],
  total: 0,
  etag: "",
  limit: pageSize,
  channel: "all",
  chosen: chosenInAddress(),
  drawn: "",
};

function chosenInAddress() {
  return /^\/messages\/(\d+)$/.exec(location.pathname)?.[1];
}

const shown = () => state.messages.filter(({ channel }) => state.channel === "all" || channel === state.channel);

const refresh = async () => {
  const headers = state.etag ? { "if-none-match": state.etag } : {};
  const response = await fetch(`/messages.json?limit=${state.limit}`, { headers, cache: "no-store" });
  if (response.status === 304) return;
  if (!response.ok) throw new Error(`The mailbox answered ${response.status}.`);
  state.messages = await response.json();
  state.etag = response.headers.get("etag") ?? "";
  state.total = Number(response.headers.get("x-total-count"));
  if (!state.chosen && wide.matches && location.pathname === "/") state.chosen = shown()[0]?.id;
};

const drawState = (problem) => {
  const count = shown().length;
  const most = state.channel === "all" && state.total > count ? `${count} of ${state.total}` : `${count}`;
  byId("state").textContent = problem ?? (state.total === 0 ? "" : `${most} ${count === 1 ? "message" : "messages"}`);
  byId("state").classList.toggle("problem", problem !== undefined);
  byId("empty").hidden = state.total === 0;
  byId("keys").hidden = state.total === 0;
  document.body.classList.toggle("vacant", state.total === 0 && problem === undefined);
  byId("older").hidden = state.messages.length >= state.total;
};

const age = (at) => {
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  if (seconds < 10) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return new Date(at).toLocaleDateString();
};

const drawRow = (message) => {
  const { id, channel, to, subject, text, at, copies, severity, status } = message;
  // The headline stands above it already.
  const body = text.startsWith(subject) ? text.slice(subject.length) : text;
  const preview = body.slice(0, 400).replace(/\s+/g, " ").trim().slice(0, 160);
  const tone = status === "resolved" ? "resolved" : (severity ?? "plain");
  const link = element(
    "a",
    {
      href: `/messages/${id}`,
      class: "row",
      "data-id": id,
      "data-tone": tone,
      "aria-current": id === state.chosen && "true",
    },
    element("span", { class: "subject" }, subject || "(no subject)"),
    element("time", { datetime: at, title: new Date(at).toLocaleString() }, age(at)),
    element("span", { class: "to" }, element("b", {}, channel === "email" ? "E-mail" : "Slack"), ` to ${to}`),
    copies > 1 ? element("span", { class: "double" }, `sent ${copies} times`) : undefined,
    element("span", { class: "preview" }, preview),
  );
  return element("li", {}, link);
};

const drawList = () => {
  const focused = document.activeElement?.dataset?.id;
  const rows = shown().map(drawRow);
  const none = element("li", { class: "none" }, `No ${state.channel === "email" ? "e-mails" : "Slack messages"}.`);
  byId("list").replaceChildren(...(rows.length > 0 || state.total === 0 ? rows : [none]));
  if (focused) rowOf(focused)?.focus({ preventScroll: true });
};

const rowOf = (id) => byId("list").querySelector(`[data-id="${CSS.escape(id)}"]`);

const drawPane = async () => {
  const { chosen } = state;
  const summary = state.messages.find(({ id }) => id === chosen);
  // Redrawn only when it differs, so that scrolling and selecting survive the refresh.
  const key = `${chosen}/${summary?.copies}/${state.total === 0}`;
  if (key === state.drawn) return;
  state.drawn = key;
  document.body.classList.toggle("reading", chosen !== undefined);
  if (chosen === undefined) return byId("pane").replaceChildren(state.total === 0 ? drawEmpty() : drawNothingChosen());
  const response = await fetch(`/messages/${chosen}.json`);
  // Something else was chosen while this was on its way.
  if (state.chosen !== chosen) return;
  if (response.ok) return byId("pane").replaceChildren(drawMessage(await response.json(), () => choose(undefined)));
  byId("pane").replaceChildren(element("p", { class: "hint" }, "This message is no longer here."));
};

const draw = async () => {
  drawState();
  drawList();
  await drawPane();
};

const choose = (id, { push = true } = {}) => {
  const before = state.chosen;
  state.chosen = id;
  if (push) history.pushState(null, "", id ? `/messages/${id}` : "/");
  draw().catch(fail);
  // On a phone list and message share one scroll: a message starts at its top, the list where it was left.
  for (const scrolled of [byId("pane"), document.querySelector("main")]) scrolled.scrollTop = 0;
  rowOf(id ?? before ?? "")?.scrollIntoView({ block: "nearest" });
};

const fail = (error) => drawState(`${error instanceof Error ? error.message : error} Trying again.`);

const poll = async () => {
  try {
    if (document.visibilityState === "visible") {
      await refresh();
      await draw();
    }
  } catch {
    drawState("No connection to the mailbox. Trying again.");
  }
  setTimeout(poll, pollMs);
};

const move = (step) => {
  const ids = shown().map(({ id }) => id);
  const at = ids.indexOf(state.chosen ?? "");
  const next = ids[Math.min(ids.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  if (next === undefined) return;
  choose(next);
  rowOf(next)?.focus();
};

const keys = {
  j: () => move(1),
  k: () => move(-1),
  Enter: () => (state.chosen ? byId("pane").focus() : move(0)),
  Escape: () => {
    const from = state.chosen;
    if (!wide.matches) choose(undefined);
    if (from) rowOf(from)?.focus();
  },
};

addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, dialog, button, [role=tab]");
  if (typing || event.metaKey || event.ctrlKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

addEventListener("popstate", () => choose(chosenInAddress(), { push: false }));

byId("list").addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest("a.row") : null;
  if (!row || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  choose(row.dataset.id);
});

document.querySelector(".filters").addEventListener("click", (event) => {
  const channel = event.target instanceof HTMLElement ? event.target.dataset.channel : undefined;
  if (!channel) return;
  state.channel = channel;
  for (const button of document.querySelectorAll(".filters button")) {
    button.setAttribute("aria-pressed", String(button.dataset.channel === channel));
  }
  draw().catch(fail);
});

byId("older").addEventListener("click", () => {
  state.limit += pageSize;
  state.etag = "";
  refresh().then(draw).catch(fail);
});

byId("empty").addEventListener("click", () => byId("confirm").showModal());
byId("confirm").addEventListener("close", async () => {
  if (byId("confirm").returnValue !== "empty") return;
  byId("confirm").returnValue = "";
  try {
    const response = await fetch("/messages.json", { method: "DELETE" });
    if (!response.ok) throw new Error(`Not emptied: the mailbox answered ${response.status}.`);
    await refresh();
    choose(undefined);
  } catch (error) {
    fail(error);
  }
});

poll();
