/** Values looked at before the answer is left to the whole JSON text. */
const VALUES_MAX = 10_000;

/**
 * Whether the strings in `value` alone are longer than `charsMax`. Asked before the JSON text is
 * made, because making it would take the memory that the limit is there to spare.
 */
export function hasTextBeyond(value: unknown, charsMax: number): boolean {
  const open: unknown[] = [value];
  let chars = 0;
  for (let looked = 0; open.length > 0 && looked < VALUES_MAX; looked++) {
    const next = open.pop();
    if (typeof next === "string") chars += next.length;
    else if (Array.isArray(next)) open.push(...next.slice(0, VALUES_MAX));
    else if (
      typeof next === "object" && next !== null && Object.getPrototypeOf(next) === Object.prototype
    ) {
      open.push(...Object.values(next));
    }
    if (chars > charsMax) return true;
  }
  return false;
}
