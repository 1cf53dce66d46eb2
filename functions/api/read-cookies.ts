// Cookies of a request, by name. One that stands twice is nobody's word for anything and left out.

/** `cookies`: `name=value` each, as payload 2.0 gives them. */
export const readCookies = (cookies: readonly string[]): Record<string, string> => {
  const read: Record<string, string> = Object.create(null);
  const twice = new Set<string>();
  for (const cookie of cookies) {
    const at = cookie.indexOf("=");
    if (at < 1) continue;
    const name = cookie.slice(0, at).trim();
    if (name in read) twice.add(name);
    read[name] = cookie.slice(at + 1).trim();
  }
  for (const name of twice) delete read[name];
  return read;
};
