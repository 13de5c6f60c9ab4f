import { InvariantError } from "../../core/errors.ts";

/** SHA-256 of `bytes` in hex (FIPS 180-4). */
export async function digest(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(hash).toHex();
}

/** @throws {InvariantError} `BLOB_CORRUPT` when the bytes are not those that the name stands for */
export async function verify(bytes: Uint8Array, sha256: string): Promise<Uint8Array> {
  const found = await digest(bytes);
  if (found === sha256) return bytes;
  throw new InvariantError("BLOB_CORRUPT", {
    message: `Read blob "${sha256}" and found bytes with the hash "${found}"`,
    hint: "The state directory was altered or its disk is failing: restore it from a backup",
    details: { expected: sha256, found },
  });
}
