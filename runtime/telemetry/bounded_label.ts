/** The value of a label once so many others are known: metrics never grow without bound. */
export const OTHER = "other";

const VALUE_CHARS_MAX = 120;

/** Keeps the values of one label few: the first ones are told apart, all later ones are `other`. */
export class BoundedLabel {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#max || value.length > VALUE_CHARS_MAX) return OTHER;
    this.#known.add(value);
    return value;
  }
}
