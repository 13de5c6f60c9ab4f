/**
 * Arrays in the text form of PostgreSQL ("Array Value Input" in its manual), for `unnest`: the
 * driver would ask the server for the types of arrays first, and takes longer over bytes.
 *
 * @module
 */

export function textArray(values: readonly (string | null)[]): string {
  return `{${
    values.map((value) => value === null ? "NULL" : `"${value.replace(/["\\]/g, "\\$&")}"`)
      .join(",")
  }}`;
}

export function numberArray(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

export function booleanArray(values: readonly boolean[]): string {
  return `{${values.join(",")}}`;
}

export function byteaArray(values: readonly Uint8Array[]): string {
  return `{${values.map((value) => `"\\\\x${value.toHex()}"`).join(",")}}`;
}
