/**
 * Values as Deno KV has them: bytes as they are, 64-bit counters, and everything else in V8's
 * format of structured clones, which Deno's own client reads as well.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Deserializer, Serializer } from "node:v8";

/** Numbers of the protocol's `ValueEncoding`. */
const V8 = 1;
const LE64 = 2;
const BYTES = 3;

/** A value of the protocol. */
export interface EncodedValue {
  data: Uint8Array;
  encoding: number;
}

export function encodeValue(value: unknown): EncodedValue {
  if (value instanceof Uint8Array) return { data: value, encoding: BYTES };
  if (value instanceof Deno.KvU64) return { data: encodeCounter(value.value), encoding: LE64 };
  // Not `serialize()`: that one writes bytes within objects in a form of Node's own.
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return { data: serializer.releaseBuffer(), encoding: V8 };
}

export function decodeValue({ data, encoding }: EncodedValue): unknown {
  if (encoding === BYTES) return data.slice();
  if (encoding === LE64) return new Deno.KvU64(decodeCounter(data));
  if (encoding !== V8) {
    throw new TypeError(`A value of this store has unknown encoding ${encoding}`);
  }
  const { buffer, byteOffset, byteLength } = data;
  const deserializer = new Deserializer(Buffer.from(buffer, byteOffset, byteLength));
  deserializer.readHeader();
  return deserializer.readValue();
}

function encodeCounter(value: bigint): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, value, true);
  return data;
}

function decodeCounter(data: Uint8Array): bigint {
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getBigUint64(0, true);
}
