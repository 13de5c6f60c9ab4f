/**
 * Takes secrets out of text before it is kept or shown. What has a shape of its own is found by it,
 * and what has none by the word before it; what has neither is not found.
 *
 * @module
 */
import type { FieldPatterns, RedactionPattern } from "@logtape/redaction";

/** Stands where a secret stood. */
export const REDACTED = "[redacted]";

/** Before and behind it is no character of a token: words that merely begin alike stay. */
const BEFORE = String.raw`(?<![A-Za-z0-9_-])`;

/** Prefixes that their issuers document. */
const TOKENS = [
  "dnz_[A-Za-z0-9]{4,64}_[A-Za-z0-9_-]{8,200}",
  "gh[pousr]_[A-Za-z0-9]{20,255}",
  "github_pat_[A-Za-z0-9_]{20,255}",
  "gl(?:pat|dt|rt|ptt|cbt|soat|ft)-[A-Za-z0-9_.-]{20,64}",
  "(?:xox[abposr]|xoxe|xapp)-[A-Za-z0-9-]{10,250}",
  "(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,247}",
  "whsec_[A-Za-z0-9+/=]{24,80}",
  "sk-(?:ant-|proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{20,250}",
  "(?:hf|npm|glsa|glc|ntn|lin_api|r8|rubygems)_[A-Za-z0-9_]{30,400}",
  "pypi-[A-Za-z0-9_-]{50,250}",
  "do[opr]_v1_[a-f0-9]{64}",
  "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
  "AIza[A-Za-z0-9_-]{35}",
  "GOCSPX-[A-Za-z0-9_-]{28}",
  String.raw`ya29\.[A-Za-z0-9_-]{30,300}`,
  String.raw`SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}`,
  "AGE-SECRET-KEY-1[0-9A-Z]{58}",
  String.raw`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*`,
];

/** Words whose value is secret, as `word=value`, `word: value` and in JSON. */
const WORDS = [
  "authorization",
  "proxy-authorization",
  "set-cookie",
  "cookie",
  "x-api-key",
  "api[_-]?key",
  "access[_-]?key",
  "secret(?:[_-]?(?:access[_-]?)?key)?",
  "client[_-]?secret",
  "private[_-]?key",
  "(?:access|refresh|id|auth|session|csrf|bearer)[_-]?token",
  "token",
  "pass(?:word|wd|phrase|code)",
  "credentials?",
];

/** What is replaced in text, in this order. */
export const SECRET_PATTERNS: readonly RedactionPattern[] = [
  {
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----[\s\S]{0,20000}?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----|$)/g,
    replacement: REDACTED,
  },
  // A password in a URL, also where it holds an `@`.
  {
    pattern: /\b([a-z][a-z0-9+.-]{1,30}:\/\/[^\s:@/?#"']{0,200}):[^\s/"']{1,400}@/gi,
    replacement: `$1:${REDACTED}@`,
  },
  { pattern: new RegExp(`${BEFORE}(?:${TOKENS.join("|")})`, "g"), replacement: REDACTED },
  { pattern: /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,4096}/gi, replacement: `$1 ${REDACTED}` },
  {
    // The value in quotes, or up to a blank; quotes of JSON in JSON are escaped. What was replaced
    // within it already belongs to it.
    pattern: new RegExp(
      String.raw`(\b(?:${WORDS.join("|")})\b\\?["']?\s{0,3}[:=]\s{0,3})` +
        String.raw`(?!\\?["']?(?:Bearer |Basic )?\[redacted\])` +
        String
          .raw`(?:\\"(?:[^"\\]|\\\\.){1,4096}\\"|"(?:[^"\\]|\\.){1,4096}"|'[^']{1,4096}'|(?:\[redacted\]|[^\s"',;&}\])]){1,4096})`,
      "gi",
    ),
    replacement: (_match: string, before: string) => `${before}${quoteLike(_match, before)}`,
  },
];

/** Names of fields whose values are secret, whatever they look like. */
export const SECRET_FIELDS: FieldPatterns = [
  new RegExp(`^(?:.*[_.-])?(?:${WORDS.join("|")})$`, "i"),
  /(?:password|passphrase|secret|apiKey|accessToken|refreshToken|privateKey|credentials?)$/i,
];

/** Whether the value of a field of that name is secret, whatever it looks like. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELDS.some((pattern) =>
    typeof pattern === "string" ? pattern === name : pattern.test(name)
  );
}

/** What stands for the value keeps its quotes: JSON stays JSON. */
function quoteLike(match: string, before: string): string {
  const value = match.slice(before.length);
  const quote = value.startsWith('\\"') ? '\\"' : /^["']/.exec(value)?.[0] ?? "";
  return `${quote}${REDACTED}${quote}`;
}

/** Text without the secrets that can be told. */
export function redactText(text: string): string {
  let clean = text;
  for (const { pattern, replacement } of SECRET_PATTERNS) {
    clean = typeof replacement === "string"
      ? clean.replaceAll(pattern, replacement)
      : clean.replaceAll(pattern, replacement);
  }
  return clean;
}
