/**
 * HTML as a template in which every value is escaped unless it is HTML itself.
 *
 * @module
 */
import { visibleText } from "./visible_text.ts";

/** Markup that {@linkcode html} made. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a template. */
export type HtmlValue = Html | string | number | null | HtmlValue[];

/** Markup with each value escaped; lists are joined, `null` is nothing. */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(markupOf)));
}

function markupOf(value: HtmlValue): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(markupOf).join("");
  return value instanceof Html ? value.toString() : escapeHtml(String(value));
}

/** `text` with the five characters that mean something to HTML replaced. */
function escapeHtml(text: string): string {
  return visibleText(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
