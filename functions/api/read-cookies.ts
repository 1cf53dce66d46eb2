// Cookies of a request, by name. One that stands twice is nobody's word for anything and left out.

/** `cookies`: `name=value` each, as payload 2.0 gives them. */
export const readCookies = (cookies: readonly string[]): Record<string, string> => {
  const read: Record<string, string> = Object.create(null);
  const twice = new Set<string>();
  for (const cookie of cookies) {
    const at = cookie.indexOf("=");
    const [, name] = nameShape.exec(cookie.slice(0, Math.max(0, at))) ?? [];
    if (name === undefined) continue;
    const [, value = ""] = valueShape.exec(cookie.slice(at + 1)) ?? [];
    if (name in read) twice.add(name);
    read[name] = value;
  }
  for (const name of twice) delete read[name];
  return read;
};

/**
 * No blanks but those of RFC 6265 are dropped: behind any other, a browser takes a name that begins with `__Host-` for another name,
 * which a page of a sibling host may set.
 */
const nameShape = /^[ \t]*([^ \t]+)[ \t]*$/;
const valueShape = /^[ \t]*([^ \t]*)/;
