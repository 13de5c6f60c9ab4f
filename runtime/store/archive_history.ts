/**
 * Histories as text: a line for each segment that has events of the run, `[seq, event, event, …]`,
 * in order. A history is kept in parts of many lines each.
 *
 * An event stands in its line as it stood in the journal, so also as `{"$blob": sha256}`.
 *
 * @module
 */
import type { Json } from "../../core/json.ts";
import type { HistoryPart } from "./archive_tables.ts";
import { corrupt, type PackedText, packText, unpackText } from "./packed_text.ts";

/** Events of one run in one segment. */
export interface HistoryLine {
  seq: number;
  events: Json[];
}

/** A part takes at most this much when it is packed: a KV value takes 64 KiB. */
const PART_BYTES_MAX = 60 * 1024;
/** Texts of this length mostly pack into one part, in one go. */
const PART_CHARS = 192 * 1024;
/** A part shorter than this is written anew with what follows, rather than left alone. */
export const PART_BYTES_FEW = 16 * 1024;
/** Texts over this many bytes are worth compressing. */
const COMPRESS_OVER_BYTES = 200;

/** Packs lines into parts. */
export async function packLines(
  runId: string,
  lines: readonly HistoryLine[],
): Promise<HistoryPart[]> {
  const parts: HistoryPart[] = [];
  let texts: string[] = [];
  let first = 0;
  let chars = 0;
  for (const [at, { seq, events }] of lines.entries()) {
    const text = `[${seq},${JSON.stringify(events).slice(1)}`;
    if (chars > 0 && chars + text.length > PART_CHARS) {
      parts.push(...await pack(runId, lines.slice(first, at), texts));
      texts = [];
      first = at;
      chars = 0;
    }
    texts.push(text);
    chars += text.length;
  }
  return [...parts, ...await pack(runId, lines.slice(first), texts)];
}

/** What does not get small enough is halved; one line is no longer than a segment. */
async function pack(
  runId: string,
  lines: readonly HistoryLine[],
  texts: readonly string[],
): Promise<HistoryPart[]> {
  const firstSeq = lines[0]!.seq;
  const packed = await packPart(runId, firstSeq, texts.join("\n"));
  if (packed.bytes.length <= PART_BYTES_MAX || lines.length === 1) {
    return [{ runId, firstSeq, lastSeq: lines.at(-1)!.seq, ...packed }];
  }
  const half = lines.length >> 1;
  return [
    ...await pack(runId, lines.slice(0, half), texts.slice(0, half)),
    ...await pack(runId, lines.slice(half), texts.slice(half)),
  ];
}

/**
 * The lines of a part.
 *
 * @throws {InvariantError} `VALUE_CORRUPT`
 */
export async function unpackLines(part: HistoryPart): Promise<HistoryLine[]> {
  const label = labelOf(part.runId, part.firstSeq);
  const text = await unpackPart(part);
  const lines = text.split("\n").map((line): HistoryLine => {
    const [seq, ...events] = JSON.parse(line) as [number, ...Json[]];
    return { seq, events };
  });
  // Neither stands under the checksum, and both decide what is read.
  const isWhole = lines[0]!.seq === part.firstSeq && lines.at(-1)!.seq === part.lastSeq;
  if (!isWhole) throw corrupt(label, "it does not begin and end where it says");
  return lines;
}

/** A part's text, packed. */
export function packPart(
  runId: string,
  firstSeq: number,
  text: string,
): PackedText | Promise<PackedText> {
  return packText(text, labelOf(runId, firstSeq), COMPRESS_OVER_BYTES);
}

/**
 * A part's text.
 *
 * @throws {InvariantError} `VALUE_CORRUPT`
 */
export function unpackPart(
  { runId, firstSeq, ...packed }: PackedText & { runId: string; firstSeq: number },
): Promise<string> {
  return unpackText(packed, labelOf(runId, firstSeq));
}

function labelOf(runId: string, firstSeq: number): string {
  return `history ${runId} ${firstSeq}`;
}
