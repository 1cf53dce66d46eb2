// RFC 5424 by example: those of the RFC, and what breaks readers.
import { expect, it } from "vitest";
import { syslog5424 } from "./syslog-5424.ts";
import { entryBy, readBy } from "./test-lines.ts";

const entry = (line: string) => entryBy(syslog5424, line);

it("reads the first example of the RFC, without its byte order mark", () => {
  const read = entry(
    "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
  );
  expect(read).toEqual({
    at: Date.UTC(2003, 9, 11, 22, 14, 15, 3),
    service: "su",
    host: "mymachine.example.com",
    level: 2,
    message: "'su root' failed for lonvick on /dev/pts/8",
    fields: {
      "log.syslog.facility.code": 4,
      "log.syslog.severity.code": 2,
      "log.syslog.msgid": "ID47",
      "process.name": "su",
    },
  });
});

it("makes fields of structured data, and unescapes them", () => {
  const { fields, message } = entry(
    String.raw`<165>1 2003-10-11T22:14:15.003Z host app 8 - [a@1 x="1" y="say \"hi\" [\]"][b@1][c@1 z=""] text [not data]`,
  );
  expect(fields).toMatchObject({
    "log.syslog.structured_data.a@1.x": "1",
    "log.syslog.structured_data.a@1.y": 'say "hi" []',
    "log.syslog.structured_data.c@1.z": "",
    "process.pid": 8,
  });
  expect(message).toBe("text [not data]");
});

it("needs no message, host or program", () => {
  expect(entry("<0>1 2003-08-24T05:14:15.000003-07:00 - - - - -")).toMatchObject({
    at: Date.UTC(2003, 7, 24, 12, 14, 15),
    host: "",
    service: "",
    message: "",
    level: 0,
  });
});

it("reads a frame with its length before it, as syslog over TCP writes it", () => {
  expect(entry("59 <34>1 2003-10-11T22:14:15.003Z host app 8 - - hello").message).toBe("hello");
});

it.each([
  ["no time", "<34>1 - host app 8 - - hello"],
  ["a date that does not exist", "<34>1 2003-02-30T22:14:15Z host app 8 - - hello"],
  ["an open element", '<34>1 2003-10-11T22:14:15Z host app 8 - [a@1 x="1" hello'],
  ["an open quote", '<34>1 2003-10-11T22:14:15Z host app 8 - [a@1 x="1] hello'],
  ["a header that ends early", "<34>1 2003-10-11T22:14:15Z host app"],
])("does not read a line with %s, and says why", (_what, line) => {
  expect(readBy(syslog5424, line)).toEqual([undefined]);
  expect(syslog5424.refusal?.(line)).toBe("RFC 5424 with a broken header or without a time");
});

it("a priority above 191 is none", () => {
  expect(readBy(syslog5424, "<192>1 2003-10-11T22:14:15Z host app 8 - - hello")).toEqual([undefined]);
});
