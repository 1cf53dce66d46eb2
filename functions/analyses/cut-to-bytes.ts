// Cuts text by what it takes in an event: a control character is one character and six bytes of JSON, and whoever writes logs may
// write nothing else. Pure.

/** Bytes of the text in JSON, without its quotes. */
export const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

const sign = "…";
const mostBytesPerUnit = 6;

/** As much of the text as takes at most `maxBytes` in JSON, never half a character; says so with `…`. */
export const cutToBytes = (text: string, maxBytes: number): string => {
  if (text.length * mostBytesPerUnit <= maxBytes) return text;
  if (text.length <= maxBytes && jsonBytes(text) <= maxBytes) return text;
  const room = maxBytes - Buffer.byteLength(sign);
  let fits = 0;
  for (let step = room; step > 0; step = Math.floor(step / 2)) {
    while (fits + step <= text.length && jsonBytes(text.slice(0, fits + step)) <= room) fits += step;
  }
  const splits = /[\ud800-\udbff]/.test(text.charAt(fits - 1));
  return `${text.slice(0, splits ? fits - 1 : fits)}${sign}`;
};
