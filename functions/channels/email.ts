// E-mail through SES: recipients come from the address alone. What sends is loaded by the first mail: whoever only wants the schema,
// as the API's catalogue does, loads neither the mail program nor AWS's client.
import * as z from "zod";
import { defineChannel } from "./channel.ts";

/** SES counts recipients and refuses more in one message. */
const maxRecipients = 50;

const address = z.strictObject({
  to: z
    .array(z.email({ message: "must be an e-mail address" }).max(254))
    .min(1)
    .max(maxRecipients)
    .meta({ title: "To", description: "Who gets the mail: 1 to 50 addresses." }),
});

export const email = defineChannel({
  id: "email",
  title: "E-mail",
  description: "A mail through Amazon SES, as text and HTML.",
  address,
  confirms: ({ to }) => to,
  open: (config) => {
    const loaded = () => import("./email-ses.ts").then(({ openSes }) => openSes(config));
    let sending: ReturnType<typeof loaded> | undefined;
    return async (outgoing, { to }, signal) => {
      sending ??= loaded();
      const send = await sending;
      return send(outgoing, to, signal);
    };
  },
});
