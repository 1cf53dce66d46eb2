// Every channel, one line each.
export { email } from "./email.ts";
export { slack } from "./slack.ts";
