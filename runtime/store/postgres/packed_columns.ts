import type { PackedText } from "../packed_text.ts";
import { booleanArray, byteaArray, numberArray } from "./array_literal.ts";
import type { Sql } from "./pool.ts";

/** A packed text as the columns of a row. */
export interface PackedRow {
  bytes: Uint8Array;
  is_deflated: boolean;
  size: number;
  crc: number;
}

/** What a row that was read has packed. */
export function packedOf({ bytes, is_deflated, size, crc }: PackedRow): PackedText {
  return { bytes, isDeflated: is_deflated, size, crc };
}

/** The columns of {@linkcode PackedRow} of many rows, as arguments of `unnest`. */
export function packedArrays(sql: Sql, values: readonly PackedText[]) {
  return sql`
    ${byteaArray(values.map(({ bytes }) => bytes))}::bytea[],
    ${booleanArray(values.map(({ isDeflated }) => isDeflated))}::boolean[],
    ${numberArray(values.map(({ size }) => size))}::int[],
    ${numberArray(values.map(({ crc }) => crc))}::bigint[]`;
}
