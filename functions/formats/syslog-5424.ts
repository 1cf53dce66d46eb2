// Format: any line of syslog by RFC 5424. Its structured data become fields.
import { defineFormat } from "./format.ts";
import { openSyslog, syslogEntry } from "./syslog-envelope.ts";

const looksLike = /^\uFEFF?(?:\d{1,7} )?<\d{1,3}>1 /;

export const syslog5424 = defineFormat({
  id: "syslog-5424",
  title: "Syslog (RFC 5424)",
  description: '`<34>1 2026-07-01T09:00:55.003Z host program 12 ID47 [data name="value"] message`.',
  isGeneral: true,
  reader: ({ syslog, ...options }) => {
    const readSyslog = syslog ?? openSyslog(options);
    return (line) => {
      const read = readSyslog(line);
      return read?.rfc === 5424 ? syslogEntry(read) : undefined;
    };
  },
  refusal: (line) => (looksLike.test(line) ? "RFC 5424 with a broken header or without a time" : undefined),
});
