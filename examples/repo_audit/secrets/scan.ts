/**
 * Finds probable secrets in a text.
 *
 * @module
 */
import type { SecretFinding, Severity } from "../audit_types.ts";
import { findAssignments, findRandomTexts } from "./assignments.ts";
import { fingerprintSecret, maskSecret } from "./masking.ts";
import { isDocumentationValue, isFixturePath, isHashFile } from "./placeholders.ts";
import { SECRET_RULES, type SecretRule } from "./rules.ts";

/** A place in a text where a secret probably stands. Never leaves this folder: it gives the value away. */
export interface SecretSpan {
  start: number;
  end: number;
  rule: string;
  title: string;
  severity: Severity;
  confidence: SecretFinding["confidence"];
  isGuessable: boolean;
}

/** Findings that one file can have at most; more than that is a list, not a leak. */
const FINDINGS_MAX = 1_000;

/** Where `text` holds secrets, in the order of the text, without overlaps. */
export function findSecrets(text: string, path: string, language: string): SecretSpan[] {
  const spans: SecretSpan[] = [];
  const lower = text.toLowerCase();
  for (const rule of SECRET_RULES) {
    if (rule.keywords.some((keyword) => lower.includes(keyword))) applyRule(rule, text, spans);
  }
  if (!isHashFile(path)) addCandidates(text, language, spans);
  const isFixture = isFixturePath(path);
  return spans.sort((a, b) => a.start - b.start).slice(0, FINDINGS_MAX)
    .map((span) => (isFixture ? { ...span, confidence: lowered(span.confidence) } : span));
}

function applyRule(rule: SecretRule, text: string, spans: SecretSpan[]): void {
  for (const match of text.matchAll(rule.pattern)) {
    const value = match.findLast((group) => group !== undefined)!;
    const start = match.index + match[0].lastIndexOf(value);
    const isGuessable = rule.isGuessable ?? false;
    if (isGuessable && isReference(value)) continue;
    add(spans, {
      start,
      end: start + value.length,
      rule: rule.id,
      title: rule.title,
      severity: rule.severity,
      confidence: isDocumentationValue(value) ? "low" : "high",
      isGuessable,
    });
  }
}

/** `${PASSWORD}`, `<password>`, `{password}`, `%s`, `***`: where the value would be filled in. */
function isReference(value: string): boolean {
  return /^[$<{%*[]|\$\{|\{\{|^(?:pass(?:word)?|pwd|secret|token|xxx+|none|null)$/i.test(value);
}

function addCandidates(text: string, language: string, spans: SecretSpan[]): void {
  for (const candidate of findAssignments(text, language)) {
    add(spans, {
      ...candidate,
      rule: "generic-credential",
      title: "Password, key or token in an assignment",
      severity: candidate.confidence === "low" ? "medium" : "high",
      isGuessable: true,
    });
  }
  for (const candidate of findRandomTexts(text, language)) {
    add(spans, {
      ...candidate,
      rule: "high-entropy",
      title: "Random-looking text",
      severity: candidate.confidence === "low" ? "low" : "medium",
      isGuessable: false,
    });
  }
}

/** The first rule that claims a stretch of text has it. */
function add(spans: SecretSpan[], span: SecretSpan): void {
  const isTaken = spans.some(({ start, end }) => span.start < end && start < span.end);
  if (!isTaken && spans.length < FINDINGS_MAX) spans.push(span);
}

function lowered(confidence: SecretFinding["confidence"]): SecretFinding["confidence"] {
  return confidence === "high" ? "medium" : "low";
}

/** The secrets of one file, masked: what may leave the agent. */
export async function scanText(
  text: string,
  path: string,
  language: string,
): Promise<SecretFinding[]> {
  const findings: SecretFinding[] = [];
  const locate = locator(text);
  for (const span of findSecrets(text, path, language)) {
    const secret = text.slice(span.start, span.end);
    const { rule, title, severity, confidence, isGuessable } = span;
    findings.push({
      path,
      ...locate(span.start),
      rule,
      title,
      severity: confidence === "low" ? eased(severity) : severity,
      confidence,
      preview: maskSecret(secret, isGuessable),
      fingerprint: await fingerprintSecret(secret, isGuessable),
    });
  }
  return findings;
}

function eased(severity: Severity): Severity {
  return severity === "critical" ? "high" : severity === "high" ? "medium" : "low";
}

/** Turns rising offsets into lines and columns in one pass. */
function locator(text: string): (offset: number) => { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  return (offset) => {
    for (let at = text.indexOf("\n", lineStart); at >= 0 && at < offset;) {
      line++;
      lineStart = at + 1;
      at = text.indexOf("\n", lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  };
}
