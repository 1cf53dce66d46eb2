// How easily a password is guessed, as a power of ten: the cheapest way to put it together from common passwords, patterns and single
// characters. Few common passwords have 15 characters (41 of 49,233), so a list alone would let `passwordpassword1` pass; a sentence of
// four unrelated words costs more than the limit and passes.
const limit = 10;

// log10 of the tries that each kind of piece costs.
const ownWordCost = 0.5;
const sequenceCost = 1.5;
const yearCost = 2;
const repeatCost = 0.3;
const characterCosts: [RegExp, number][] = [
  [/[a-z]/u, 1.41],
  [/[0-9]/u, 1],
  [/[ ._-]/u, 0.5],
  [/[ -~]/u, 1.5],
  [/./su, 2.5],
];
/** People write these for the letters they look like. */
const looks: Record<string, string> = { "@": "a", "4": "a", "0": "o", "3": "e", $: "s", "5": "s", "7": "t", "!": "i" };
/** Typed along the keyboard or the alphabet, either way. */
const rows = [
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "azertyuiop",
  "1234567890",
  "abcdefghijklmnopqrstuvwxyz",
];
const sequences = rows.flatMap((row) => [row, [...row].reverse().join("")]).map((row) => row + row);
const maxWordLength = 24;

/** `about`: texts that an attacker knows of the user. */
export const isGuessable = async (password: string, about: readonly string[]): Promise<boolean> => {
  const ranks = await commonPasswords();
  const own = new Set([...about, "logwatch"].flatMap(ownWords));
  const plain = password.toLowerCase();
  const unmasked = [...plain].map((sign) => looks[sign] ?? sign).join("");
  const spellings = [plain, unmasked.replaceAll("1", "i"), unmasked.replaceAll("1", "l")];
  return spellings.some((text) => guessPower(text, ranks, own) < limit);
};

/** The cheapest way to write `text`, piece by piece. */
const guessPower = (text: string, ranks: ReadonlyMap<string, number>, own: ReadonlySet<string>): number => {
  const costs = [0];
  for (let end = 1; end <= text.length; end += 1) {
    let least = (costs[end - 1] ?? 0) + characterCost(text.charAt(end - 1));
    for (let start = end - 2; start >= 0; start -= 1) {
      const piece = text.slice(start, end);
      const before = costs[start] ?? 0;
      least = Math.min(least, before + pieceCost(piece, ranks, own), before + repeatedCost(text, start, end));
    }
    costs.push(least);
  }
  return costs[text.length] ?? 0;
};

const characterCost = (sign: string): number => characterCosts.find(([kind]) => kind.test(sign))?.[1] ?? 0;

const pieceCost = (piece: string, ranks: ReadonlyMap<string, number>, own: ReadonlySet<string>): number => {
  if (piece.length < 3) return Number.POSITIVE_INFINITY;
  if (own.has(piece)) return ownWordCost;
  const rank = piece.length <= maxWordLength ? ranks.get(piece) : undefined;
  const costs = [
    rank === undefined ? Number.POSITIVE_INFINITY : Math.log10(rank + 1),
    sequences.some((row) => row.includes(piece)) ? sequenceCost : Number.POSITIVE_INFINITY,
    /^(19|20)\d\d$/.test(piece) ? yearCost : Number.POSITIVE_INFINITY,
  ];
  return Math.min(...costs);
};

/** Cost of `[start, end)` when it only repeats what stands right before it, once or more. */
const repeatedCost = (text: string, start: number, end: number): number => {
  const length = end - start;
  for (let period = 1; period <= start; period += 1) {
    let same = true;
    for (let at = start; at < end && same; at += 1) same = text[at] === text[at - period];
    // One or two characters repeat those of long before by chance.
    if (same && length >= Math.min(period, 3)) return repeatCost;
  }
  return Number.POSITIVE_INFINITY;
};

const ownWords = (text: string): string[] => {
  const plain = text.normalize("NFC").toLowerCase();
  return [plain, ...plain.split(/[^\p{L}\p{N}]+/u)].filter((word) => word.length >= 3);
};

let loaded: Promise<ReadonlyMap<string, number>> | undefined;

/** Rank by password; a third of a megabyte that only who sets a password loads. */
const commonPasswords = (): Promise<ReadonlyMap<string, number>> => {
  loaded ??= import("@zxcvbn-ts/language-common").then(({ dictionary }) => {
    const words = dictionary["passwords-common"];
    return new Map(words.map((word, index) => [word, index + 1]));
  });
  return loaded;
};
