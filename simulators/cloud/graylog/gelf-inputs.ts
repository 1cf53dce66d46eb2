// The doors for GELF: HTTP, UDP (plain, packed, in chunks) and TCP (frames that end with a NUL). Senders are told nothing.
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import { type Faults, playHttpFault } from "../faults.ts";
import { bodyBytes } from "./body-text.ts";
import { gelfChunks, isChunk } from "./gelf-chunks.ts";
import { gelfText } from "./gelf-unpack.ts";
import type { InputName } from "./message.ts";

/** Takes one message in; false when it was dropped. */
export type AcceptGelf = (text: string, input: InputName, remote: string) => boolean;

const maxHttpBytes = 65_536;
const maxFrameBytes = 2_097_152;

export const gelfHttp = (accept: AcceptGelf, faults: Faults): Server =>
  createServer((req, res) => {
    const fault = faults.take("gelf");
    const answer = async () => {
      if (await playHttpFault(fault, req, res)) return;
      res.writeHead(await takeHttp(req, accept), { "content-length": 0 }).end();
    };
    answer().catch((error: unknown) => {
      // A sender that hangs up in the middle has said nothing; any other error is the stand-in's own.
      if (req.destroyed && !req.complete) return;
      res.writeHead(500).end(String(error));
    });
  });

/** 202 whatever the body is: also for what is then dropped. */
const takeHttp = async (req: IncomingMessage, accept: AcceptGelf): Promise<ServerResponse["statusCode"]> => {
  if (new URL(req.url ?? "/", "http://gelf.example.com").pathname !== "/gelf") return 404;
  if (req.method === "OPTIONS") return 200;
  if (req.method !== "POST") return 405;
  const body = await bodyBytes(req, maxHttpBytes);
  if (body === undefined) return 413;
  const text = await gelfText(body);
  if (text !== undefined) accept(text, "GELF HTTP", addressOf(req.socket.remoteAddress));
  return 202;
};

export const gelfUdp = (accept: AcceptGelf, faults: Faults, now: () => number): UdpSocket => {
  const chunks = gelfChunks();
  const socket = createSocket("udp4");
  socket.on("message", (datagram, { address }) => {
    // A datagram can only get lost.
    if (faults.take("gelf")) return;
    const payload = isChunk(datagram) ? chunks.add(datagram, now()) : datagram;
    if (payload === undefined) return;
    // What is not packed goes in at once, so that datagrams keep their order.
    if (payload[0] === 0x7b) accept(payload.toString("utf8"), "GELF UDP", address);
    else gelfText(payload).then((text) => text !== undefined && accept(text, "GELF UDP", address));
  });
  return socket;
};

export const gelfTcp = (accept: AcceptGelf, faults: Faults): TcpServer =>
  createTcpServer((socket) => {
    if (faults.take("gelf")) socket.destroy();
    else takeFrames(socket, accept);
  });

const takeFrames = (socket: Socket, accept: AcceptGelf): void => {
  const remote = addressOf(socket.remoteAddress);
  let rest: Buffer[] = [];
  let size = 0;
  const frame = (last: Buffer) => {
    const text = Buffer.concat([...rest, last]).toString("utf8");
    rest = [];
    size = 0;
    if (text.trim() !== "") accept(text, "GELF TCP", remote);
  };
  socket.on("data", (data) => {
    let start = 0;
    for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, start)) {
      frame(data.subarray(start, end));
      start = end + 1;
    }
    rest.push(data.subarray(start));
    size += data.length - start;
    if (size > maxFrameBytes) socket.destroy();
  });
  // A sender that goes away in the middle of a frame leaves nothing behind.
  socket.on("error", () => socket.destroy());
};

const addressOf = (address: string | undefined): string => (address ?? "").replace(/^::ffff:/, "");
