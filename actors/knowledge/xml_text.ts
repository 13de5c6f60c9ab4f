/**
 * Text that XML 1.0 can carry (its production `Char`): other control characters and halves of
 * surrogate pairs, which no escape makes legal, become U+FFFD.
 */
export function plainXml(text: string): string {
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
