// For tests of hard cases 9 to 13: texts that some reader takes for more than text.

/** One line each: what is more is refused by name. */
export const hostile: readonly string[] = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</pre></td><a href=javascript:alert(1)>x",
  "javascript:alert(1)",
  "a\u200bb",
  "<!channel> <@U123> <https://evil.example|bank>",
  '=HYPERLINK("https://evil.example")',
  "{{constructor}}",
  "$\u007bprocess\u002eenv}",
  "%s%n%x",
  "__proto__",
  "constructor",
  "toString",
  "'; DROP TABLE users; --",
  "\u{1f600}".repeat(20),
];
