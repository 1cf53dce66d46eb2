// Format: Zeek's dns.log, tab-separated. Its header says which columns there are, in which order and with which signs; a log without
// one is read as Zeek writes it by default.
import type { FieldValue, LogEntry } from "@logwatch/events";
import { addressFields } from "./address-fields.ts";
import { defineFormat } from "./format.ts";

type Layout = { separator: string; columns: readonly string[]; unset: string; empty: string; isDns: boolean };

const usualColumns =
  "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto trans_id rtt query qclass qclass_name qtype qtype_name rcode rcode_name AA TC RD RA Z answers TTLs rejected".split(
    " ",
  );
/** Older logs lack the last columns; fewer than these, without a header, are another log's. */
const fewestColumns = 21;

export const zeekDns = defineFormat({
  id: "zeek-dns",
  title: "Zeek DNS",
  description:
    "Zeek's dns.log (tab-separated), with or without its header: who asked for what, and what the answer was.",
  reader: ({ host = "" }) => {
    let layout: Layout = { separator: "\t", columns: usualColumns, unset: "-", empty: "(empty)", isDns: true };
    let hasHeader = false;
    return (line) => {
      if (headerPattern.test(line)) {
        layout = withHeader(layout, line);
        hasHeader = true;
        return "header";
      }
      if (!layout.isDns || !line.includes(layout.separator)) return undefined;
      const values = line.split(layout.separator, layout.columns.length + 1);
      const fits = hasHeader ? values.length === layout.columns.length : values.length >= fewestColumns;
      return fits ? entryOf(layout, values, host, line) : undefined;
    };
  },
});

const headerPattern = /^\uFEFF?#(?:separator|set_separator|empty_field|unset_field|path|open|close|fields|types)\b/;

const withHeader = (layout: Layout, line: string): Layout => {
  const [name = "", ...values] = line.startsWith("#separator") ? line.split(" ") : line.split(layout.separator);
  const value = values[0] ?? "";
  switch (name.replace(/^\uFEFF/, "")) {
    case "#separator":
      // Written as `\x09`.
      return {
        ...layout,
        separator:
          value.replace(/\\x([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) ||
          "\t",
      };
    case "#unset_field":
      return { ...layout, unset: value };
    case "#empty_field":
      return { ...layout, empty: value };
    case "#path":
      return { ...layout, isDns: value === "dns" };
    case "#fields":
      return { ...layout, columns: values };
    default:
      return layout;
  }
};

const secondsPattern = /^\d{1,11}(?:\.\d{1,9})?$/;

const entryOf = (layout: Layout, values: readonly string[], host: string, line: string): LogEntry | undefined => {
  const column = (name: string): string | undefined => {
    const value = values[layout.columns.indexOf(name)];
    return value === undefined || value === layout.unset || value === layout.empty ? undefined : value;
  };
  const seconds = column("ts") ?? "";
  if (!secondsPattern.test(seconds)) return undefined;
  const code = column("rcode_name");
  const fields: [string, FieldValue | undefined][] = [
    ["event.category", "network"],
    ["event.action", "query"],
    ["event.outcome", code === undefined ? undefined : code === "NOERROR" ? "success" : "failure"],
    ["dns.question.name", column("query")],
    ["dns.question.class", column("qclass_name")],
    ["dns.question.type", column("qtype_name")],
    ["dns.response_code", code],
    ["dns.id", column("trans_id")],
    ["dns.resolved", column("answers")],
    ["network.protocol", "dns"],
    ["network.transport", column("proto")],
    ["zeek.session_id", column("uid")],
  ];
  return {
    at: Math.round(Number(seconds) * 1000),
    service: "zeek",
    host,
    level: null,
    message: line,
    fields: {
      ...Object.fromEntries(fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
      ...addressFields("source", column("id.orig_h"), portOf(column("id.orig_p"))),
      ...addressFields("destination", column("id.resp_h"), portOf(column("id.resp_p"))),
    },
  };
};

const portOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;
