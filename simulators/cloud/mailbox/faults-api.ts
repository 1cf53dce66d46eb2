// `/faults`: shows, sets and clears what the stand-ins are told to do wrong.
import type { IncomingMessage } from "node:http";
import * as z from "zod";
import { type Faults, fault } from "../faults.ts";
import { json, type Reply, readBody } from "./http.ts";

const maxBodyBytes = 64 * 1024;

/** GET lists, POST adds one (201), DELETE clears all. A body that is not a fault is refused with the path and the rule. */
export const answerFaults = async (req: IncomingMessage, faults: Faults): Promise<Reply> => {
  if (req.method === "GET" || req.method === "HEAD") return json(200, faults.list());
  if (req.method === "DELETE") {
    faults.clear();
    return json(200, []);
  }
  if (req.method !== "POST") return json(405, { error: "Use GET, POST or DELETE." }, { allow: "GET, POST, DELETE" });
  const body = await readBody(req, maxBodyBytes);
  if (body === undefined) return json(413, { error: "A fault is smaller than 64 kB." });
  const parsed = fault.safeParse(parseJson(body));
  if (!parsed.success) return json(400, { error: z.prettifyError(parsed.error), issues: issues(parsed.error) });
  faults.add(parsed.data);
  return json(201, parsed.data);
};

const issues = (error: z.ZodError) =>
  error.issues.map(({ path, message, code }) => ({ path: path.join(".") || "(body)", rule: message, code }));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema refuses undefined and names the body.
    return undefined;
  }
};
