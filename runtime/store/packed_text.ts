/**
 * Texts as bytes of a store: compressed (DEFLATE, RFC 1951) when that pays, with a checksum that
 * also covers a label, so that a value under another's key is found out.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { setImmediate as nextTurn } from "node:timers/promises";
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { InvariantError } from "../../core/errors.ts";

/** Texts over this many bytes are compressed unless the store says otherwise. */
export const COMPRESS_OVER_BYTES = 16 * 1024;

/**
 * Up to this size a text is compressed in one go, at the fastest level: 250 KiB of events take less
 * than a millisecond and shrink to a fifth. What is larger goes in pieces, so that nobody waits.
 */
const PIECE_BYTES = 256 * 1024;

export interface PackedText {
  bytes: Uint8Array;
  isDeflated: boolean;
  /** UTF-8 bytes of the text. */
  size: number;
  /** CRC-32 of the label and the text. */
  crc: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Packs a text; synchronous unless it is large. */
export function packText(
  text: string,
  label: string,
  compressOverBytes: number = COMPRESS_OVER_BYTES,
): PackedText | Promise<PackedText> {
  const plain = encoder.encode(text);
  const size = plain.length;
  const crc = checksum(plain, label);
  if (size <= compressOverBytes) return { bytes: plain, isDeflated: false, size, crc };
  if (size > PIECE_BYTES) {
    return deflateInPieces(plain).then((deflated) => smaller(plain, deflated, crc));
  }
  return smaller(plain, own(deflateRawSync(plain, { level: 1 })), crc);
}

/** Random or encrypted bytes do not get smaller: keep them as they are. */
function smaller(plain: Uint8Array, deflated: Uint8Array, crc: number): PackedText {
  const isDeflated = deflated.length < plain.length;
  return { bytes: isDeflated ? deflated : plain, isDeflated, size: plain.length, crc };
}

/**
 * The text back.
 *
 * @throws {InvariantError} `VALUE_CORRUPT` when it is not what was packed under this label
 */
export async function unpackText(packed: PackedText, label: string): Promise<string> {
  const plain = await inflated(packed);
  if (plain !== null && plain.length === packed.size && checksum(plain, label) === packed.crc) {
    return decoder.decode(plain);
  }
  throw corrupt(label, "its checksum does not match");
}

/** The error of a value that was altered on disk. */
export function corrupt(label: string, reason: string): InvariantError {
  return new InvariantError("VALUE_CORRUPT", {
    message: `Read "${label}" from the store and found it altered: ${reason}`,
    hint: "The state directory was altered or its disk is failing: restore it from a backup",
    details: { value: label },
  });
}

/** `null` when the bytes are no DEFLATE stream of the size stated. */
async function inflated({ bytes, isDeflated, size }: PackedText): Promise<Uint8Array | null> {
  if (!isDeflated) return bytes;
  try {
    if (size > PIECE_BYTES) return await inflateInPieces(bytes, size);
    return own(inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) }));
  } catch {
    return null;
  }
}

function checksum(bytes: Uint8Array, label: string): number {
  return crc32(bytes, crc32(label));
}

/** A store would write the whole memory below a view: give it bytes of their own. */
function own(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}

function deflateInPieces(bytes: Uint8Array): Promise<Uint8Array> {
  return pump(bytes, new CompressionStream("deflate-raw"), bytes.length + PIECE_BYTES);
}

function inflateInPieces(bytes: Uint8Array, size: number): Promise<Uint8Array> {
  return pump(bytes, new DecompressionStream("deflate-raw"), size);
}

/**
 * Sends bytes through a stream and gives other work a turn between pieces.
 *
 * @throws {RangeError} when more than `bytesMax` come out
 */
async function pump(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
  bytesMax: number,
): Promise<Uint8Array> {
  const fed = feed(bytes, stream.writable.getWriter());
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of stream.readable) {
      pieces.push(piece);
      length += piece.length;
      if (length > bytesMax) throw new RangeError(`more than ${bytesMax} bytes came out`);
    }
  } finally {
    await fed;
  }
  return own(Buffer.concat(pieces, length));
}

async function feed(
  bytes: Uint8Array,
  writer: WritableStreamDefaultWriter<BufferSource>,
): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      await writer.write(bytes.slice(at, at + PIECE_BYTES));
      await nextTurn();
    }
    await writer.close();
  } catch {
    // The reading side throws what was wrong with the stream.
  }
}
