import { KEYS } from "./actor_keys.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import type { StoredValue } from "./stored_value.ts";

/** Messages of one topic that one atomic write stored, under the first offset. */
export interface StoredMessages extends StoredValue {
  last: number;
}

interface Group {
  first: number;
  last: number;
}

/** What is stored of a topic that is trimmed. */
interface Kept {
  /** Offset below which nothing is shown. */
  mark: number;
  groups: Group[];
}

/** Groups deleted in one step. */
const TRIM_STEP = 64;

/** Which groups of messages are stored, for the topics that are trimmed: read once, then followed. */
export class TopicGroups {
  readonly #kv: Deno.Kv;
  readonly #system: string;
  readonly #byTopic = new Map<string, Kept>();

  constructor(kv: Deno.Kv, system: string) {
    this.#kv = kv;
    this.#system = system;
  }

  /** Reads what is stored of a topic, unless that is known; before anything more is written. */
  async open(topic: string): Promise<void> {
    if (!this.#byTopic.has(topic)) this.#byTopic.set(topic, await this.#load(topic));
  }

  /** Says that a group is being written. */
  add(topic: string, group: Group): void {
    this.#byTopic.get(topic)?.groups.push(group);
  }

  /** Moves the mark of an open topic up; `false` when it is there or above already. */
  raise(topic: string, below: number): boolean {
    const kept = this.#byTopic.get(topic)!;
    if (below <= kept.mark) return false;
    kept.mark = below;
    return true;
  }

  /** First offsets of the oldest groups that lie below the mark, which are forgotten here. */
  takeBelow(topic: string): number[] {
    const { mark, groups } = this.#byTopic.get(topic)!;
    const end = groups.findIndex((group) => group.last >= mark);
    return groups.splice(0, Math.min(end < 0 ? groups.length : end, TRIM_STEP))
      .map((group) => group.first);
  }

  async #load(topic: string): Promise<Kept> {
    const prefix = ["topic", this.#system, topic];
    const [mark, entries] = await Promise.all([
      retryWhileLocked(() => this.#kv.get<number>(KEYS.topicMark(this.#system, topic))),
      retryWhileLocked(() => Array.fromAsync(this.#kv.list<StoredMessages>({ prefix }))),
    ]);
    const groups = entries.map(({ key, value }) => ({
      first: key[3] as number,
      last: value.last,
    }));
    return { mark: mark.value ?? 0, groups };
  }
}
