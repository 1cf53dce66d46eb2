// Ports of the local stack: what the user asked for is taken or refused; a default that is taken moves to the next free one, said aloud.
import { createServer } from "node:net";

/** True when a TCP server can listen there on loopback. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** Tried upwards from a taken default. */
const maxTries = 50;

/**
 * The port to use for `wanted` (0: any free one, left to the server).
 * @throws one clear sentence when the user named a port and it is taken.
 */
export const choosePort = async (
  { flag, what }: { flag: string; what: string },
  wanted: number,
  isExplicit: boolean,
  taken: ReadonlySet<number>,
  say: (text: string) => void,
): Promise<number> => {
  if (wanted === 0) return 0;
  for (let port = wanted; port < Math.min(65_536, wanted + maxTries); port += 1) {
    if (!taken.has(port) && (await isFree(port))) {
      if (port !== wanted) say(`Port ${wanted} is taken; ${what} listens on ${port} instead.`);
      return port;
    }
    if (isExplicit)
      throw new Error(
        `Port ${wanted} is taken, so ${what} cannot listen there. Choose another with --${flag}, or 0 for any free one.`,
      );
  }
  throw new Error(`No free port for ${what} from ${wanted} to ${wanted + maxTries}.`);
};
