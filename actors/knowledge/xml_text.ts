import { createHash } from "node:crypto";
import type { GraphElement } from "./graph_elements.ts";

/**
 * Text that XML 1.0 can carry (its production `Char`): other control characters and halves of
 * surrogate pairs, which no escape makes legal, become U+FFFD.
 */
function plainXml(text: string): string {
  return text.toWellFormed().replace(ILLEGAL, "\ufffd");
}

// deno-lint-ignore no-control-regex
const ILLEGAL = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** Text as it stands in an element or between double quotes; line ends survive a reader. */
export function escapeXml(text: string): string {
  return plainXml(text).replace(/[&<>"\t\n\r]/g, (one) => ENTITIES[one]!);
}

/** With what XML can carry only; ids that had to change stay different from each other. */
export function forXml({ key, source, target, attributes }: GraphElement): GraphElement {
  const plain = Object.entries(attributes)
    .map(([name, value]) => [name, typeof value === "string" ? plainXml(value) : value] as const);
  return {
    key: xmlId(key),
    ...(source === undefined ? {} : { source: xmlId(source) }),
    ...(target === undefined ? {} : { target: xmlId(target) }),
    attributes: Object.fromEntries(plain),
  };
}

function xmlId(key: string): string {
  const plain = plainXml(key);
  if (plain === key) return key;
  return `${plain}~${createHash("sha256").update(JSON.stringify(key)).digest("hex").slice(0, 16)}`;
}
