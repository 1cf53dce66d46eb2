// Replay and back-test: the lines of a log file, as the program wrote them. Only a line feed ends one: a user name may hold any other
// sign that some readers take for an end (a carriage return, U+2028), and a line cut there would forge one.
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";

/** A file without line feeds must not fill the memory: of a longer line only this much is read. */
const maxLineLength = 8 * 1024 * 1024;

/** `-` is standard input; a name that ends in `.gz` is unpacked. What is not UTF-8 becomes U+FFFD. */
export async function* readLines(file: string): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let open = "";
  for await (const bytes of openBytes(file)) {
    const lines = (open + decoder.write(bytes)).split("\n");
    open = (lines.pop() ?? "").slice(0, maxLineLength);
    for (const line of lines) yield line.length > maxLineLength ? line.slice(0, maxLineLength) : line;
  }
  open += decoder.end();
  if (open !== "") yield open;
}

const openBytes = (file: string): Readable => {
  if (file === "-") return process.stdin;
  const stream = createReadStream(file);
  if (!file.endsWith(".gz")) return stream;
  const unpacked = createGunzip();
  // `pipe` does not hand errors on, and a file that is missing would wait for ever.
  stream.on("error", (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
};
