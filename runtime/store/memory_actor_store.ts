/**
 * Actor systems in memory: for tests, simulation and systems that need not survive the process.
 * Values pass through JSON as on disk, so what comes back is a copy.
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
import { fenced, systemTaken } from "./system_errors.ts";
import { checkSystemName, type EncodedUnit, encodeUnit, measure } from "./unit_limits.ts";

const WISHES_MAX = 100;

interface System {
  term: number;
  holder: Holder | null;
  /** Of segment `trimmed + 1` and on: texts of events, comma-separated. */
  segments: { term: number; events: string }[];
  trimmed: number;
  states: Map<string, StoredState>;
  letters: Map<string, string>;
  topics: Map<string, { next: number; messages: { offset: number; text: string }[] }>;
  tree: string | null;
  wishes: Map<string, string>;
}

/** Opens an empty store. */
export function openMemoryActorStore<Event>(): ActorStore<Event> {
  return new MemoryActorStore<Event>();
}

class MemoryActorStore<Event> implements ActorStore<Event> {
  readonly #systems = new Map<string, System>();
  #wished = 0;

  // deno-lint-ignore require-await -- what it refuses must come as a rejection
  async claimSystem(name: string, holder: Holder, expected: Holder | null): Promise<SystemFence> {
    checkSystemName(name);
    const system = this.#system(name);
    if ((system.holder?.nodeId ?? null) !== (expected?.nodeId ?? null)) throw systemTaken(name);
    system.term++;
    system.holder = holder;
    return { system: name, term: system.term, token: String(system.term) };
  }

  releaseSystem(fence: SystemFence): Promise<void> {
    const system = this.#system(fence.system);
    if (system.term === fence.term) system.holder = null;
    return Promise.resolve();
  }

  systemHolder(name: string): Promise<Holder | null> {
    return Promise.resolve(this.#system(name).holder);
  }

  systems(): Promise<SystemEntry[]> {
    const known = [...this.#systems].filter(([, { term }]) => term > 0);
    known.sort(([a], [b]) => a < b ? -1 : 1);
    return Promise.resolve(
      known.map(([system, { term, holder }]) => ({ system, term, holder })),
    );
  }

  // deno-lint-ignore require-await -- what it refuses must come as a rejection
  async commit(fence: SystemFence, commit: ActorCommit<Event>): Promise<number> {
    const units = commit.units.map(encodeUnit);
    const tree = commit.tree === undefined ? null : JSON.stringify(commit.tree);
    if (tree !== null) measure(tree, "the tree of a system");
    const system = this.#system(fence.system);
    if (system.term !== fence.term || system.holder === null) throw fenced(fence);
    const first = system.trimmed + system.segments.length + 1;
    const log = units.map((unit) => unit.log).filter((text) => text !== "");
    if (log.length > 0) system.segments.push({ term: fence.term, events: log.join(",") });
    for (const unit of units) write(system, unit);
    for (const { topic, below } of commit.historyTrim ?? []) trim(system, topic, below);
    if (tree !== null) system.tree = tree;
    const gone = Math.min(commit.trimTo ?? 0, first + Number(log.length > 0)) - 1 - system.trimmed;
    if (gone > 0) {
      system.segments.splice(0, gone);
      system.trimmed += gone;
    }
    return first;
  }

  async *readLog(name: string, from = 0): AsyncIterable<LogSegment<Event>> {
    const system = this.#system(name);
    for (let segment = from;; segment++) {
      segment = Math.max(segment, system.trimmed + 1);
      const found = system.segments[segment - system.trimmed - 1];
      if (found === undefined) return;
      yield { segment, term: found.term, events: JSON.parse(`[${found.events}]`) };
    }
  }

  lowWater(name: string): Promise<number> {
    return Promise.resolve(this.#system(name).trimmed + 1);
  }

  states(name: string, addresses: readonly string[]): Promise<(StoredState | null)[]> {
    const { states } = this.#system(name);
    return Promise.resolve(addresses.map((address) => states.get(address) ?? null));
  }

  deadLetters(
    name: string | null,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<StoredLetter[]> {
    const names = name === null ? [...this.#systems.keys()] : [name];
    const newest = names
      .flatMap((system) => [...this.#system(system).letters.keys()].map((id) => ({ system, id })))
      .filter(({ id }) => cursor === undefined || id < cursor)
      .sort((a, b) => a.id < b.id ? 1 : -1)
      .slice(0, limit);
    return Promise.resolve(newest.map(({ system, id }) => this.#letter(system, id)!));
  }

  deadLetter(id: string): Promise<StoredLetter | null> {
    const system = [...this.#systems.keys()].find((name) => this.#system(name).letters.has(id));
    return Promise.resolve(system === undefined ? null : this.#letter(system, id));
  }

  #letter(system: string, id: string): StoredLetter {
    return { system, id, letter: JSON.parse(this.#system(system).letters.get(id)!) };
  }

  history(
    name: string,
    topic: string,
    which: { last: number } | { from: number; limit: number },
  ): Promise<HistoryEntry[]> {
    const messages = this.#system(name).topics.get(topic)?.messages ?? [];
    const chosen = "last" in which
      ? messages.slice(Math.max(0, messages.length - which.last))
      : messages.filter(({ offset }) => offset >= which.from).slice(0, which.limit);
    return Promise.resolve(
      chosen.map(({ offset, text }) => ({ offset, message: JSON.parse(text) })),
    );
  }

  historyBounds(name: string, topic: string): Promise<HistoryBounds> {
    const found = this.#system(name).topics.get(topic);
    const next = found?.next ?? 0;
    return Promise.resolve({ from: found?.messages[0]?.offset ?? next, next });
  }

  topics(name: string): Promise<string[]> {
    return Promise.resolve([...this.#system(name).topics.keys()].sort());
  }

  tree(name: string): Promise<Json | null> {
    const { tree } = this.#system(name);
    return Promise.resolve(tree === null ? null : JSON.parse(tree));
  }

  // deno-lint-ignore require-await -- what it refuses must come as a rejection
  async wish(name: string, wish: Json): Promise<string> {
    checkSystemName(name);
    const text = JSON.stringify(wish);
    measure(text, "a wish", UNIT_LIMITS.wishBytesMax);
    const id = String(++this.#wished).padStart(20, "0");
    this.#system(name).wishes.set(id, text);
    return id;
  }

  wishes(name: string): Promise<StoredWish[]> {
    const oldest = [...this.#system(name).wishes].slice(0, WISHES_MAX);
    return Promise.resolve(oldest.map(([id, text]) => ({ id, wish: JSON.parse(text) })));
  }

  #system(name: string): System {
    let system = this.#systems.get(name);
    if (system === undefined) {
      system = {
        term: 0,
        holder: null,
        segments: [],
        trimmed: 0,
        states: new Map(),
        letters: new Map(),
        topics: new Map(),
        tree: null,
        wishes: new Map(),
      };
      this.#systems.set(name, system);
    }
    return system;
  }
}

function write(system: System, unit: EncodedUnit): void {
  for (const { address, version, text } of unit.states) {
    if (text === null) system.states.delete(address);
    else system.states.set(address, { version, text });
  }
  for (const { id, text } of unit.letters) system.letters.set(id, text);
  for (const id of unit.lettersGone) system.letters.delete(id);
  for (const { topic, offset, text } of unit.history) {
    const kept = system.topics.get(topic) ?? { next: 0, messages: [] };
    system.topics.set(topic, kept);
    kept.messages.push({ offset, text });
    kept.next = offset + 1;
  }
  for (const id of unit.handledWishes) system.wishes.delete(id);
}

function trim(system: System, topic: string, below: number): void {
  const kept = system.topics.get(topic) ?? { next: 0, messages: [] };
  system.topics.set(topic, kept);
  kept.next = Math.max(kept.next, below);
  const end = kept.messages.findIndex(({ offset }) => offset >= below);
  kept.messages.splice(0, end < 0 ? kept.messages.length : end);
}
