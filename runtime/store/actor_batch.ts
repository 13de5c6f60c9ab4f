import { Buffer } from "node:buffer";
import type { EncodedUnit } from "./unit_limits.ts";

/** A longer value is stored in parts, beside the atomic write that makes it visible. */
export const INLINE_BYTES_MAX = 60 * 1024;

/**
 * An atomic write takes 1,000 mutations, 80 KiB of keys and 800 KiB of values; all three with room
 * to spare.
 */
const BYTES_MAX = 512 * 1024;
const MUTATIONS_MAX = 800;
const KEYS_BYTES_MAX = 60 * 1024;

/** Parts of a key beside system and name, and framing of a value. */
const KEY_BYTES = 24;
const VALUE_BYTES = 200;

/** What becomes of one value: its text, or that it goes. */
interface ValueWrite {
  text: string | null;
  /** UTF-8 bytes of the text. */
  bytes: number;
}

export interface BatchedState extends ValueWrite {
  version: number;
}

/** What a batch must know of the system that it is for. */
export interface BatchContext {
  system: string;
  /** Whether the stored value that a new one replaces is in parts, which go with it. */
  isInParts(kind: "state" | "letter", name: string): boolean;
}

/** Units that one atomic write takes together. A later value of a name stands for the earlier. */
export class ActorBatch {
  /** JSON texts of events, without brackets. */
  readonly log: string[] = [];
  /** By address. */
  readonly states = new Map<string, BatchedState>();
  /** By id. */
  readonly letters = new Map<string, ValueWrite>();
  /** By topic. */
  readonly history = new Map<string, { offset: number; text: string }[]>();
  readonly handledWishes: string[] = [];
  readonly #context: BatchContext;
  readonly #keyBytes: number;
  #bytes = 0;
  #mutations = 0;
  #keysBytes = 0;
  #isEmpty = true;

  constructor(context: BatchContext) {
    this.#context = context;
    this.#keyBytes = KEY_BYTES + Buffer.byteLength(context.system);
  }

  /** Takes a unit, unless it does not fit: `false`. An empty batch takes any. */
  add(unit: EncodedUnit): boolean {
    const before = [this.#bytes, this.#mutations, this.#keysBytes] as const;
    this.#weigh(unit);
    const isOver = this.#bytes > BYTES_MAX || this.#mutations > MUTATIONS_MAX ||
      this.#keysBytes > KEYS_BYTES_MAX;
    if (isOver && !this.#isEmpty) {
      [this.#bytes, this.#mutations, this.#keysBytes] = before;
      return false;
    }
    this.#isEmpty = false;
    this.#take(unit);
    return true;
  }

  #weigh(unit: EncodedUnit): void {
    this.#bytes += unit.logBytes;
    for (const state of unit.states) {
      this.#weighValue("state", state.address, state.bytes, this.states.get(state.address));
    }
    for (const letter of unit.letters) {
      this.#weighValue("letter", letter.id, letter.bytes, this.letters.get(letter.id));
    }
    for (const id of unit.lettersGone) {
      this.#weighValue("letter", id, 0, this.letters.get(id));
    }
    for (const { topic, bytes } of unit.history) {
      this.#bytes += bytes + VALUE_BYTES;
      if (!this.history.has(topic)) this.#weighName(topic);
    }
    for (const id of unit.handledWishes) this.#weighName(id);
  }

  #weighValue(
    kind: "state" | "letter",
    name: string,
    bytes: number,
    replaced: ValueWrite | undefined,
  ): void {
    this.#bytes += inline(bytes) - (replaced === undefined ? 0 : inline(replaced.bytes));
    if (bytes > INLINE_BYTES_MAX) this.#weighName("");
    if (replaced !== undefined) return;
    this.#weighName(name);
    if (this.#context.isInParts(kind, name)) this.#weighName("");
  }

  #weighName(name: string): void {
    this.#mutations++;
    this.#keysBytes += this.#keyBytes + Buffer.byteLength(name);
  }

  #take(unit: EncodedUnit): void {
    if (unit.log !== "") this.log.push(unit.log);
    for (const { address, ...state } of unit.states) this.states.set(address, state);
    for (const { id, ...letter } of unit.letters) this.letters.set(id, letter);
    for (const id of unit.lettersGone) this.letters.set(id, { text: null, bytes: 0 });
    for (const { topic, offset, text } of unit.history) {
      const entries = this.history.get(topic);
      if (entries === undefined) this.history.set(topic, [{ offset, text }]);
      else entries.push({ offset, text });
    }
    this.handledWishes.push(...unit.handledWishes);
  }
}

function inline(bytes: number): number {
  return VALUE_BYTES + Math.min(bytes, INLINE_BYTES_MAX);
}

/** Puts units together, in order, as many as one atomic write takes. */
export function batchUnits(
  units: readonly EncodedUnit[],
  context: BatchContext,
): ActorBatch[] {
  const batches = [new ActorBatch(context)];
  for (const unit of units) {
    if (batches.at(-1)!.add(unit)) continue;
    const next = new ActorBatch(context);
    next.add(unit);
    batches.push(next);
  }
  return batches;
}
