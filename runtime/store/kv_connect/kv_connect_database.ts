import { decodeKey, encodeKey } from "./key_codec.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { Interruption } from "./kv_connect_errors.ts";
import {
  type AtomicWrite,
  type Check,
  decodeSnapshotReadOutput,
  encodeSnapshotRead,
  type Entry,
  MUTATION,
  type Mutation,
  type ReadRange,
} from "./messages.ts";
import { decodeValue, encodeValue } from "./value_codec.ts";
import { WriteLanes } from "./write_lanes.ts";
import { watchKeys } from "./watch_keys.ts";

/** Entries that one request of a list asks for. */
const BATCH = 500;

/**
 * A database of a KV Connect server, as `Deno.openKv` gives one, without queues. Reads are strongly
 * consistent; each atomic write is done once, even where its answer is lost.
 */
export class KvConnectDatabase implements Deno.Kv {
  readonly connection: Connection;
  readonly #lanes: WriteLanes;
  readonly #versionstamp = Symbol("versionstamp of the commit");

  constructor(url: URL, token: string, options?: ConnectionOptions) {
    this.connection = new Connection(url, token, options);
    this.#lanes = new WriteLanes(this.connection);
  }

  async get<T = unknown>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return (await this.getMany<[T]>([key]))[0];
  }

  async getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    const ranges = keys.map((key) => rangeOfKey(encodeKey(key)));
    const found = await this.#read(ranges);
    const entries = keys.map((key, at) => {
      const entry = found[at]?.[0];
      if (entry === undefined) return { key, value: null, versionstamp: null };
      return { key, ...contentOf(entry) };
    });
    return entries as { [K in keyof T]: Deno.KvEntryMaybe<T[K]> };
  }

  list<T = unknown>(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions = {},
  ): Deno.KvListIterator<T> {
    return new EntryList<T>(selector, options, (range) => this.#read([range]));
  }

  async set(
    key: Deno.KvKey,
    value: unknown,
    options?: { expireIn?: number },
  ): Promise<Deno.KvCommitResult> {
    return await this.atomic().set(key, value, options).commit() as Deno.KvCommitResult;
  }

  async delete(key: Deno.KvKey): Promise<void> {
    await this.atomic().delete(key).commit();
  }

  atomic(): Deno.AtomicOperation {
    return new AtomicBuilder(this.#versionstamp, (write) => this.#lanes.commit(write));
  }

  watch<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
  ): ReadableStream<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, this.connection.closing]);
    const watched = watchKeys(this.connection, keys.map(encodeKey), signal);
    const latest = keys.map((key): Deno.KvEntryMaybe<unknown> => ({
      key,
      value: null,
      versionstamp: null,
    }));
    return new ReadableStream({
      async pull(controller) {
        const { value, done } = await watched.next();
        if (done) return controller.close();
        for (const [at, { hasChanged, entry }] of value.entries()) {
          if (!hasChanged) continue;
          const key = keys[at]!;
          latest[at] = entry === null
            ? { key, value: null, versionstamp: null }
            : { key, ...contentOf(entry) };
        }
        controller.enqueue([...latest] as { [K in keyof T]: Deno.KvEntryMaybe<T[K]> });
      },
      cancel: () => end.abort(),
    }, { highWaterMark: 0 });
  }

  commitVersionstamp(): symbol {
    return this.#versionstamp;
  }

  enqueue(): never {
    throw new TypeError("KV Connect has no queues");
  }

  listenQueue(): never {
    throw new TypeError("KV Connect has no queues");
  }

  /** Lets go at once; whatever is under way fails. */
  close(): void {
    this.connection.close();
  }

  /** Tidies up in the store what this client alone needed, then closes. */
  async end(): Promise<void> {
    await this.#lanes.end();
    this.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #read(ranges: readonly ReadRange[]): Promise<Entry[][]> {
    const request = encodeSnapshotRead(ranges);
    return this.connection.repeat(async () => {
      const answer = await this.connection.post("snapshot_read", request);
      const { ranges, isDisabled, isStrong } = decodeSnapshotReadOutput(answer);
      if (!isDisabled && isStrong) return ranges;
      this.connection.forget();
      throw new Interruption("it answers no reads at present");
    });
  }
}

/** One atomic write as it is put together. */
class AtomicBuilder implements Deno.AtomicOperation {
  readonly #versionstamp: symbol;
  readonly #commit: (write: AtomicWrite) => Promise<Uint8Array | null>;
  readonly #checks: Check[] = [];
  readonly #mutations: Mutation[] = [];

  constructor(versionstamp: symbol, commit: (write: AtomicWrite) => Promise<Uint8Array | null>) {
    this.#versionstamp = versionstamp;
    this.#commit = commit;
  }

  check(...checks: Deno.AtomicCheck[]): this {
    for (const { key, versionstamp } of checks) {
      const stamp = versionstamp === null ? new Uint8Array() : Uint8Array.fromHex(versionstamp);
      this.#checks.push({ key: encodeKey(key), versionstamp: stamp });
    }
    return this;
  }

  mutate(...mutations: Deno.KvMutation[]): this {
    for (const mutation of mutations) {
      if (mutation.type === "set") this.set(mutation.key, mutation.value, mutation);
      else if (mutation.type === "delete") this.delete(mutation.key);
      else this[mutation.type](mutation.key, mutation.value.value);
    }
    return this;
  }

  set(key: Deno.KvKey, value: unknown, { expireIn }: { expireIn?: number } = {}): this {
    const isStamped = key.at(-1) === this.#versionstamp;
    this.#mutations.push({
      type: isStamped ? MUTATION.setWithVersionstamp : MUTATION.set,
      key: encodeKey(isStamped ? key.slice(0, -1) : key),
      value: encodeValue(value),
      expireAt: expireIn === undefined ? undefined : Date.now() + expireIn,
    });
    return this;
  }

  delete(key: Deno.KvKey): this {
    this.#mutations.push({ type: MUTATION.delete, key: encodeKey(key) });
    return this;
  }

  sum(key: Deno.KvKey, n: bigint): this {
    return this.#count(MUTATION.sum, key, n);
  }

  min(key: Deno.KvKey, n: bigint): this {
    return this.#count(MUTATION.min, key, n);
  }

  max(key: Deno.KvKey, n: bigint): this {
    return this.#count(MUTATION.max, key, n);
  }

  #count(type: number, key: Deno.KvKey, n: bigint): this {
    const value = encodeValue(new Deno.KvU64(n));
    this.#mutations.push({ type, key: encodeKey(key), value });
    return this;
  }

  enqueue(): never {
    throw new TypeError("KV Connect has no queues");
  }

  async commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
    const write = { checks: this.#checks, mutations: this.#mutations };
    const versionstamp = await this.#commit(write);
    return versionstamp === null ? { ok: false } : { ok: true, versionstamp: versionstamp.toHex() };
  }
}

/** Entries of a range, some hundred with each request. */
class EntryList<T> implements Deno.KvListIterator<T> {
  readonly #read: (range: ReadRange) => Promise<Entry[][]>;
  readonly #entries: AsyncGenerator<Deno.KvEntry<T>, undefined>;
  #last = "";

  constructor(
    selector: Deno.KvListSelector,
    options: Deno.KvListOptions,
    read: (range: ReadRange) => Promise<Entry[][]>,
  ) {
    this.#read = read;
    this.#entries = this.#generate(rangeOf(selector), options);
  }

  /** Key of the last entry, as base64. */
  get cursor(): string {
    return this.#last;
  }

  next(): Promise<IteratorResult<Deno.KvEntry<T>, undefined>> {
    return this.#entries.next();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Deno.KvEntry<T>> {
    return this;
  }

  async *#generate(
    range: { start: Uint8Array; end: Uint8Array },
    { limit = Infinity, reverse = false, cursor = "", batchSize = BATCH }: Deno.KvListOptions,
  ): AsyncGenerator<Deno.KvEntry<T>, undefined> {
    let { start, end } = cursor === ""
      ? range
      : behind(range, Uint8Array.fromBase64(cursor), reverse);
    for (let left = limit; left > 0;) {
      const wanted = Math.min(left, batchSize);
      const [entries = []] = await this.#read({ start, end, limit: wanted, reverse });
      for (const entry of entries) {
        this.#last = entry.key.toBase64();
        yield {
          key: decodeKey(entry.key),
          ...contentOf(entry) as { value: T; versionstamp: string },
        };
      }
      if (entries.length < wanted) return;
      left -= entries.length;
      ({ start, end } = behind({ start, end }, entries.at(-1)!.key, reverse));
    }
  }
}

/** What is left of a range behind a key. */
function behind(
  { start, end }: { start: Uint8Array; end: Uint8Array },
  key: Uint8Array,
  reverse: boolean,
): { start: Uint8Array; end: Uint8Array } {
  return reverse ? { start, end: key.slice() } : { start: append(key, 0), end };
}

function rangeOf(selector: Deno.KvListSelector): { start: Uint8Array; end: Uint8Array } {
  const { prefix, start, end } = selector as Partial<
    Record<"prefix" | "start" | "end", Deno.KvKey>
  >;
  const within = encodeKey(prefix ?? []);
  return {
    start: start === undefined ? append(within, 0) : encodeKey(start),
    end: end === undefined ? append(within, 0xff) : encodeKey(end),
  };
}

function rangeOfKey(key: Uint8Array): ReadRange {
  return { start: key, end: append(key, 0), limit: 1 };
}

function append(bytes: Uint8Array, last: number): Uint8Array {
  return new Uint8Array([...bytes, last]);
}

function contentOf({ value, versionstamp }: Entry): { value: unknown; versionstamp: string } {
  return { value: decodeValue(value), versionstamp: versionstamp.toHex() };
}
