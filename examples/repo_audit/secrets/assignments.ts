/**
 * Secrets without a shape of their own: values assigned to names such as `password` or `apiKey`,
 * and texts that look random.
 *
 * @module
 */
import { isUuid, looksRandom, shannonEntropy } from "./entropy.ts";
import { isPlaceholder } from "./placeholders.ts";

/** A stretch of text that is probably a secret. */
export interface Candidate {
  start: number;
  end: number;
  confidence: "high" | "medium" | "low";
}

const PASSWORD_NAME = "passw(?:or)?d|passphrase|pwd|passwort";
const SECRET_NAME =
  "secret|api[_-]?key|apikey|access[_-]?key|secret[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|master[_-]?key|auth[_-]?key|(?:auth|access|refresh|bearer|session|api|bot|deploy|id|personal)?[_-]?token|credentials?|client[_-]?secret";
const SUFFIX =
  "(?:[_-]?(?:prod|production|dev|development|staging|live|main|default|value|\\d{1,2}))?";

const ASSIGNMENT = new RegExp(
  `(${PASSWORD_NAME}|${SECRET_NAME})${SUFFIX}` +
    `(?:["'\`]?\\]?[^\\S\\n]{0,8}(?::\\s?\\w{1,20}\\s?=|=>|:=|\\|\\|=|==?|[:=])|["'],(?=\\s?["']))[^\\S\\n]{0,8}` +
    `(?:[rbfu]{0,2}"([^"\\n]{4,300})"|[rbfu]{0,2}'([^'\\n]{4,300})'|\`([^\`\\n]{4,300})\`|([^\\s"'\`,;()<>{}\\[\\]]{6,300}))`,
  "gi",
);

const XML_ELEMENT = new RegExp(
  `<(?:\\w+:)?([\\w.-]{0,30}(?:${PASSWORD_NAME}|${SECRET_NAME}))>([^<\\n]{4,300})</`,
  "gi",
);
const XML_ATTRIBUTES = new RegExp(
  `(?:key|name)="[\\w.:-]{0,40}(?:${PASSWORD_NAME}|${SECRET_NAME})"\\s{1,8}value="([^"\\n]{4,300})"`,
  "gi",
);

/** Languages whose values stand without quotes. */
const UNQUOTED = new Set([
  "YAML",
  "INI",
  "Bash",
  "Zsh",
  "Dockerfile",
  "Other",
  "Text",
  "Batch",
  "Makefile",
  "Markdown",
]);

/** Values assigned to names that say what they are. */
export function findAssignments(text: string, language: string): Candidate[] {
  const found: Candidate[] = [];
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [whole, name = "", double, single, tick, bare] = match;
    const value = double ?? single ?? tick ?? bare ?? "";
    if (bare !== undefined && !isBareValue(bare, text, match.index, language)) continue;
    const end = match.index + whole.length - (bare === undefined ? 1 : 0);
    add(found, value, name, end);
  }
  for (const match of text.matchAll(XML_ELEMENT)) {
    add(found, match[2]!, match[1]!, match.index + match[0].length - 2);
  }
  for (const match of text.matchAll(XML_ATTRIBUTES)) {
    add(found, match[1]!, "password", match.index + match[0].length - 1);
  }
  return found;
}

function add(found: Candidate[], value: string, name: string, end: number): void {
  const isPassword = new RegExp(PASSWORD_NAME, "i").test(name);
  const confidence = judge(value, isPassword);
  if (confidence) found.push({ start: end - value.length, end, confidence });
}

/** How sure we are that `value` is a secret; `null` when it is probably none. */
function judge(value: string, isPassword: boolean): Candidate["confidence"] | null {
  if (/\s/.test(value) || isPlaceholder(value)) return null;
  if (/[\[\]{}\\|^]|\w\(/.test(value) && /\[[^\]]*-|\\[wdsb]|\{\d|\w\(/.test(value)) return null;
  if (/^[A-Z_]+$|^--?[a-z]|^[\w.]+\.(?:ts|js|py|json|pem|key|txt|html|ya?ml)$/.test(value)) {
    return null;
  }
  const hasDigit = /\d/.test(value);
  const hasLetter = /[A-Za-z]/.test(value);
  const hasMark = /[^\w.:/-]/.test(value);
  if (!isPassword && (value.length < 12 || !hasDigit || !hasLetter)) return null;
  if (!isPassword) return shannonEntropy(value) >= 3.2 ? "medium" : null;
  if (/^[a-z]+(?:[A-Z][a-z]+)+$|^\w+(?:\.\w+)+$|^[a-z]+(?:[-_][a-z]+)+$/.test(value)) return null;
  if (hasLetter && (hasDigit || hasMark)) return value.length >= 8 ? "high" : "medium";
  return value.length >= 8 && /^[a-z]+$/.test(value) ? "low" : null;
}

/** A value without quotes counts where the format writes it so, at the end of its line. */
function isBareValue(value: string, text: string, at: number, language: string): boolean {
  if (!UNQUOTED.has(language)) return false;
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  // Nobody writes settings on lines like these, and a minified one would be read again and again.
  if (at - lineStart > 200) return false;
  const before = text.slice(lineStart, at).replace(/[\w.-]+$/, "");
  if (language === "Markdown" || language === "Text") {
    if (!/^\s*(?:export\s+|set\s+|-\s+)?$/.test(before)) return false;
    return /\d/.test(value) && /[A-Za-z]/.test(value);
  }
  return !/[=!]=|\bif\b|\bwhile\b/.test(before) && !/^\d+$|\.\w+$/.test(value);
}

const QUOTED_RUN = /["'`]([A-Za-z0-9+/_-]{24,128}={0,2})(?=["'`])/g;
const BARE_RUN = /[=:][^\S\n]?([A-Za-z0-9+/_-]{24,128}={0,2})(?=\s*$)/gm;
const SECRET_CONTEXT = /key|token|secret|auth|cred|pass|salt|sign|cipher|hmac/i;
const HASH_CONTEXT =
  /sha\d*|hash|digest|checksum|integrity|md5|commit|revision|etag|fingerprint|nonce|public|\bpub|mappings|base64,|data:|uuid|\bid\b|cert|signature|thumbprint|snapshot/i;

/** Random-looking texts in quotes or behind a `=`, unless their line says that they are hashes. */
export function findRandomTexts(text: string, language: string): Candidate[] {
  const found: Candidate[] = [];
  const bare = UNQUOTED.has(language) ? [...text.matchAll(BARE_RUN)] : [];
  for (const match of [...text.matchAll(QUOTED_RUN), ...bare]) {
    const value = match[1]!;
    const end = match.index + match[0].length;
    const confidence = judgeRandom(value, text, end);
    if (confidence) found.push({ start: end - value.length, end, confidence });
  }
  return found;
}

function judgeRandom(value: string, text: string, end: number): Candidate["confidence"] | null {
  const isHex = /^[0-9a-f]{32,}$/i.test(value);
  if (isHex ? shannonEntropy(value) < 3 : !looksRandom(value)) return null;
  if (isPublicDer(value) || isUuid(value)) return null;
  const line = lineAround(text, end - value.length, value.length);
  if (line.length > 600 || HASH_CONTEXT.test(line)) return null;
  const isNamed = SECRET_CONTEXT.test(line);
  return isHex ? (isNamed ? "low" : null) : isNamed ? "medium" : "low";
}

/** Certificates and public keys in DER start so once they are in base64. */
function isPublicDer(value: string): boolean {
  return /^M(?:FkwEw|II[A-Z]|[GHI][A-Za-z]wDQYJ|CowBQYDK2V)/.test(value);
}

/** The line around a stretch of text, without the stretch itself. */
function lineAround(text: string, at: number, length: number): string {
  const start = text.lastIndexOf("\n", at) + 1;
  const newline = text.indexOf("\n", at + length);
  return text.slice(start, at) + text.slice(at + length, newline < 0 ? text.length : newline);
}
