/**
 * Journal segments as bytes: JSON text of `[{"r": runId, "e": [event, …]}, …]`, at most
 * {@linkcode SEGMENT_BYTES_MAX} long. An event whose text is long goes to a blob, and its place
 * holds `{"$blob": sha256}`.
 *
 * @module
 */
import type { JournalRecord } from "../../core/ports.ts";

/** A KV value holds 65,536 bytes with its own framing; this leaves room for it. */
export const SEGMENT_BYTES_MAX = 60 * 1024;

/** Events with a longer text become blobs. */
export const EVENT_CHARS_MAX = 12 * 1024;

/** A record of more events is likely to be long: its text is not made twice. */
const EVENTS_MAX = 32;

/** Stands in the place of a long event. */
export type BlobReference = { $blob: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Puts records into as few segments as they fit, in order. */
export async function encodeSegments<Event>(
  records: readonly JournalRecord<Event>[],
  putBlob: (bytes: Uint8Array) => Promise<string>,
): Promise<Uint8Array[]> {
  const segments: Uint8Array[] = [];
  let parts: string[] = [];
  let chars = 0;
  const flush = () => {
    if (parts.length > 0) segments.push(...split(parts));
    parts = [];
    chars = 0;
  };
  for (const record of records) {
    for (const part of await encodeRecord(record, putBlob)) {
      if (chars + part.length > SEGMENT_BYTES_MAX - 64) flush();
      parts.push(part);
      chars += part.length + 1;
    }
  }
  flush();
  return segments;
}

/** Text outside ASCII takes more bytes than characters: halve until each piece fits. */
function split(parts: string[]): Uint8Array[] {
  const bytes = encoder.encode(`[${parts.join(",")}]`);
  if (bytes.length <= SEGMENT_BYTES_MAX || parts.length === 1) return [bytes];
  const half = parts.length >> 1;
  return [...split(parts.slice(0, half)), ...split(parts.slice(half))];
}

/** One text per record, or several when its events do not fit into one segment. */
function encodeRecord<Event>(
  record: JournalRecord<Event>,
  putBlob: (bytes: Uint8Array) => Promise<string>,
): string[] | Promise<string[]> {
  if (record.events.length > EVENTS_MAX) return encodeLongRecord(record, putBlob);
  const text = `{"r":${JSON.stringify(record.runId)},"e":${JSON.stringify(record.events)}}`;
  return text.length <= EVENT_CHARS_MAX ? [text] : encodeLongRecord(record, putBlob);
}

async function encodeLongRecord<Event>(
  record: JournalRecord<Event>,
  putBlob: (bytes: Uint8Array) => Promise<string>,
): Promise<string[]> {
  const parts: string[] = [];
  let events: string[] = [];
  let chars = 0;
  const flush = () => {
    if (events.length > 0) {
      parts.push(`{"r":${JSON.stringify(record.runId)},"e":[${events.join(",")}]}`);
    }
    events = [];
    chars = 0;
  };
  for (const event of record.events) {
    let text = JSON.stringify(event);
    if (text.length > EVENT_CHARS_MAX) {
      text = JSON.stringify({ $blob: await putBlob(encoder.encode(text)) });
    }
    if (chars + text.length > EVENT_CHARS_MAX) flush();
    events.push(text);
    chars += text.length + 1;
  }
  flush();
  return parts;
}

/** Reads a segment back, blobs included. */
export async function decodeSegment<Event>(
  bytes: Uint8Array,
  getBlob: (sha256: string) => Promise<Uint8Array>,
): Promise<JournalRecord<Event>[]> {
  const records: JournalRecord<Event>[] = [];
  for (const { r: runId, e } of parseSegment<Event>(bytes)) {
    const events = await Promise.all(e.map((event) => resolveEvent(event, getBlob)));
    records.push({ runId, events });
  }
  return records;
}

/** A segment as it is stored: events may stand for blobs. */
export function parseSegment<Event>(
  bytes: Uint8Array,
): { r: string; e: (Event | BlobReference)[] }[] {
  return JSON.parse(decoder.decode(bytes));
}

/** The event itself, or the one in the blob that stands in its place. */
export function resolveEvent<Event>(
  event: Event | BlobReference,
  getBlob: (sha256: string) => Promise<Uint8Array>,
): Event | Promise<Event> {
  if (!isBlobReference(event)) return event;
  return getBlob(event.$blob).then((bytes) => JSON.parse(decoder.decode(bytes)));
}

function isBlobReference(event: unknown): event is BlobReference {
  return typeof event === "object" && event !== null && "$blob" in event;
}
