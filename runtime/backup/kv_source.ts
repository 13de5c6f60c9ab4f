import { Buffer } from "node:buffer";
import { isShared } from "../../core/partitions.ts";
import type { Holder, RunEntry } from "../../core/ports.ts";
import { LABELS } from "../store/actor_keys.ts";
import { unpackPart } from "../store/archive_history.ts";
import type { Mark } from "../store/archive_tables.ts";
import { KvBlobs } from "../store/kv_blobs.ts";
import { corrupt, type PackedText } from "../store/packed_text.ts";
import { readText, type StoredValue } from "../store/stored_value.ts";
import type { StoredMessages } from "../store/topic_groups.ts";
import { listTopics, readBounds } from "../store/topic_reader.ts";
import type { BackupRecord, RecordOf } from "./backup_record.ts";
import { unknownKind } from "./unknown_kind.ts";

/** First parts of keys that this program writes, and what becomes of them in a backup. */
const KINDS: Readonly<Record<string, "kept" | "dropped">> = {
  cluster: "kept",
  lane: "dropped",
  member: "dropped",
  "node-letter": "dropped",
  "node-letter-part": "dropped",
  term: "kept",
  journal: "kept",
  mark: "kept",
  run: "kept",
  key: "kept",
  "key-of": "kept",
  compacted: "kept",
  history: "kept",
  open: "kept",
  gone: "dropped",
  snapshot: "dropped",
  "snapshot-part": "dropped",
  inbox: "kept",
  blob: "kept",
  "blob-part": "kept",
  "blob-epoch": "dropped",
  "blob-rest": "dropped",
  system: "kept",
  log: "kept",
  "log-mark": "kept",
  state: "kept",
  letter: "kept",
  topic: "kept",
  "topic-mark": "kept",
  tree: "kept",
  wish: "kept",
  document: "kept",
  parts: "kept",
  part: "kept",
  "audit-head": "kept",
  audit: "kept",
};

/** Values up to 64 KiB each are read at once. */
const PAGE = 200;

const encoder = new TextEncoder();

/**
 * Everything in a KV file to which nobody writes meanwhile.
 *
 * @throws {InvariantError} `VALUE_CORRUPT`, `BLOB_CORRUPT`
 * @throws {UnavailableError} `STORE_VERSION_WRONG` when it holds what this program does not know
 */
export async function* readKv(kv: Deno.Kv): AsyncIterable<BackupRecord> {
  await refuseUnknown(kv);
  yield* settings(kv);
  yield* partitions(kv);
  yield* segments(kv);
  yield* archives(kv);
  yield* histories(kv);
  yield* openRuns(kv);
  yield* runs(kv);
  yield* commands(kv);
  yield* reservations(kv);
  yield* systems(kv);
  yield* logs(kv);
  yield* states(kv);
  yield* trees(kv);
  yield* letters(kv);
  yield* topics(kv);
  yield* messages(kv);
  yield* wishes(kv);
  yield* documents(kv);
  yield* audit(kv);
  yield* blobs(kv);
}

async function refuseUnknown(kv: Deno.Kv): Promise<void> {
  let start: Deno.KvKey = [];
  for (;;) {
    // `true` sorts behind everything else that a key may begin with.
    const selector = { start, end: [true] };
    const [entry] = await Array.fromAsync(kv.list(selector, { limit: 1 }));
    if (entry === undefined) return;
    const kind = entry.key[0];
    if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) throw unknownKind(String(kind));
    start = [`${kind}\0`];
  }
}

function list<T>(kv: Deno.Kv, ...prefix: Deno.KvKey): Deno.KvListIterator<T> {
  return kv.list<T>({ prefix }, { batchSize: PAGE });
}

async function* settings(kv: Deno.Kv): AsyncIterable<RecordOf<"settings">> {
  const { value } = await kv.get(["cluster"]);
  if (value !== null) yield { kind: "settings", bytes: encoder.encode(JSON.stringify(value)) };
}

async function* partitions(kv: Deno.Kv): AsyncIterable<RecordOf<"partition">> {
  type Stored = { term: number; holder: Holder | null };
  for await (const { key, value: { term, holder } } of list<Stored>(kv, "term")) {
    const partition = key[1] as number;
    const lowWater = (await kv.get<number>(["mark", partition])).value ?? 1;
    const compactedTo = (await kv.get<Mark>(["compacted", partition])).value?.upTo ?? 0;
    const nextSeq = (await lastNumber(kv, ["journal", partition]) || compactedTo) + 1;
    const isLed = isTakenOver(partition, holder);
    yield { kind: "partition", partition, term, nextSeq, lowWater, isLed };
  }
}

/** Shared partitions are claimed anew in any case; of others the holder tells who has open runs. */
export function isTakenOver(partition: number, holder: unknown): boolean {
  return holder !== null && !isShared(partition);
}

/** Last part of the last key of a prefix; 0 when there is none. */
async function lastNumber(kv: Deno.Kv, prefix: Deno.KvKey): Promise<number> {
  const options = { limit: 1, reverse: true };
  const [last] = await Array.fromAsync(kv.list({ prefix }, options));
  return (last?.key.at(-1) ?? 0) as number;
}

async function* segments(kv: Deno.Kv): AsyncIterable<RecordOf<"segment">> {
  for await (const { key, value } of list<{ term: number; bytes: Uint8Array }>(kv, "journal")) {
    const [, partition, seq] = key as [string, number, number];
    yield { kind: "segment", partition, seq, term: value.term, bytes: value.bytes };
  }
}

async function* archives(kv: Deno.Kv): AsyncIterable<RecordOf<"archive">> {
  for await (const { key, value: { upTo, moving } } of list<Mark>(kv, "compacted")) {
    yield { kind: "archive", partition: key[1] as number, upTo, moving };
  }
}

/** What is left of runs that were deleted is on its way out. */
async function* histories(kv: Deno.Kv): AsyncIterable<RecordOf<"history">> {
  const gone = new Set<string>();
  for await (const { key } of list(kv, "gone")) gone.add(key[2] as string);
  for await (const { key, value } of list<PackedText & { lastSeq: number }>(kv, "history")) {
    const [, runId, firstSeq] = key as [string, string, number];
    if (gone.has(runId)) continue;
    const bytes = encoder.encode(await unpackPart({ ...value, runId, firstSeq }));
    yield { kind: "history", runId, firstSeq, lastSeq: value.lastSeq, bytes };
  }
}

async function* openRuns(kv: Deno.Kv): AsyncIterable<RecordOf<"open-run">> {
  for await (const { key, value } of list<{ upTo: number; events: number }>(kv, "open")) {
    const [, partition, runId] = key as [string, number, string];
    yield { kind: "open-run", partition, runId, upTo: value.upTo, events: value.events };
  }
}

async function* runs(kv: Deno.Kv): AsyncIterable<RecordOf<"run">> {
  for await (const { value } of list<RunEntry>(kv, "run")) yield { kind: "run", ...value };
}

async function* commands(kv: Deno.Kv): AsyncIterable<RecordOf<"command">> {
  type Stored = { runId: string; type: string; body?: string; blob?: string };
  for await (const { key, value } of list<Stored>(kv, "inbox")) {
    const { runId, type, body, blob } = value;
    const bytes = body === undefined ? await new KvBlobs(kv).read(blob!) : encoder.encode(body);
    yield { kind: "command", partition: key[1] as number, runId, type, bytes };
  }
}

/** A key whose run was never submitted is free again: whoever took it does not live here. */
async function* reservations(kv: Deno.Kv): AsyncIterable<RecordOf<"reservation">> {
  const wished = new Set<string>();
  for await (const { value } of list<{ runId: string }>(kv, "inbox")) wished.add(value.runId);
  for await (const { key, value: { runId } } of list<{ runId: string }>(kv, "key")) {
    const isSubmitted = wished.has(runId) || (await kv.get(["run", runId])).value !== null;
    if (isSubmitted) yield { kind: "reservation", key: key[1] as string, runId };
  }
}

async function* systems(kv: Deno.Kv): AsyncIterable<RecordOf<"system">> {
  for await (const { key, value: { term } } of list<{ term: number }>(kv, "system")) {
    const system = key[1] as string;
    const lowWater = await logMark(kv, system);
    const nextSegment = Math.max(await lastNumber(kv, ["log", system]) + 1, lowWater);
    yield { kind: "system", system, term, nextSegment, lowWater };
  }
}

async function logMark(kv: Deno.Kv, system: string): Promise<number> {
  return (await kv.get<number>(["log-mark", system])).value ?? 1;
}

/** What lies below the mark is on its way out. */
async function* logs(kv: Deno.Kv): AsyncIterable<RecordOf<"log">> {
  for await (const { key: [, name] } of list(kv, "system")) {
    const system = name as string;
    const range = {
      start: ["log", system, await logMark(kv, system)],
      end: ["log", system, Infinity],
    };
    type Stored = StoredValue & { term: number };
    for await (const entry of kv.list<Stored>(range, { batchSize: PAGE })) {
      const segment = entry.key[2] as number;
      const label = ({ term }: Stored) => LABELS.log(system, segment, term);
      const { value: { term }, bytes } = await textOf(kv, system, entry, label);
      yield { kind: "log", system, segment, term, bytes };
    }
  }
}

async function* states(kv: Deno.Kv): AsyncIterable<RecordOf<"state">> {
  type Stored = StoredValue & { version: number };
  for await (const entry of list<Stored>(kv, "state")) {
    const [, system, address] = entry.key as [string, string, string];
    const label = ({ version }: Stored) => LABELS.state(system, address, version);
    const { value: { version }, bytes } = await textOf(kv, system, entry, label);
    yield { kind: "state", system, address, version, bytes };
  }
}

async function* trees(kv: Deno.Kv): AsyncIterable<RecordOf<"tree">> {
  for await (const entry of list<StoredValue>(kv, "tree")) {
    const system = entry.key[1] as string;
    const { bytes } = await textOf(kv, system, entry, () => LABELS.tree(system));
    yield { kind: "tree", system, bytes };
  }
}

async function* letters(kv: Deno.Kv): AsyncIterable<RecordOf<"letter">> {
  for await (const entry of list<StoredValue>(kv, "letter")) {
    const [, system, id] = entry.key as [string, string, string];
    const { bytes } = await textOf(kv, system, entry, () => LABELS.letter(system, id));
    yield { kind: "letter", system, id, bytes };
  }
}

/** The order of keys, which is not that of UTF-16 units. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function* topics(kv: Deno.Kv): AsyncIterable<RecordOf<"topic">> {
  for await (const { key: [, name] } of list(kv, "system")) {
    const system = name as string;
    for (const topic of (await listTopics(kv, system)).sort(byBytes)) {
      const lowMark = await topicMark(kv, system, topic);
      const { next: nextPosition } = await readBounds(kv, { system, topic });
      yield { kind: "topic", system, topic, lowMark, nextPosition };
    }
  }
}

async function topicMark(kv: Deno.Kv, system: string, topic: string): Promise<number> {
  return (await kv.get<number>(["topic-mark", system, topic])).value ?? 0;
}

/** What lies below the mark is on its way out. */
async function* messages(kv: Deno.Kv): AsyncIterable<RecordOf<"message">> {
  for await (const entry of list<StoredMessages>(kv, "topic")) {
    const [, system, topic, first] = entry.key as [string, string, string, number];
    const lowMark = await topicMark(kv, system, topic);
    const label = ({ last }: StoredMessages) => LABELS.topic(system, topic, first, last);
    const { bytes } = await textOf(kv, system, entry, label);
    const found: [position: number, message: unknown][] = JSON.parse(decode(bytes));
    for (const [position, message] of found) {
      if (position < lowMark) continue;
      const text = encoder.encode(JSON.stringify(message));
      yield { kind: "message", system, topic, position, bytes: text };
    }
  }
}

async function* wishes(kv: Deno.Kv): AsyncIterable<RecordOf<"wish">> {
  for await (const entry of list<StoredValue>(kv, "wish")) {
    const system = entry.key[1] as string;
    const { bytes } = await textOf(kv, system, entry, () => LABELS.wish(system));
    yield { kind: "wish", system, bytes };
  }
}

async function* documents(kv: Deno.Kv): AsyncIterable<RecordOf<"document">> {
  for await (const { key: parts, value: bytes } of list<Uint8Array>(kv, "document")) {
    const [, collection, key] = parts as [string, string, string];
    yield { kind: "document", collection, key, bytes };
  }
}

async function* audit(kv: Deno.Kv): AsyncIterable<RecordOf<"audit-head" | "audit-line">> {
  const head = await kv.get<{ seq: number; hash: string }>(["audit-head"]);
  if (head.value !== null) {
    const { seq, hash } = head.value;
    yield { kind: "audit-head", seq, hash };
  }
  for await (const { key, value } of list<Uint8Array>(kv, "audit")) {
    yield { kind: "audit-line", seq: key[1] as number, bytes: value };
  }
}

async function* blobs(kv: Deno.Kv): AsyncIterable<RecordOf<"blob">> {
  const heap = new KvBlobs(kv);
  for await (const { sha256 } of heap.heads()) {
    yield { kind: "blob", sha256, bytes: await heap.read(sha256) };
  }
}

async function textOf<T extends StoredValue>(
  kv: Deno.Kv,
  system: string,
  entry: Deno.KvEntry<T>,
  label: (value: T) => string,
): Promise<{ value: T; bytes: Uint8Array }> {
  const found = await readText(kv, system, entry, label);
  if (found === null) throw corrupt(label(entry.value), "it went while it was read");
  return { value: found.value, bytes: encoder.encode(found.text) };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
