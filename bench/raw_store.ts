/**
 * What a Deno KV file can do by itself: commits of the shape that the engine writes, a check of
 * the term and a segment of 300 bytes.
 *
 * @module
 */

const SEGMENT_BYTES = 300;
const IN_FLIGHT = 100;
const GROUP = 200;

/** A KV file with nothing but commits. */
export class RawStore {
  readonly #kv: Deno.Kv;
  readonly #term: { key: Deno.KvKey; versionstamp: string };
  readonly #bytes = crypto.getRandomValues(new Uint8Array(SEGMENT_BYTES));
  #seq = 0;

  private constructor(kv: Deno.Kv, versionstamp: string) {
    this.#kv = kv;
    this.#term = { key: ["term", 0], versionstamp };
  }

  static async open(path: string): Promise<RawStore> {
    const kv = await Deno.openKv(path);
    const { versionstamp } = await kv.set(["term", 0], { term: 1 });
    return new RawStore(kv, versionstamp);
  }

  /** Milliseconds of each of `count` commits, one after the other. */
  async commitMs(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const startMs = performance.now();
      await this.#commit(1);
      times.push(performance.now() - startMs);
    }
    return times;
  }

  /** Single commits a second with many in flight. */
  async parallelPerS(count: number): Promise<number> {
    const startMs = performance.now();
    const lane = async () => {
      for (let i = 0; i < count / IN_FLIGHT; i++) await this.#commit(1);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    return count / (performance.now() - startMs) * 1000;
  }

  /** Mutations a second, 200 to a commit, one commit after the other. */
  async groupedPerS(commits: number): Promise<number> {
    const startMs = performance.now();
    for (let i = 0; i < commits; i++) await this.#commit(GROUP);
    return commits * GROUP / (performance.now() - startMs) * 1000;
  }

  async #commit(mutations: number): Promise<void> {
    const atomic = this.#kv.atomic().check(this.#term);
    for (let i = 0; i < mutations; i++) {
      atomic.set(["journal", 0, this.#seq++], { term: 1, bytes: this.#bytes });
    }
    const { ok } = await atomic.commit();
    if (!ok) throw new Error("A raw commit was refused");
  }

  close(): void {
    this.#kv.close();
  }
}
