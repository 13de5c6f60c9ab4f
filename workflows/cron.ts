/**
 * Checks what schedules are made of, without computing times.
 *
 * @module
 */
import type { Mistake } from "../core/document/mod.ts";

interface Field {
  noun: string;
  min: number;
  max: number;
  names?: readonly string[];
}

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split(" ");

const FIELDS: readonly Field[] = [
  { noun: "minute", min: 0, max: 59 },
  { noun: "hour", min: 0, max: 23 },
  { noun: "day of the month", min: 1, max: 31 },
  { noun: "month", min: 1, max: 12, names: MONTHS },
  { noun: "day of the week", min: 0, max: 7, names: WEEKDAYS },
];

/** What is wrong with a cron expression of five fields (POSIX crontab, with steps and names). */
export function checkCron(text: string): Mistake | null {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return {
      problem: `it has ${fields.length} fields, but cron wants five: minute hour day month weekday`,
      hint: "Example: 0 9 * * 1-5 (at nine, Monday to Friday)",
    };
  }
  for (const [i, field] of FIELDS.entries()) {
    const wrong = fields[i]!.split(",").find((part) => !fits(part, field));
    if (wrong !== undefined) {
      return {
        problem: `"${wrong}" is no ${field.noun}`,
        hint: `Write ${field.min} to ${field.max}, a range, * or */step`,
      };
    }
  }
  return null;
}

function fits(part: string, field: Field): boolean {
  const match = /^(\*|\w+(?:-\w+)?)(?:\/(\d+))?$/.exec(part);
  if (match === null || match[2] === "0") return false;
  if (match[1] === "*") return true;
  const numbers = match[1]!.split("-").map((each) => numberOf(each, field));
  return numbers.every((each) => each >= field.min && each <= field.max) &&
    (numbers.length === 1 || numbers[0]! <= numbers[1]!);
}

function numberOf(text: string, field: Field): number {
  if (/^\d+$/.test(text)) return Number(text);
  const position = field.names?.indexOf(text.toUpperCase()) ?? -1;
  return position < 0 ? NaN : position + field.min;
}

/** What is wrong with the name of a time zone. */
export function checkTimeZone(text: string): Mistake | null {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return null;
  } catch {
    return {
      problem: "it is no time zone",
      hint: "Write an IANA name such as Europe/Zurich or UTC",
    };
  }
}
