// Who is calling: user and password, an access token with the password `token`, or a session with the password `session`.
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { type ApiAnswer, json } from "./api-answer.ts";
import { property, textOr } from "./json-shape.ts";

export type Credentials = { username: string; password: string; token?: string };
export type SignIn = {
  allowed: (authorization: string | undefined) => boolean;
  /** POST /api/system/sessions; undefined when the credentials are wrong. */
  session: (body: string, now: number) => ApiAnswer | undefined;
};

const sessionMs = 8 * 3_600_000;
const maxSessions = 1000;

export const signIn = ({ username, password, token }: Credentials): SignIn => {
  const sessions = new Set<string>();
  const isUser = (name: string, secret: string) => same(name, username) && same(secret, password);
  return {
    allowed: (authorization = "") => {
      const [, encoded = ""] = /^Basic\s+(\S+)$/i.exec(authorization) ?? [];
      const text = Buffer.from(encoded, "base64").toString("utf8");
      const colon = text.indexOf(":");
      if (colon < 0) return false;
      const [name, secret] = [text.slice(0, colon), text.slice(colon + 1)];
      if (secret.toLowerCase() === "token" && token !== undefined && same(name, token)) return true;
      if (secret.toLowerCase() === "session" && sessions.has(name)) return true;
      return isUser(name, secret);
    },
    session: (body, now) => {
      const given = parsed(body);
      if (!isUser(textOr(property(given, "username"), ""), textOr(property(given, "password"), ""))) return undefined;
      const id = randomUUID();
      const [oldest] = sessions;
      if (sessions.size >= maxSessions && oldest !== undefined) sessions.delete(oldest);
      sessions.add(id);
      const until = new Date(now + sessionMs).toISOString().replace("Z", "+0000");
      return json({ valid_until: until, session_id: id, username, user_id: "local:admin" });
    },
  };
};

const same = (a: string, b: string): boolean => {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
