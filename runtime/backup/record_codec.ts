/**
 * Records as bytes: length of the head, length of the body (both 32 bits, most significant byte
 * first), head, body. The head is JSON text of `[kind, member, …]`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  BACKUP_KINDS,
  type BackupKind,
  type BackupRecord,
  MEMBERS_MIN,
  RECORD_FIELDS,
  type RecordCounts,
} from "./backup_record.ts";
import { unknownKind } from "./unknown_kind.ts";

const PREFIX_BYTES = 8;
/** No head is longer: it holds names, which stores bound, and numbers. */
const HEAD_BYTES_MAX = 1024 * 1024;

/** A head and a body, before they are known to be a record. */
export interface Frame {
  head: unknown[];
  body: Uint8Array;
}

export function encodeFrame(head: readonly unknown[], body: Uint8Array): Uint8Array {
  const text = Buffer.from(JSON.stringify(head));
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + text.length + body.length);
  frame.writeUInt32BE(text.length, 0);
  frame.writeUInt32BE(body.length, 4);
  frame.set(text, PREFIX_BYTES);
  frame.set(body, PREFIX_BYTES + text.length);
  return frame;
}

const NOTHING = new Uint8Array();

/** @throws {UnavailableError} `STORE_VERSION_WRONG` when it has a member that would be left out */
export function encodeRecord(record: BackupRecord): Uint8Array {
  const { kind } = record;
  const members = record as unknown as Record<string, unknown>;
  const names: readonly string[] = RECORD_FIELDS[kind];
  for (const name of Object.keys(members)) {
    const isKnown = name === "kind" || name === "bytes" || names.includes(name);
    if (!isKnown) throw unknownKind(`${kind}.${name}`);
  }
  const values = names.map((name) => members[name]);
  const lengthMin = MEMBERS_MIN[kind] ?? names.length;
  while (values.length > lengthMin && values.at(-1) === undefined) values.pop();
  const head = [kind, ...values];
  return encodeFrame(head, "bytes" in record ? record.bytes : NOTHING);
}

/** `null` when the frame is no record. */
export function toRecord({ head, body }: Frame): BackupRecord | null {
  const [kind, ...members] = head as [BackupKind, ...unknown[]];
  if (!BACKUP_KINDS.includes(kind)) return null;
  const names: readonly string[] = RECORD_FIELDS[kind];
  const lengthMin = MEMBERS_MIN[kind] ?? names.length;
  if (members.length < lengthMin || members.length > names.length) return null;
  const pairs = names.map((name, at) => [name, members[at]])
    .filter(([, value], at) => at < lengthMin || (value ?? null) !== null);
  return { kind, ...Object.fromEntries(pairs), bytes: body } as BackupRecord;
}

/**
 * Frames out of pieces of any length.
 *
 * @throws {RangeError} when the bytes end amid a frame, or a length cannot be
 * @throws {SyntaxError} when a head is no JSON
 */
export async function* decodeFrames(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Frame> {
  const queue = new ByteQueue(pieces);
  for (;;) {
    const prefix = await queue.take(PREFIX_BYTES);
    if (prefix === null) return;
    const headLength = prefix.readUInt32BE(0);
    const bodyLength = prefix.readUInt32BE(4);
    if (headLength > HEAD_BYTES_MAX) throw new RangeError(`a head of ${headLength} bytes`);
    const head = await queue.take(headLength);
    const body = await queue.take(bodyLength);
    if (head === null || body === null) throw new RangeError("it ends amid a record");
    const members: unknown = JSON.parse(head.toString());
    if (!Array.isArray(members)) throw new RangeError("a head is no list");
    // Stores would write the whole memory below a view.
    yield { head: members, body: new Uint8Array(body) };
  }
}

/** Takes stretches of a given length out of pieces of any length. */
class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#source = pieces[Symbol.asyncIterator]();
  }

  /** `null` at the end. Throws `RangeError` when the end comes before `length`. */
  async take(length: number): Promise<Buffer | null> {
    while (this.#length < length) {
      const { value, done } = await this.#source.next();
      if (done) {
        if (this.#length === 0) return null;
        throw new RangeError("it ends amid a record");
      }
      this.#pieces.push(value);
      this.#length += value.length;
    }
    const [first] = this.#pieces;
    const whole = this.#pieces.length === 1
      ? Buffer.from(first!.buffer, first!.byteOffset, first!.length)
      : Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [whole.subarray(length)];
    this.#length -= length;
    return whole.subarray(0, length);
  }
}

/** What a stream of records comes to. */
export interface Content {
  counts: RecordCounts;
  /** SHA-256 (hex) over the records of each kind, as bytes. */
  digests: Partial<Record<BackupKind, string>>;
}

/** Counts records, and sums them up kind by kind. */
export class ContentMeter {
  readonly #counts: RecordCounts = {};
  readonly #hashes = new Map<BackupKind, ReturnType<typeof createHash>>();

  add(kind: BackupKind, encoded: Uint8Array): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    let hash = this.#hashes.get(kind);
    if (hash === undefined) this.#hashes.set(kind, hash = createHash("sha256"));
    hash.update(encoded);
  }

  result(): Content {
    const digests = [...this.#hashes].map(([kind, hash]) => [kind, hash.copy().digest("hex")]);
    return { counts: { ...this.#counts }, digests: Object.fromEntries(digests) };
  }
}
