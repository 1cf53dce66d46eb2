// The formats that exist. Add one: its file, and its line here.
export { bindQuery } from "./bind-query.ts";
export { iptables } from "./iptables.ts";
export { jsonLines } from "./json-lines.ts";
export { sshd } from "./sshd.ts";
export { syslog3164 } from "./syslog-3164.ts";
export { syslog5424 } from "./syslog-5424.ts";
export { zeekDns } from "./zeek-dns.ts";
