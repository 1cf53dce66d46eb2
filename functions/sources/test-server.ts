// For the tests of this folder: a few lines of HTTP that answer in turn, as broken as a test wants them.
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { afterEach } from "vitest";

export const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of cleanUps.splice(0)) await close();
});

/** Answers calls with the steps in turn, the last one for ever; counts them. */
export const serve = async (...steps: RequestListener[]): Promise<{ url: string; calls: string[] }> => {
  const calls: string[] = [];
  const server = createServer((req, res) => {
    const step = steps[Math.min(calls.length, steps.length - 1)];
    calls.push(req.url ?? "");
    req.resume().on("end", () => step?.(req, res));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanUps.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}`, calls };
};

export const portOf = (address: unknown): number =>
  address !== null && typeof address === "object" && "port" in address ? Number(address.port) : 0;

export const send = (res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  res.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

export const found = (total: number) => ({
  execution: { done: true, cancelled: false, completed_exceptionally: false },
  results: { q0: { errors: [], search_types: { s0: { type: "pivot", total, rows: [] } } } },
});
export const failed = (description: string) => ({
  execution: { done: true, cancelled: false, completed_exceptionally: true },
  results: { q0: { errors: [{ type: "search_type", description }], search_types: {} } },
});
