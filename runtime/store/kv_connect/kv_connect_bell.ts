/**
 * The doorbell of a KV Connect server: `watch`. Who rings writes topics under one of ten keys, in
 * turn; who listens watches all ten. Rings that follow each other faster than a watcher looks may
 * cover each other: they are hints.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { BellTopic, Doorbell } from "../../../core/cluster_ports.ts";
import type { Connection } from "./connection.ts";
import { encodeKey } from "./key_codec.ts";
import { encodeAtomicWrite, MUTATION, type WatchedKey } from "./messages.ts";
import { decodeValue, encodeValue } from "./value_codec.ts";
import { WATCHED_KEYS_MAX, watchKeys } from "./watch_keys.ts";

/** Characters of the topics that go together; a value takes 64 KiB. */
const TOPICS_CHARS_MAX = 10_000;

const SLOTS = Array.from({ length: WATCHED_KEYS_MAX }, (_, slot) => encodeKey(["bell", slot]));

/** Watches when it is first listened to; ends with its connection. */
export class KvConnectBell implements Doorbell {
  readonly #connection: Connection;
  readonly #listeners = new Set<(topic: BellTopic) => void>();
  readonly #waiting = new Set<BellTopic>();
  #isRinging = false;
  #watching: AbortController | null = null;
  #slot = Math.floor(SLOTS.length * Math.random());

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Topics of one turn, and those that come while the bell rings, go together. */
  ring(topics: readonly BellTopic[]): void {
    for (const topic of topics) this.#waiting.add(topic);
    if (this.#isRinging) return;
    this.#isRinging = true;
    void this.#ringAll();
  }

  async #ringAll(): Promise<void> {
    // The rings of this turn are yet to come.
    await Promise.resolve();
    while (this.#waiting.size > 0 && !this.#connection.closing.aborted) {
      const topics = takeSome(this.#waiting);
      this.#slot = (this.#slot + 1) % SLOTS.length;
      const set = { type: MUTATION.set, key: SLOTS[this.#slot]!, value: encodeValue(topics) };
      const request = encodeAtomicWrite({ checks: [], mutations: [set] });
      // A hint: whoever waits for it looks by itself as well.
      await this.#connection.post("atomic_write", request).catch(() => {});
    }
    this.#waiting.clear();
    this.#isRinging = false;
  }

  listen(onRing: (topic: BellTopic) => void): () => void {
    // The same function may listen twice, and each is ended by itself.
    const tell = (topic: BellTopic) => onRing(topic);
    this.#listeners.add(tell);
    if (this.#watching === null) {
      this.#watching = new AbortController();
      void this.#watch(this.#watching.signal);
    }
    return () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size > 0) return;
      this.#watching?.abort();
      this.#watching = null;
    };
  }

  /** Goes on when the server comes back; what was rung meanwhile is told then. */
  async #watch(ended: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([ended, this.#connection.closing]);
    // What stands there at first was rung before.
    let heard: string[] | null = null;
    for await (const watched of watchKeys(this.#connection, SLOTS, signal)) {
      const stamps = watched.map(({ entry }) => entry?.versionstamp.toHex() ?? "");
      const before: string[] = heard ?? stamps;
      heard = stamps.map((stamp, slot) => watched[slot]!.hasChanged ? stamp : before[slot]!);
      for (const [slot, one] of watched.entries()) {
        if (heard[slot] !== before[slot] && !ended.aborted) this.#tell(one);
      }
      await sleep(0);
    }
  }

  #tell({ entry }: WatchedKey): void {
    if (entry === null) return;
    for (const topic of decodeValue(entry.value) as BellTopic[]) {
      for (const tell of this.#listeners) tell(topic);
    }
  }
}

/** As many topics as go into one value, at least one. */
function takeSome(topics: Set<BellTopic>): BellTopic[] {
  const some: BellTopic[] = [];
  let chars = 0;
  for (const topic of topics) {
    chars += topic.length;
    if (some.length > 0 && chars > TOPICS_CHARS_MAX) break;
    some.push(topic);
    topics.delete(topic);
  }
  return some;
}
