/**
 * Messages of KV Connect's data path (`com.deno.kv.datapath` of denoland/denokv), in the wire format
 * of Protocol Buffers.
 *
 * @module
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { EncodedValue } from "./value_codec.ts";

export interface Check {
  key: Uint8Array;
  /** Ten bytes; none: the key is not there. */
  versionstamp: Uint8Array;
}

/** Numbers of the protocol's `MutationType`. */
export const MUTATION = { set: 1, delete: 2, sum: 3, max: 4, min: 5, setWithVersionstamp: 9 };

export interface Mutation {
  type: number;
  key: Uint8Array;
  value?: EncodedValue;
  /** Epoch milliseconds. */
  expireAt?: number;
}

export interface AtomicWrite {
  checks: readonly Check[];
  mutations: readonly Mutation[];
}

export interface AtomicWriteOutput {
  /** One of {@linkcode WRITE_STATUS}. */
  status: number;
  versionstamp: Uint8Array;
}

export const WRITE_STATUS = { done: 1, checkFailed: 2, disabled: 5 };

export interface ReadRange {
  start: Uint8Array;
  /** Not part of it. */
  end: Uint8Array;
  limit: number;
  reverse?: boolean;
}

export interface Entry {
  key: Uint8Array;
  value: EncodedValue;
  versionstamp: Uint8Array;
}

export interface SnapshotReadOutput {
  /** For each range of the request. */
  ranges: Entry[][];
  /** This server cannot answer at present. */
  isDisabled: boolean;
  isStrong: boolean;
}

/** What became of one watched key. */
export interface WatchedKey {
  hasChanged: boolean;
  entry: Entry | null;
}

const READ_DISABLED = 2;

export function encodeAtomicWrite({ checks, mutations }: AtomicWrite): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const { key, versionstamp } of checks) {
    nest(writer, 1, () => {
      bytes(writer, 1, key);
      bytes(writer, 2, versionstamp);
    });
  }
  for (const mutation of mutations) nest(writer, 2, () => writeMutation(writer, mutation));
  return writer.finish();
}

function writeMutation(writer: BinaryWriter, { type, key, value, expireAt }: Mutation): void {
  bytes(writer, 1, key);
  if (value !== undefined) {
    nest(writer, 2, () => {
      bytes(writer, 1, value.data);
      writer.tag(2, WireType.Varint).int32(value.encoding);
    });
  }
  writer.tag(3, WireType.Varint).int32(type);
  if (expireAt !== undefined) writer.tag(4, WireType.Varint).int64(expireAt);
}

export function encodeSnapshotRead(ranges: readonly ReadRange[]): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const { start, end, limit, reverse } of ranges) {
    nest(writer, 1, () => {
      bytes(writer, 1, start);
      bytes(writer, 2, end);
      writer.tag(3, WireType.Varint).int32(limit);
      writer.tag(4, WireType.Varint).bool(reverse ?? false);
    });
  }
  return writer.finish();
}

export function encodeWatch(keys: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const key of keys) nest(writer, 1, () => bytes(writer, 1, key));
  return writer.finish();
}

export function decodeAtomicWriteOutput(message: Uint8Array): AtomicWriteOutput {
  const output: AtomicWriteOutput = { status: 0, versionstamp: new Uint8Array() };
  read(message, (reader, field) => {
    if (field === 1) output.status = reader.int32();
    else if (field === 2) output.versionstamp = reader.bytes();
    else return false;
    return true;
  });
  return output;
}

export function decodeSnapshotReadOutput(message: Uint8Array): SnapshotReadOutput {
  const output: SnapshotReadOutput = { ranges: [], isDisabled: false, isStrong: false };
  read(message, (reader, field) => {
    if (field === 1) output.ranges.push(decodeRange(reader.bytes()));
    else if (field === 2) output.isDisabled ||= reader.bool();
    else if (field === 4) output.isStrong = reader.bool();
    else if (field === 8) output.isDisabled ||= reader.int32() === READ_DISABLED;
    else return false;
    return true;
  });
  return output;
}

/** `null` when the server cannot answer at present. */
export function decodeWatchOutput(message: Uint8Array): WatchedKey[] | null {
  const keys: WatchedKey[] = [];
  let isDisabled = false;
  read(message, (reader, field) => {
    if (field === 1) isDisabled = reader.int32() === READ_DISABLED;
    else if (field === 2) keys.push(decodeWatchedKey(reader.bytes()));
    else return false;
    return true;
  });
  return isDisabled ? null : keys;
}

function decodeWatchedKey(message: Uint8Array): WatchedKey {
  const watched: WatchedKey = { hasChanged: false, entry: null };
  read(message, (reader, field) => {
    if (field === 1) watched.hasChanged = reader.bool();
    else if (field === 2) watched.entry = decodeEntry(reader.bytes());
    else return false;
    return true;
  });
  return watched;
}

function decodeRange(message: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  read(message, (reader, field) => {
    if (field !== 1) return false;
    entries.push(decodeEntry(reader.bytes()));
    return true;
  });
  return entries;
}

function decodeEntry(message: Uint8Array): Entry {
  const none = new Uint8Array();
  const entry: Entry = { key: none, value: { data: none, encoding: 0 }, versionstamp: none };
  read(message, (reader, field) => {
    if (field === 1) entry.key = reader.bytes();
    else if (field === 2) entry.value.data = reader.bytes();
    else if (field === 3) entry.value.encoding = reader.int32();
    else if (field === 4) entry.versionstamp = reader.bytes();
    else return false;
    return true;
  });
  return entry;
}

/** Calls `take` for each field; what it does not take is skipped. */
function read(
  message: Uint8Array,
  take: (reader: BinaryReader, field: number) => boolean,
): void {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (!take(reader, field)) reader.skip(type, field);
  }
}

function bytes(writer: BinaryWriter, field: number, value: Uint8Array): void {
  writer.tag(field, WireType.LengthDelimited).bytes(value);
}

function nest(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}
