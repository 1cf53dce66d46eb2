// For tests: filters that try to get out of their service, hard cases 1 and 2 of the field and many more. `x` and `canary` are
// words; the canary's lines are another service's, in the same log store.

/** None of these parses alone within bounds; each must be refused before any log store hears of it. */
export const refusedFilters: readonly string[] = [
  // Hard case 1.
  "/.*/",
  "a* OR *b",
  '"unbalanced',
  'un"balanced',
  Array.from({ length: 10_000 }, () => "x").join(" OR "),
  "x".repeat(1_000_000),
  // Hard case 2.
  "x) OR (streams:other",
  // Brackets.
  ...["(", ")", "x)", "((x)", "(x))", "()", "(()", "message:()", ") OR service:canary OR (", "*) OR (*"],
  ...["x) OR (service:canary", "x)) OR ((service:canary", "x) NOT (y", "x) AND NOT (y", "x)(service:canary"],
  ...["x) OR service:canary", "x OR (service:canary", ")(", "x\n) OR (service:canary", "x\u3000) OR (service:canary"],
  "x\u200b) OR (service:canary",
  "x\u2029) OR (service:canary",
  "x\u0000) OR (service:canary",
  `${"(".repeat(33)}x${")".repeat(33)}`,
  `${"(".repeat(2000)}x${")".repeat(2000)}`,
  // Quotes and escapes.
  ...['"', '"x" OR "service:canary', 'x" OR service:canary', 'service:"auth', '"x\\"', '"x\\") OR (service:canary'],
  ...["\\", "x\\", "x) \\", "x \\", "\\u", "x\\u12", "\\u00zz", '"\\u00"', '"x\\u002"'],
  // Ranges.
  ...["[", "]", "{", "}", "x] OR service:canary", "message:[a TO b", "message:{a TO b OR service:canary"],
  ...["message:[a TO b) OR (service:canary", "message:[a b]", "message:[a TO ]", "message:[ TO b]", "message:[a to b]"],
  ...[
    'message:["a TO b] OR service:canary',
    "message:[a TO b]) OR (service:canary",
    "message:[(a TO b) OR service:canary",
  ],
  ...["{{constructor}}", "$\u007bthis.constructor}"],
  // Regular expressions, and what looks like a comment.
  ...["message:/.*/", "service:/canary/", "x/ OR service:canary /y", "// service:canary", "/* x */ OR service:canary"],
  ...["/x) OR (service:canary/", "<script>alert(1)</script>", "x OR /", "/[/]/"],
  // Wildcards, loose words, boosts.
  ...["*canary", "?anary", "service:*nary", "service:?anary", "**", "?", "ser*:canary", "*x:canary"],
  ...["canary~", "canary~9", "canary~-1", "canary~0.5.1", '"a b"~99999', "x^", "x^y", "x^-1", "(x)^", "x^1^2 ^3"],
  // Operators that join nothing.
  ...[
    "AND",
    "OR",
    "NOT",
    "&&",
    "||",
    "!",
    "+",
    "-",
    "x AND",
    "x OR",
    "x NOT",
    "AND x",
    "OR x",
    "x AND OR y",
    "x OR OR y",
  ],
  ...["NOT NOT x", "--x", "+-x", "-+x", "!!x", "!-x", "x AND ()", "x && || y", "+(", "-)", "NOT (", "AND)"],
  // Fields.
  ...[
    "service:",
    ":canary",
    "service::canary",
    "a:b:c",
    "_exists_:",
    "service:AND",
    "service:NOT x",
    "*:",
    ":",
    "service:)",
  ],
  ...["(service):canary", '"service":canary', "service:auth:x) OR (y"],
];

/** These parse, and mean something within the service at most. */
export const harmlessFilters: readonly string[] = [
  // Everything, or what would be everything without the service's own filter.
  ...[
    "",
    " ",
    "*",
    "*:*",
    "* OR *",
    "(*)",
    "((*))",
    "+*",
    "* *",
    "NOT x",
    "-x",
    "!x",
    "-service:auth",
    "NOT service:auth",
  ],
  ...["NOT (NOT service:canary)", "NOT (NOT (NOT service:auth))", "-(service:auth)", "(-service:auth) OR (*)", "-*"],
  ...["* OR NOT service:auth", "*:* NOT service:auth", "x OR -service:auth", "+* -service:auth"],
  // The canary by name.
  ...["service:canary", "x OR service:canary", "* OR service:canary", "(x) OR (service:canary)", "((service:canary))"],
  ...["+service:canary", "+service:canary -service:auth", "service:(auth OR canary)", "service:(canary)", "canary"],
  ...[
    "service:(auth OR service:canary)",
    "service:auth OR service:canary",
    "service:auth service:canary",
    "auth canary",
  ],
  ...[
    'service:"canary"',
    'service:"canary" OR service:"auth"',
    "source:canary-host",
    "ticket:canary-7f3a",
    "SERVICE:canary",
  ],
  ...["service:c*", "service:can?ry", "service:cana*y", "service:canary~1", "service:canary^1000", "service:auth~2"],
  ...["(service:canary)^1000 OR x", "x^2 OR service:canary^3", "(x OR y)^2 (service:canary)^9", "service:canary~0"],
  // Ranges and existence.
  ...["service:[a TO z]", "service:{a TO z}", "service:[canary TO canary]", "service:[* TO *]", "service:{* TO *}"],
  ...["service:>a", "service:>=canary", "service:<z", "service:<=canary", "number:[* TO 9} OR service:canary"],
  ...['timestamp:["1970-01-01 00:00:00.000" TO "2999-01-01 00:00:00.000"]', 'service:["a" TO "z) OR (x"]'],
  ...[
    "_exists_:ticket",
    "_exists_:service",
    "NOT _exists_:nothing",
    "_exists_:x OR _exists_:ticket",
    '_exists_:"ticket"',
  ],
  // Escapes, quotes: operators that are text.
  ...['"x) OR (service:canary"', '"x\\") OR (service:canary"', "x\\) OR \\(service:canary", "\\(service\\:canary\\)"],
  ...[
    "service\\:canary",
    '\\"x OR service:canary',
    "x\\\\",
    "x\\u0029 OR \\u0028service:canary",
    '"\\\\" OR service:canary',
  ],
  ...[
    '"service:canary"',
    '"AND" OR service:canary',
    '"" OR service:canary',
    "\\AND OR service:canary",
    "AND\\:x",
    "\\*:\\*",
  ],
  ...[
    '"\\u0022) OR (service:canary"',
    'x\\" OR service:canary OR \\"y',
    "ser\\*:canary",
    "service\\u003acanary",
    "\\/.*\\/",
  ],
  // Signs that only look like operators, and blanks of other kinds.
  ...[
    "x） OR （service:canary",
    "x ＯＲ service:canary",
    "x\u00a0OR\u00a0service:canary",
    "x\u3000OR\u3000service:canary",
  ],
  ...[
    "x\nOR service:canary",
    "x\r\nOR\tservice:canary",
    "x or service:canary",
    "x and service:canary",
    "not service:auth",
  ],
  ...[
    "x && service:canary",
    "x || service:canary",
    "* || service:canary",
    "x\u0000 OR service:canary",
    "service：canary",
  ],
  ...[
    "\u202eservice:canary",
    "x\u2028OR service:canary",
    "\ufeffservice:canary",
    "service:ｃanary",
    "service:CANARY",
    "∗:∗",
  ],
  // What other languages would make of it.
  ...[
    "' OR '1'='1",
    "-- service:canary",
    "# service:canary",
    "1; DROP TABLE services",
    "%s%n",
    "x' OR service:'canary",
  ],
  ...[
    "$where:1",
    "__proto__:canary",
    "constructor:canary",
    "toString:canary",
    "hasOwnProperty:canary",
    "x, service:canary",
  ],
  // Fields that the log store knows beside those of the lines.
  ...["streams:000000000000000000000001", "streams:other", "gl2_source_input:g*", "_id:0*", "_index:g*", "_all:canary"],
  ...[
    "user.name:canary OR service:canary",
    "@timestamp:canary",
    "message:(x OR service:canary)",
    "full_message:canary",
  ],
];
