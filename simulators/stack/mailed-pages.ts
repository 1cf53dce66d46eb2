// Where mailed links lead while there is no dashboard: a page that says how to send the token by hand. The token itself stands behind
// the `#` of the address, which a browser keeps to itself.

type Call = { title: string; path: string; body: string };

const calls: Readonly<Record<string, Call>> = {
  "/confirm-destination": {
    title: "May LogWatch send alerts to this address?",
    path: "/destinations/confirm",
    body: '{"token": "TOKEN"}',
  },
  "/reset-password": {
    title: "Choose a new password",
    path: "/reset-password",
    body: '{"token": "TOKEN", "newPassword": "at least 15 characters"}',
  },
  "/register": {
    title: "Make an account",
    path: "/register",
    body: '{"invitation": "TOKEN", "email": "the address of the mail", "name": "…", "password": "at least 15 characters"}',
  },
};

/** Undefined where no mail leads. `origin`: of this port, as the API knows it. */
export const mailedPage = (path: string, origin: string): string | undefined => {
  const call = Object.hasOwn(calls, path) ? calls[path] : undefined;
  if (!call) return undefined;
  const { title, path: route, body } = call;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark;font:16px/1.5 system-ui}body{max-width:42rem;margin:3rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;border:1px solid #8884;border-radius:.5rem}</style>
<h1>${title}</h1><p>The dashboard with its button is not here yet. Until then a shell does it; <code>TOKEN</code> is what stands behind <code>#token=</code> in the address of this page:</p>
<pre>curl -H 'x-logwatch-csrf: 1' -H 'Origin: ${origin}' \\
  --json '${body}' ${origin}/api${route}</pre></html>`;
};
