/**
 * Actor systems in a KV file: see `actor_keys.ts` for what is where.
 *
 * @module
 */
import {
  type ActorCommit,
  type ActorStore,
  type HistoryBounds,
  type HistoryEntry,
  type LogSegment,
  type StoredLetter,
  type StoredState,
  type StoredWish,
  type SystemEntry,
  type SystemFence,
  UNIT_LIMITS,
} from "../../core/actor_ports.ts";
import type { Json } from "../../core/json.ts";
import type { Holder } from "../../core/ports.ts";
import { KEYS, LABELS } from "./actor_keys.ts";
import { ActorSession } from "./actor_session.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { COMPRESS_OVER_BYTES, corrupt, packText } from "./packed_text.ts";
import { readText, type StoredValue } from "./stored_value.ts";
import { fenced, systemTaken } from "./system_errors.ts";
import { listTopics, readBounds, readMessages } from "./topic_reader.ts";
import { checkSystemName, measure } from "./unit_limits.ts";

/** Keys that one `getMany` takes. */
const GET_MANY_MAX = 10;
/** Such calls that are under way at once. */
const GETS_AT_ONCE = 32;
const LOG_PAGE = 50;
const WISHES_MAX = 100;

interface Term {
  term: number;
  holder: Holder | null;
}

type StoredSegment = StoredValue & { term: number };
type StoredVersion = StoredValue & { version: number };

export interface ActorStoreOptions {
  /** Values whose text takes more bytes are compressed. Default 16 KiB. */
  compressOverBytes?: number;
}

/** Actor systems in an open KV file, which others may use too; closing it is left to its owner. */
export class KvActorStore<Event> implements ActorStore<Event> {
  readonly #kv: Deno.Kv;
  readonly #compressOverBytes: number;
  /** The last claim of each system through this store. */
  readonly #sessions = new Map<string, { token: string; session: ActorSession }>();

  constructor(kv: Deno.Kv, options: ActorStoreOptions = {}) {
    this.#kv = kv;
    this.#compressOverBytes = options.compressOverBytes ?? COMPRESS_OVER_BYTES;
  }

  async claimSystem(system: string, holder: Holder, expected: Holder | null): Promise<SystemFence> {
    checkSystemName(system);
    const key = KEYS.system(system);
    const current = await this.#get<Term>(key);
    if ((current.value?.holder?.nodeId ?? null) !== (expected?.nodeId ?? null)) {
      throw systemTaken(system);
    }
    const term = (current.value?.term ?? 0) + 1;
    const atomic = this.#kv.atomic().check(current).set(key, { term, holder });
    const result = await retryWhileLocked(() => atomic.commit());
    if (!result.ok) throw systemTaken(system);
    const fence = { system, term, token: result.versionstamp };
    const session = new ActorSession(this.#kv, fence, this.#compressOverBytes);
    await session.load();
    this.#sessions.set(system, { token: fence.token, session });
    return fence;
  }

  async releaseSystem({ system, term, token }: SystemFence): Promise<void> {
    if (this.#sessions.get(system)?.token === token) this.#sessions.delete(system);
    const key = KEYS.system(system);
    const atomic = this.#kv.atomic().check({ key, versionstamp: token })
      .set(key, { term, holder: null });
    await retryWhileLocked(() => atomic.commit());
  }

  async systemHolder(system: string): Promise<Holder | null> {
    return (await this.#get<Term>(KEYS.system(system))).value?.holder ?? null;
  }

  async systems(): Promise<SystemEntry[]> {
    const entries = await this.#list<Term>({ prefix: ["system"] });
    return entries.map(({ key, value }) => ({ system: key[1] as string, ...value }));
  }

  async commit(fence: SystemFence, commit: ActorCommit<Event>): Promise<number> {
    const claimed = this.#sessions.get(fence.system);
    if (claimed?.token !== fence.token) throw fenced(fence);
    return await claimed.session.commit(commit);
  }

  async *readLog(system: string, from = 0): AsyncIterable<LogSegment<Event>> {
    let next = Math.max(from, await this.lowWater(system));
    for (;;) {
      const [start, end] = [KEYS.log(system, next), KEYS.log(system, Number.MAX_SAFE_INTEGER)];
      const page = await this.#list<StoredSegment>({ start, end }, { limit: LOG_PAGE });
      if (page.length === 0) return;
      for (const entry of page) {
        const segment = entry.key[2] as number;
        if (segment !== next) await this.#refuseGap(system, next, segment);
        const found = await readText(
          this.#kv,
          system,
          entry,
          ({ term }) => LABELS.log(system, segment, term),
        );
        next = segment + 1;
        // Trimmed between two reads.
        if (found === null) continue;
        yield { segment, term: found.value.term, events: JSON.parse(found.text) };
      }
    }
  }

  /** Segments may go while somebody reads; but none that a recovery needs. */
  async #refuseGap(system: string, expected: number, found: number): Promise<void> {
    if (await this.lowWater(system) >= found) return;
    throw corrupt(`log ${system} ${expected}`, "it is missing");
  }

  async lowWater(system: string): Promise<number> {
    return (await this.#get<number>(KEYS.logMark(system))).value ?? 1;
  }

  async states(
    system: string,
    addresses: readonly string[],
  ): Promise<(StoredState | null)[]> {
    const found: (StoredState | null)[] = [];
    const step = GET_MANY_MAX * GETS_AT_ONCE;
    for (let at = 0; at < addresses.length; at += step) {
      const keys = addresses.slice(at, at + step).map((address) => KEYS.state(system, address));
      const entries = await this.#getMany<StoredVersion>(keys);
      found.push(...await Promise.all(entries.map((entry) => this.#stateOf(system, entry))));
    }
    return found;
  }

  async #stateOf(
    system: string,
    entry: Deno.KvEntryMaybe<StoredVersion>,
  ): Promise<StoredState | null> {
    const label = ({ version }: StoredVersion) =>
      LABELS.state(system, entry.key[2] as string, version);
    const found = await readText(this.#kv, system, entry, label);
    return found === null ? null : { version: found.value.version, text: found.text };
  }

  async deadLetters(
    system: string | null,
    options: { limit: number; cursor?: string },
  ): Promise<StoredLetter[]> {
    const systems = system === null ? (await this.systems()).map((one) => one.system) : [system];
    const pages = await Promise.all(systems.map((one) => this.#letterPage(one, options)));
    const newest = pages.flat()
      .sort((a, b) => compare(b.key[2] as string, a.key[2] as string))
      .slice(0, options.limit);
    const letters = await Promise.all(newest.map((entry) => this.#letterOf(entry)));
    return letters.filter((letter) => letter !== null);
  }

  #letterPage(system: string, { limit, cursor }: { limit: number; cursor?: string }) {
    const prefix = ["letter", system];
    const selector = cursor === undefined ? { prefix } : { prefix, end: [...prefix, cursor] };
    return this.#list<StoredValue>(selector, { limit, reverse: true });
  }

  async #letterOf(entry: Deno.KvEntryMaybe<StoredValue>): Promise<StoredLetter | null> {
    const [, system, id] = entry.key as [string, string, string];
    const found = await readText(this.#kv, system, entry, () => LABELS.letter(system, id));
    return found === null ? null : { system, id, letter: JSON.parse(found.text) };
  }

  async deadLetter(id: string): Promise<StoredLetter | null> {
    const keys = (await this.systems()).map(({ system }) => KEYS.letter(system, id));
    const entry = (await this.#getMany<StoredValue>(keys)).find(({ value }) => value !== null);
    return entry === undefined ? null : await this.#letterOf(entry);
  }

  history(
    system: string,
    topic: string,
    which: { last: number } | { from: number; limit: number },
  ): Promise<HistoryEntry[]> {
    return readMessages(this.#kv, { system, topic }, which);
  }

  historyBounds(system: string, topic: string): Promise<HistoryBounds> {
    return readBounds(this.#kv, { system, topic });
  }

  topics(system: string): Promise<string[]> {
    return listTopics(this.#kv, system);
  }

  async tree(system: string): Promise<Json | null> {
    const entry = await this.#get<StoredValue>(KEYS.tree(system));
    const found = await readText(this.#kv, system, entry, () => LABELS.tree(system));
    return found === null ? null : JSON.parse(found.text);
  }

  async wish(system: string, wish: Json): Promise<string> {
    checkSystemName(system);
    const text = JSON.stringify(wish);
    measure(text, "a wish", UNIT_LIMITS.wishBytesMax);
    const packed = await packText(text, LABELS.wish(system), Infinity);
    const key = ["wish", system, this.#kv.commitVersionstamp()];
    const atomic = this.#kv.atomic().set(key, packed);
    const result = await retryWhileLocked(() => atomic.commit());
    return (result as Deno.KvCommitResult).versionstamp;
  }

  async wishes(system: string): Promise<StoredWish[]> {
    const entries = await this.#list<StoredValue>(
      { prefix: ["wish", system] },
      { limit: WISHES_MAX },
    );
    const wishes: StoredWish[] = [];
    for (const entry of entries) {
      const found = await readText(this.#kv, system, entry, () => LABELS.wish(system));
      if (found !== null) wishes.push({ id: entry.key[2] as string, wish: JSON.parse(found.text) });
    }
    return wishes;
  }

  #get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return retryWhileLocked(() => this.#kv.get<T>(key));
  }

  #list<T>(
    selector: Deno.KvListSelector,
    options?: Deno.KvListOptions,
  ): Promise<Deno.KvEntry<T>[]> {
    return retryWhileLocked(() => Array.fromAsync(this.#kv.list<T>(selector, options)));
  }

  async #getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    const groups: Deno.KvKey[][] = [];
    for (let at = 0; at < keys.length; at += GET_MANY_MAX) {
      groups.push(keys.slice(at, at + GET_MANY_MAX));
    }
    const found = await Promise.all(
      groups.map((group) => retryWhileLocked(() => this.#kv.getMany<T[]>(group))),
    );
    return found.flat();
  }
}

/** The order of keys in the file: by UTF-8 bytes, which for ids of ASCII is that of `<`. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
