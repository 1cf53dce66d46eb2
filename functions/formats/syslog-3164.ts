// Format: any line of classic syslog, with or without a priority, with the month's name or an ISO time.
import { defineFormat } from "./format.ts";
import { looksClassic, openSyslog, syslogEntry } from "./syslog-envelope.ts";

export const syslog3164 = defineFormat({
  id: "syslog-3164",
  title: "Syslog (RFC 3164)",
  description:
    "`Jul  1 09:00:55 host program[12]: message`, also with an ISO time, as in /var/log/syslog and messages.",
  isGeneral: true,
  reader: ({ syslog, ...options }) => {
    const readSyslog = syslog ?? openSyslog(options);
    return (line) => {
      const read = readSyslog(line);
      return read?.rfc === 3164 ? syslogEntry(read) : undefined;
    };
  },
  refusal: (line) => (looksClassic(line) ? "a date that does not exist" : undefined),
});
