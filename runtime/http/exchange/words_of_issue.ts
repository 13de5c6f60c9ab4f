import type { z } from "@hono/zod-openapi";

type Issue = z.core.$ZodIssue;

/** What a validator expects or was given, as people call it. */
const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
  null: "null",
  undefined: "nothing",
  nan: "no number",
};

/** What a thing of that origin has so many of. */
const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ["character", "characters"],
  array: ["item", "items"],
  set: ["item", "items"],
  object: ["member", "members"],
  record: ["member", "members"],
};

/** What is wrong with a value and what is wanted, in words: no pattern, and no name of a program. */
export function wordsOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeWords(issue);
    case "too_big":
      return sizeWords(issue, Number(issue.maximum), "at most");
    case "too_small":
      return sizeWords(issue, Number(issue.minimum), "at least");
    case "invalid_format":
      return formatWords(issue);
    case "invalid_value":
      return issue.values.length === 1
        ? `must be ${JSON.stringify(issue.values[0])}`
        : `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_key":
      return `has a key that is not allowed: ${issue.issues.map(wordsOf).join("; ")}`;
    case "invalid_union":
      return unionWords(issue);
    default:
      return issue.message;
  }
}

function typeWords({ expected, message }: Issue & { code: "invalid_type" }): string {
  const wanted = KINDS[expected] ?? expected;
  // The value itself is not kept: it may be large, or a secret.
  const given = /received (\w+)$/.exec(message)?.[1] ?? "";
  if (given === "undefined") return `is missing: it must be ${wanted}`;
  const isClose = KINDS[given] === undefined || (expected === "int" && given === "number");
  return isClose ? `must be ${wanted}` : `must be ${wanted}, not ${KINDS[given]}`;
}

/** What any of the forms is, where the whole value is of another type. */
function unionWords({ errors }: Issue & { code: "invalid_union" }): string {
  const wanted = errors.map(([first]) =>
    first?.code === "invalid_type" && first.path.length === 0 ? KINDS[first.expected] : undefined
  );
  return wanted.length === 0 || wanted.includes(undefined)
    ? "has none of the forms that are allowed here"
    : `must be ${[...new Set(wanted)].join(" or ")}`;
}

function sizeWords(
  { origin }: { origin: string },
  limit: number,
  bound: "at most" | "at least",
): string {
  const unit = UNITS[origin];
  if (unit === undefined) return `must be ${bound} ${limit}`;
  if (bound === "at least" && limit === 1) return "must not be empty";
  return `must have ${bound} ${limit} ${limit === 1 ? unit[0] : unit[1]}`;
}

/** Patterns have words of their own where they are. */
function formatWords({ format, message }: Issue & { code: "invalid_format" }): string {
  if (format === "datetime") return "must be an instant in UTC such as 2026-11-22T09:30:00Z";
  if (format !== "regex") return `must be of the format ${format}`;
  return message.startsWith("Invalid string") ? "has a form that is not allowed here" : message;
}
