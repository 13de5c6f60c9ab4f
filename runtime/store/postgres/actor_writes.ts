import type { ActorCommit, SystemFence } from "../../../core/actor_ports.ts";
import { LABELS } from "../actor_keys.ts";
import { type PackedText, packText } from "../packed_text.ts";
import { type EncodedUnit, encodeUnit, measure } from "../unit_limits.ts";

/** One row that holds a packed text. */
export type Row =
  & PackedText
  & (
    | { kind: "log"; segment: number }
    | { kind: "state"; address: string; version: number }
    | {
      kind: "letter";
      id: string;
    }
    | { kind: "message"; topic: string; position: number }
    | { kind: "tree" }
  );

/** How far a topic goes: messages below the mark are gone. */
export interface TopicMark {
  lowMark: number;
  nextPosition: number;
}

/** A commit as rows: the last value of each name, and names that go. */
export interface ActorWrites {
  rows: Row[];
  statesGone: string[];
  lettersGone: string[];
  handledWishes: string[];
  topics: Map<string, TopicMark>;
  /** Topics of which messages may be below the mark. */
  trimmed: string[];
  nextSegment: number;
}

/** Events of several units go into one segment up to this length. */
const SEGMENT_CHARS_MAX = 1024 * 1024;

/** Values by name as a commit leaves them; `null`: gone. */
interface LastValues {
  states: Map<string, { version: number; text: string | null }>;
  letters: Map<string, string | null>;
}

/**
 * Packs a commit.
 *
 * @param nextSegment number of the first segment to write
 * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE`
 */
export async function packCommit<Event>(
  fence: SystemFence,
  commit: ActorCommit<Event>,
  { nextSegment, compressOverBytes }: { nextSegment: number; compressOverBytes: number },
): Promise<ActorWrites> {
  const units = commit.units.map(encodeUnit);
  const tree = commit.tree === undefined ? null : JSON.stringify(commit.tree);
  if (tree !== null) measure(tree, "the tree of a system");
  const { system, term } = fence;
  const pack = (text: string, label: string) => packText(text, label, compressOverBytes);
  const rows: Row[] = [];
  for (const events of joinLogs(units)) {
    const segment = nextSegment++;
    const packed = await pack(`[${events}]`, LABELS.log(system, segment, term));
    rows.push({ kind: "log", segment, ...packed });
  }
  const { states, letters } = lastValues(units);
  for (const [address, { version, text }] of states) {
    if (text === null) continue;
    const packed = await pack(text, LABELS.state(system, address, version));
    rows.push({ kind: "state", address, version, ...packed });
  }
  for (const [id, text] of letters) {
    if (text === null) continue;
    rows.push({ kind: "letter", id, ...await pack(text, LABELS.letter(system, id)) });
  }
  const topics = topicMarks(units, commit.historyTrim ?? []);
  for (const { topic, offset: position, text } of units.flatMap((unit) => unit.history)) {
    if (position < topics.get(topic)!.lowMark) continue;
    const packed = await pack(text, LABELS.topic(system, topic, position, position));
    rows.push({ kind: "message", topic, position, ...packed });
  }
  if (tree !== null) rows.push({ kind: "tree", ...await pack(tree, LABELS.tree(system)) });
  return {
    rows,
    statesGone: namesGone(states, ({ text }) => text === null),
    lettersGone: namesGone(letters, (text) => text === null),
    handledWishes: units.flatMap((unit) => unit.handledWishes),
    topics,
    trimmed: (commit.historyTrim ?? []).map(({ topic }) => topic),
    nextSegment,
  };
}

function* joinLogs(units: readonly EncodedUnit[]): Iterable<string> {
  let parts: string[] = [];
  let chars = 0;
  for (const { log } of units) {
    if (log === "") continue;
    if (parts.length > 0 && chars + log.length > SEGMENT_CHARS_MAX) {
      yield parts.join(",");
      parts = [];
      chars = 0;
    }
    parts.push(log);
    chars += log.length;
  }
  if (parts.length > 0) yield parts.join(",");
}

function lastValues(units: readonly EncodedUnit[]): LastValues {
  const states: LastValues["states"] = new Map();
  const letters: LastValues["letters"] = new Map();
  for (const unit of units) {
    for (const { address, version, text } of unit.states) states.set(address, { version, text });
    for (const { id, text } of unit.letters) letters.set(id, text);
    for (const id of unit.lettersGone) letters.set(id, null);
  }
  return { states, letters };
}

function topicMarks(
  units: readonly EncodedUnit[],
  trims: readonly { topic: string; below: number }[],
): Map<string, TopicMark> {
  const marks = new Map<string, TopicMark>();
  const raise = (topic: string, lowMark: number, nextPosition: number) => {
    const mark = marks.get(topic) ?? { lowMark: 0, nextPosition: 0 };
    marks.set(topic, {
      lowMark: Math.max(mark.lowMark, lowMark),
      nextPosition: Math.max(mark.nextPosition, nextPosition),
    });
  };
  for (const { topic, offset } of units.flatMap((unit) => unit.history)) {
    raise(topic, 0, offset + 1);
  }
  for (const { topic, below } of trims) raise(topic, below, below);
  return marks;
}

function namesGone<T>(values: ReadonlyMap<string, T>, isGone: (value: T) => boolean): string[] {
  return [...values].filter(([, value]) => isGone(value)).map(([name]) => name);
}
