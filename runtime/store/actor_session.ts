import type { ActorCommit, SystemFence } from "../../core/actor_ports.ts";
import { type ActorBatch, batchUnits, INLINE_BYTES_MAX } from "./actor_batch.ts";
import { KEYS, LABELS } from "./actor_keys.ts";
import { FencedWriter, type Mutation } from "./fenced_writer.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { type PackedText, packText } from "./packed_text.ts";
import { PartsLedger } from "./parts_ledger.ts";
import type { StoredValue } from "./stored_value.ts";
import { fenced, unsettled } from "./system_errors.ts";
import { TopicGroups } from "./topic_groups.ts";
import { encodeUnit, measure } from "./unit_limits.ts";

/** Values that stand in one atomic write together; what is beyond is stored in parts. */
const GROUP_BYTES_MAX = 480 * 1024;
/** A value this short always stands in the atomic write. */
const SHORT_BYTES = 1_024;
/** Segments deleted by one commit. */
const TRIM_STEP = 64;

/** A value on its way into the file. */
interface Placement {
  key: Deno.KvKey;
  /** Whose parts they are, should there be any. */
  owner: string;
  text: string;
  label: string;
  /** Members of the stored value beside the text. */
  more?: { version: number } | { term: number } | { last: number };
}

/** What the leader of a system knows of the file, and how it writes. */
export class ActorSession {
  readonly #kv: Deno.Kv;
  readonly #fence: SystemFence;
  readonly #compressOverBytes: number;
  readonly #ledger: PartsLedger;
  readonly #topics: TopicGroups;
  #nextSegment = 1;
  #firstSegment = 1;
  #lowWater = 1;
  #isLost = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(kv: Deno.Kv, fence: SystemFence, compressOverBytes: number) {
    this.#kv = kv;
    this.#fence = fence;
    this.#compressOverBytes = compressOverBytes;
    this.#ledger = new PartsLedger(fence.system, fence.term);
    this.#topics = new TopicGroups(kv, fence.system);
  }

  /** Reads where the system stands, which was just claimed: nobody else writes to it any more. */
  async load(): Promise<void> {
    const prefix = ["log", this.#fence.system];
    const edge = async (reverse: boolean) => {
      const options = { limit: 1, reverse };
      const entries = await retryWhileLocked(() =>
        Array.fromAsync(this.#kv.list({ prefix }, options))
      );
      return entries[0]?.key[2] as number | undefined;
    };
    const markKey = KEYS.logMark(this.#fence.system);
    this.#lowWater = (await retryWhileLocked(() => this.#kv.get<number>(markKey))).value ?? 1;
    this.#firstSegment = await edge(false) ?? this.#lowWater;
    // All segments may have been trimmed: then the mark says how far they went.
    this.#nextSegment = Math.max((await edge(true) ?? 0) + 1, this.#lowWater);
    await this.#ledger.load(this.#kv);
  }

  /** Writes one commit after the other. */
  commit<Event>(commit: ActorCommit<Event>): Promise<number> {
    const done = this.#tail.then(() => this.#commit(commit));
    this.#tail = done.catch(() => {});
    return done;
  }

  async #commit<Event>(commit: ActorCommit<Event>): Promise<number> {
    const units = commit.units.map(encodeUnit);
    const tree = commit.tree === undefined ? null : JSON.stringify(commit.tree);
    if (tree !== null) measure(tree, "the tree of a system");
    if (this.#isLost) throw unsettled(this.#fence);
    try {
      const batches = batchUnits(units, {
        system: this.#fence.system,
        isInParts: (kind, name) => this.#ledger.has(`${kind} ${name}`),
      });
      return await this.#write(batches, commit, tree);
    } catch (error) {
      // How much was written is unknown, and with it what this session believes to know.
      this.#isLost = true;
      throw error;
    }
  }

  async #write<Event>(
    batches: readonly ActorBatch[],
    commit: ActorCommit<Event>,
    tree: string | null,
  ): Promise<number> {
    const { system, token } = this.#fence;
    const check = { key: KEYS.system(system), versionstamp: token };
    const writer = new FencedWriter(this.#kv, check, () => fenced(this.#fence));
    const first = this.#nextSegment;
    for (const { topic } of commit.historyTrim ?? []) await this.#topics.open(topic);
    for (const batch of batches) await this.#addBatch(batch, writer);
    if (tree !== null) {
      const placement = { key: KEYS.tree(system), owner: "tree", text: tree };
      await writer.add(await this.#place([{ ...placement, label: LABELS.tree(system) }], writer));
    }
    await this.#addMarks(commit, writer);
    await this.#addDeletions(commit, writer);
    await writer.flush();
    return first;
  }

  /** All of a batch becomes visible in one atomic write. */
  async #addBatch(batch: ActorBatch, writer: FencedWriter): Promise<void> {
    const { system } = this.#fence;
    const group = await this.#place(this.#placementsOf(batch), writer);
    for (const [address, { text }] of batch.states) {
      if (text === null) group.push(...this.#drop(KEYS.state(system, address), `state ${address}`));
    }
    for (const [id, { text }] of batch.letters) {
      if (text === null) group.push(...this.#drop(KEYS.letter(system, id), `letter ${id}`));
    }
    for (const id of batch.handledWishes) group.push({ key: KEYS.wish(system, id), bytes: 0 });
    await writer.add(group);
  }

  #placementsOf(batch: ActorBatch): Placement[] {
    const { system } = this.#fence;
    const placements = batch.log.length === 0 ? [] : [this.#nextLog(batch.log)];
    for (const [address, { text, version }] of batch.states) {
      if (text === null) continue;
      const label = LABELS.state(system, address, version);
      const [key, owner] = [KEYS.state(system, address), `state ${address}`];
      placements.push({ key, owner, text, label, more: { version } });
    }
    for (const [id, { text }] of batch.letters) {
      if (text === null) continue;
      const label = LABELS.letter(system, id);
      placements.push({ key: KEYS.letter(system, id), owner: `letter ${id}`, text, label });
    }
    for (const [topic, entries] of batch.history) {
      placements.push(this.#nextMessages(topic, entries));
    }
    return placements;
  }

  #nextLog(events: readonly string[]): Placement {
    const { system, term } = this.#fence;
    const segment = this.#nextSegment++;
    const [key, label] = [KEYS.log(system, segment), LABELS.log(system, segment, term)];
    const text = `[${events.join(",")}]`;
    return { key, owner: `log ${segment}`, text, label, more: { term } };
  }

  #nextMessages(topic: string, entries: readonly { offset: number; text: string }[]): Placement {
    const { system } = this.#fence;
    const [first, last] = [entries[0]!.offset, entries.at(-1)!.offset];
    this.#topics.add(topic, { first, last });
    return {
      key: KEYS.topic(system, topic, first),
      owner: `topic ${topic} ${first}`,
      text: `[${entries.map(({ offset, text }) => `[${offset},${text}]`).join(",")}]`,
      label: LABELS.topic(system, topic, first, last),
      more: { last },
    };
  }

  /** Mutations that make values visible; long ones go ahead, in parts. */
  async #place(placements: readonly Placement[], writer: FencedWriter): Promise<Mutation[]> {
    const mutations: Mutation[] = [];
    let room = GROUP_BYTES_MAX;
    for (const { key, owner, text, label, more } of placements) {
      const packing = packText(text, label, this.#compressOverBytes);
      const packed = packing instanceof Promise ? await packing : packing;
      const { length } = packed.bytes;
      const isInline = length <= SHORT_BYTES || length <= Math.min(room, INLINE_BYTES_MAX);
      if (isInline) room -= length;
      const value = await this.#valueOf(packed, isInline, owner, { mutations, writer });
      mutations.push({ key, value: { ...value, ...more }, bytes: isInline ? length : 0 });
    }
    return mutations;
  }

  async #valueOf(
    packed: PackedText,
    isInline: boolean,
    owner: string,
    { mutations, writer }: { mutations: Mutation[]; writer: FencedWriter },
  ): Promise<StoredValue> {
    if (isInline) {
      mutations.push(...this.#ledger.replace(owner, null));
      return packed;
    }
    const parts = await this.#ledger.writeAhead(packed.bytes, writer);
    mutations.push(...this.#ledger.replace(owner, parts));
    return { ...packed, bytes: null, parts };
  }

  #drop(key: Deno.KvKey, owner: string): Mutation[] {
    return [...this.#ledger.replace(owner, null), { key, bytes: 0 }];
  }

  async #addMarks<Event>(commit: ActorCommit<Event>, writer: FencedWriter): Promise<void> {
    const { system } = this.#fence;
    const trimTo = Math.min(commit.trimTo ?? 0, this.#nextSegment);
    if (trimTo > this.#lowWater) {
      this.#lowWater = trimTo;
      await writer.add([{ key: KEYS.logMark(system), value: trimTo, bytes: 10 }]);
    }
    for (const { topic, below } of commit.historyTrim ?? []) {
      if (!this.#topics.raise(topic, below)) continue;
      await writer.add([{ key: KEYS.topicMark(system, topic), value: below, bytes: 10 }]);
    }
  }

  /** A bounded part of what is not needed any more; it comes after the marks that say so. */
  async #addDeletions<Event>(commit: ActorCommit<Event>, writer: FencedWriter): Promise<void> {
    const { system } = this.#fence;
    const end = Math.min(this.#lowWater, this.#firstSegment + TRIM_STEP);
    for (; this.#firstSegment < end; this.#firstSegment++) {
      const segment = this.#firstSegment;
      await writer.add(this.#drop(KEYS.log(system, segment), `log ${segment}`));
    }
    for (const { topic } of commit.historyTrim ?? []) {
      for (const first of this.#topics.takeBelow(topic)) {
        await writer.add(this.#drop(KEYS.topic(system, topic, first), `topic ${topic} ${first}`));
      }
    }
    for (const mutation of this.#ledger.sweep()) await writer.add([mutation]);
  }
}
