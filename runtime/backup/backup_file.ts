/**
 * The file of a backup:
 *
 * ```text
 * denizen-backup 2\n
 * {"program":…,"engine":…,"madeAt":…}\n
 * gzip (RFC 1952) of the records, and of a last frame ["end", counts, digests]
 * SHA-256 of all bytes before it, 32 bytes
 * ```
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { InvalidInputError, InvariantError } from "../../core/errors.ts";
import type { BackupRecord } from "./backup_record.ts";
import {
  type Content,
  ContentMeter,
  decodeFrames,
  encodeFrame,
  encodeRecord,
  toRecord,
} from "./record_codec.ts";

/**
 * Grows when an older program could not read the file any more: 2 may hold documents, and runs with
 * tenant and tags. All that were ever written are read.
 */
const FORMAT = 2;
const MAGIC = "denizen-backup ";
const DIGEST_BYTES = 32;
const HEADER_BYTES_MAX = 64 * 1024;
const PIECE_BYTES = 256 * 1024;
/** Text shrinks to about a sixth; higher levels take twice the time for a tenth less. */
const LEVEL = 4;

/** What a backup says of itself before its records. */
export interface BackupHeader {
  /** Version of the program that made it. */
  program: string;
  /** What the store was. */
  engine: "kv" | "postgres";
  /** Epoch milliseconds. */
  madeAt: number;
}

/** A backup in short. */
export interface BackupSummary extends BackupHeader, Content {
  /** Length of the file. */
  bytes: number;
  /** SHA-256 (hex) at its end. */
  sha256: string;
}

/** Writes a backup to a file that does not exist yet; only its owner may read it. */
export async function writeBackup(
  path: string,
  header: BackupHeader,
  records: AsyncIterable<BackupRecord>,
): Promise<BackupSummary> {
  const handle = await open(path, "wx", 0o600);
  try {
    const sink = new HashedFile(handle);
    await sink.write(Buffer.from(`${MAGIC}${FORMAT}\n${JSON.stringify(header)}\n`));
    const meter = new ContentMeter();
    await pipeline(
      joined(encoded(records, meter)),
      createGzip({ level: LEVEL, chunkSize: PIECE_BYTES }),
      async (pieces: AsyncIterable<Uint8Array>) => {
        for await (const piece of pieces) await sink.write(piece);
      },
    );
    const sha256 = await sink.finish();
    return { ...header, ...meter.result(), bytes: sink.length, sha256 };
  } finally {
    await handle.close();
  }
}

async function* encoded(
  records: AsyncIterable<BackupRecord>,
  meter: ContentMeter,
): AsyncIterable<Uint8Array> {
  for await (const record of records) {
    const bytes = encodeRecord(record);
    meter.add(record.kind, bytes);
    yield bytes;
  }
  const { counts, digests } = meter.result();
  yield encodeFrame(["end", counts, digests], new Uint8Array());
}

/** Each piece costs a turn of the event loop: many short records go together. */
async function* joined(frames: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let pending: Uint8Array[] = [];
  let length = 0;
  for await (const frame of frames) {
    pending.push(frame);
    length += frame.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.concat(pending, length);
    pending = [];
    length = 0;
  }
  yield Buffer.concat(pending, length);
}

/** Writes, and sums up what was written. */
class HashedFile {
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  length = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    await this.#append(bytes);
  }

  async finish(): Promise<string> {
    const digest = this.#hash.digest();
    await this.#append(digest);
    return digest.toString("hex");
  }

  async #append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
    this.length += bytes.length;
  }
}

/** A backup whose every byte was found to be what was written. */
export interface BackupReader {
  summary: BackupSummary;
  /** The records, from the file once more. */
  records(): AsyncIterable<BackupRecord>;
}

/**
 * Reads a backup to its end: checksum, every record, and their counts.
 *
 * @throws {InvalidInputError} `BACKUP_UNREADABLE` when it is no backup, or one of a newer format
 * @throws {InvariantError} `BACKUP_CORRUPT` when it is not what was written
 */
export async function openBackup(path: string): Promise<BackupReader> {
  const { header, headerBytes } = await readHeader(path);
  const { size } = await stat(path);
  const sha256 = await checkDigest(path, size);
  const end: { content: Content | null } = { content: null };
  const meter = new ContentMeter();
  const part = { start: headerBytes, end: size - DIGEST_BYTES - 1 };
  for await (const record of readRecords(path, part, end)) {
    meter.add(record.kind, encodeRecord(record));
  }
  const content = meter.result();
  if (JSON.stringify(content) !== JSON.stringify(end.content)) {
    throw corrupt(path, "its records are not those that it counts at its end");
  }
  return {
    summary: { ...header, ...content, bytes: size, sha256 },
    records: () => readRecords(path, part, { content: null }),
  };
}

async function readHeader(path: string): Promise<{ header: BackupHeader; headerBytes: number }> {
  const start = await readStart(path);
  const lines = start.toString("latin1").split("\n", 2);
  const format = lines[0]?.startsWith(MAGIC) ? Number(lines[0].slice(MAGIC.length)) : NaN;
  if (!Number.isInteger(format)) throw unreadable(path, "it does not begin like one");
  if (format > FORMAT) throw unreadable(path, `a newer Denizen made it (format ${format})`);
  const headerBytes = lines.join("\n").length + 1;
  try {
    const header = JSON.parse(start.subarray(lines[0]!.length + 1, headerBytes).toString());
    return { header, headerBytes };
  } catch {
    throw corrupt(path, "its header is no JSON");
  }
}

async function readStart(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, "r");
    try {
      const buffer = Buffer.alloc(HEADER_BYTES_MAX);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause));
  }
}

async function checkDigest(path: string, size: number): Promise<string> {
  if (size < DIGEST_BYTES) throw corrupt(path, "it is cut off");
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { end: size - DIGEST_BYTES - 1 })) {
    hash.update(piece);
  }
  const expected: Uint8Array[] = [];
  for await (const piece of createReadStream(path, { start: size - DIGEST_BYTES })) {
    expected.push(piece);
  }
  const found = hash.digest("hex");
  if (Buffer.concat(expected).toString("hex") === found) return found;
  throw corrupt(path, "its SHA-256 does not match");
}

async function* readRecords(
  path: string,
  part: { start: number; end: number },
  end: { content: Content | null },
): AsyncIterable<BackupRecord> {
  try {
    for await (const frame of decodeFrames(gunzip(path, part))) {
      if (end.content !== null) throw new RangeError("something follows its end");
      const record = toRecord(frame);
      if (record !== null) yield record;
      else if (frame.head[0] === "end") {
        const [, counts, digests] = frame.head as [string, ...unknown[]];
        end.content = { counts, digests } as Content;
      } else throw new RangeError(`it holds "${String(frame.head[0])}", which is unknown`);
    }
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    throw corrupt(path, error instanceof Error ? error.message : String(error));
  }
}

async function* gunzip(
  path: string,
  part: { start: number; end: number },
): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { ...part, highWaterMark: PIECE_BYTES });
  const unpacked = createGunzip({ chunkSize: PIECE_BYTES });
  file.on("error", (error) => unpacked.destroy(error));
  try {
    yield* file.pipe(unpacked);
  } finally {
    file.destroy();
  }
}

function unreadable(path: string, reason: string): InvalidInputError {
  return new InvalidInputError("BACKUP_UNREADABLE", {
    message: `Cannot read "${path}" as a backup: ${reason}`,
    hint: "Name a file that was made with: deno task denizen backup FILE",
    details: { path },
  });
}

function corrupt(path: string, reason: string): InvariantError {
  return new InvariantError("BACKUP_CORRUPT", {
    message: `Read backup "${path}" and found it altered: ${reason}`,
    hint: "Use another copy of it, or an earlier backup",
    details: { path },
  });
}
