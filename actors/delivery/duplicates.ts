import type { DurableMessage } from "./message.ts";

/** An id that a message came with. */
interface RememberedId {
  key: string;
  /** Of the message. */
  seq: number;
  at: number;
  segment: number;
  newer: RememberedId | null;
}

/**
 * The ids of accepted messages, for a time or until so many later ones came, whichever is first.
 * A queue beside a map: each step costs O(1).
 */
export class IdWindow {
  readonly #limits: { windowMs: number; idsMax: number };
  readonly #byKey = new Map<string, RememberedId>();
  #oldest: RememberedId | null = null;
  #newest: RememberedId | null = null;
  #size = 0;

  constructor(limits: { windowMs: number; idsMax: number }) {
    this.#limits = limits;
  }

  /** Ids in memory; some may be over already. */
  get size(): number {
    return this.#size;
  }

  /** Seq of the message that came with this key, unless that was too long ago. */
  find(key: string, at: number): number | null {
    const found = this.#byKey.get(key);
    return found === undefined || this.#isOver(found, at) ? null : found.seq;
  }

  remember(key: string, seq: number, at: number, segment: number): void {
    const id: RememberedId = { key, seq, at, segment, newer: null };
    if (this.#newest === null) this.#oldest = id;
    else this.#newest.newer = id;
    this.#newest = id;
    this.#byKey.set(key, id);
    this.#size++;
    this.#forget(at);
  }

  /** First segment that holds an id which still counts; `null` without any. */
  firstSegment(at: number): number | null {
    this.#forget(at);
    return this.#oldest?.segment ?? null;
  }

  /** What still counts, oldest first: key and seq. */
  list(at: number): [key: string, seq: number][] {
    const listed: [string, number][] = [];
    for (let id = this.#oldest; id !== null; id = id.newer) {
      if (!this.#isOver(id, at) && this.#byKey.get(id.key) === id) listed.push([id.key, id.seq]);
    }
    return listed;
  }

  #isOver(id: RememberedId, at: number): boolean {
    return id.at + this.#limits.windowMs <= at;
  }

  #forget(at: number): void {
    while (this.#size > this.#limits.idsMax || this.#isOldestOver(at)) {
      const over = this.#oldest!;
      this.#oldest = over.newer;
      // A dead link from the old generation would keep all later ids alive.
      over.newer = null;
      if (this.#oldest === null) this.#newest = null;
      if (this.#byKey.get(over.key) === over) this.#byKey.delete(over.key);
      this.#size--;
    }
  }

  #isOldestOver(at: number): boolean {
    return this.#oldest !== null && this.#isOver(this.#oldest, at);
  }
}

/**
 * What the id of a message is remembered by. The sender is part of it: otherwise one sender could
 * make the messages of another vanish by using their ids first.
 */
export function keyOfId({ to, from, id }: DurableMessage): string {
  return `${to}\n${from}\n${id}`;
}
