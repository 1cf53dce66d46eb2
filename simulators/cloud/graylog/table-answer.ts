// A table in the form that was asked for: JSON, CSV or text drawn with lines; anything else is a 500, as in Graylog.
import type { Window } from "@logwatch/events";
import { type ApiAnswer, apiError, json } from "./api-answer.ts";
import { shownRange } from "./time-range.ts";

export type Column = { column_type: "field" | "grouping" | "metric"; type: string; name: string } & Record<
  string,
  unknown
>;
export type Table = { columns: readonly Column[]; rows: readonly (readonly unknown[])[]; window: Window };

export const tableAnswer = (accept: string, { columns, rows, window }: Table): ApiAnswer => {
  const wanted = accept.split(",").map((one) => (one.split(";")[0] ?? "").trim());
  if (accept === "" || wanted.some((one) => ["*/*", "application/*", "application/json"].includes(one))) {
    return json({ schema: columns, datarows: rows, metadata: { effective_timerange: shownRange(window) } });
  }
  const names = columns.map(({ name }) => name);
  const texts = rows.map((row) => row.map(text));
  if (wanted.includes("text/csv")) return { status: 200, type: "text/csv", body: csv([names, ...texts]) };
  if (wanted.includes("text/plain"))
    return { status: 200, type: "text/plain", body: drawn([names, ...texts]).trimEnd() };
  return apiError(500, "HTTP 500 Internal Server Error");
};

const text = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

export const csv = (rows: readonly (readonly (string | undefined)[])[]): string => {
  const cell = (value: string | undefined) => (value === undefined ? "" : `"${value.replaceAll('"', '""')}"`);
  return rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
};

/** All columns together are as wide as a screen; the last one is drawn a sign narrower. */
const drawnWidth = 150;

const drawn = (rows: readonly (readonly string[])[]): string => {
  const count = Math.max(1, rows[0]?.length ?? 1);
  const width = Math.max(8, Math.floor((drawnWidth - 1) / count));
  const widths = Array.from({ length: count }, (_, index) => (index === count - 1 ? width - 1 : width));
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map((one) => "─".repeat(one)).join(middle)}${right}\n`;
  const [head, ...body] = rows.map((row) => drawnRow(row, widths));
  return `${rule("┌", "┬", "┐")}${head ?? ""}${rule("├", "┼", "┤")}${body.join("")}${rule("└", "┴", "┘")}`;
};

const drawnRow = (row: readonly string[], widths: readonly number[]): string => {
  const cells = row.map((cell, index) => wrapped(cell, widths[index] ?? 1));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  const line = (at: number) =>
    `│${widths.map((width, index) => (cells[index]?.[at] ?? "").padEnd(width)).join("│")}│\n`;
  return Array.from({ length: height }, (_, at) => line(at)).join("");
};

const wrapped = (cell: string, width: number): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of cell.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line];
};
