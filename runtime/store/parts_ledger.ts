import { KEYS } from "./actor_keys.ts";
import type { FencedWriter, Mutation } from "./fenced_writer.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { cut, type Parts } from "./stored_value.ts";

/** What the ledger stores for each long value. */
interface LedgerEntry {
  count: number;
  /** Key that the parts belong to, in words; `null`: they are waste, or not referred to yet. */
  owner: string | null;
}

/** Part keys deleted in one step. */
const SWEEP_STEP = 64;

/**
 * Which parts of long values are stored, and whose they are. Written ahead of the parts without an
 * owner; the owner is set by the atomic write that makes the value visible, and taken away by the
 * one that replaces it. So after a crash whatever has no owner is waste.
 */
export class PartsLedger {
  readonly #system: string;
  readonly #term: number;
  readonly #owned = new Map<string, Parts>();
  readonly #waste: Parts[] = [];
  #count = 0;

  constructor(system: string, term: number) {
    this.#system = system;
    this.#term = term;
  }

  /** Reads what former leaders left. */
  async load(kv: Deno.Kv): Promise<void> {
    const entries = await retryWhileLocked(() =>
      Array.fromAsync(kv.list<LedgerEntry>({ prefix: ["parts", this.#system] }))
    );
    for (const { key, value: { count, owner } } of entries) {
      const parts = { id: key[2] as string, count };
      if (owner === null) this.#waste.push(parts);
      else this.#owned.set(owner, parts);
    }
  }

  has(owner: string): boolean {
    return this.#owned.has(owner);
  }

  /** Writes the parts of a value; nobody sees them yet. */
  async writeAhead(bytes: Uint8Array, writer: FencedWriter): Promise<Parts> {
    const pieces = cut(bytes);
    const parts = { id: `${this.#term}-${++this.#count}`, count: pieces.length };
    await writer.add([this.#entry(parts, null)]);
    for (const [at, value] of pieces.entries()) {
      const key = KEYS.part(this.#system, parts.id, at);
      await writer.add([{ key, value, bytes: value.length }]);
    }
    return parts;
  }

  /** What goes into the atomic write that gives the owner's key a new value, or none. */
  replace(owner: string, parts: Parts | null): Mutation[] {
    const mutations: Mutation[] = [];
    const old = this.#owned.get(owner);
    if (old !== undefined) {
      mutations.push(this.#entry(old, null));
      this.#owned.delete(owner);
      this.#waste.push({ ...old });
    }
    if (parts !== null) {
      mutations.push(this.#entry(parts, owner));
      this.#owned.set(owner, parts);
    }
    return mutations;
  }

  /** Deletes some of the parts that have no owner; at most about `SWEEP_STEP`. */
  sweep(): Mutation[] {
    const mutations: Mutation[] = [];
    while (mutations.length < SWEEP_STEP) {
      const parts = this.#waste.at(-1);
      if (parts === undefined) break;
      while (parts.count > 0 && mutations.length < SWEEP_STEP) {
        mutations.push({ key: KEYS.part(this.#system, parts.id, --parts.count), bytes: 0 });
      }
      if (parts.count > 0) break;
      mutations.push({ key: KEYS.parts(this.#system, parts.id), bytes: 0 });
      this.#waste.pop();
    }
    return mutations;
  }

  #entry(parts: Parts, owner: string | null): Mutation {
    const value: LedgerEntry = { count: parts.count, owner };
    return {
      key: KEYS.parts(this.#system, parts.id),
      value,
      bytes: 100 + 3 * (owner?.length ?? 0),
    };
  }
}
