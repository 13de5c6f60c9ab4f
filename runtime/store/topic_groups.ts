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

/** Groups deleted in one step. */
const TRIM_STEP = 64;

/** Which groups of messages are stored, for the topics that are trimmed: read once, then followed. */
export class TopicGroups {
  readonly #kv: Deno.Kv;
  readonly #system: string;
  readonly #byTopic = new Map<string, Group[]>();

  constructor(kv: Deno.Kv, system: string) {
    this.#kv = kv;
    this.#system = system;
  }

  /** Says that a group is being written. */
  add(topic: string, group: Group): void {
    this.#byTopic.get(topic)?.push(group);
  }

  /** First offsets of the oldest groups that lie below an offset, which are forgotten here. */
  async takeBelow(topic: string, below: number): Promise<number[]> {
    let groups = this.#byTopic.get(topic);
    if (groups === undefined) {
      groups = await this.#load(topic);
      this.#byTopic.set(topic, groups);
    }
    const end = groups.findIndex((group) => group.last >= below);
    return groups.splice(0, Math.min(end < 0 ? groups.length : end, TRIM_STEP))
      .map((group) => group.first);
  }

  async #load(topic: string): Promise<Group[]> {
    const prefix = ["topic", this.#system, topic];
    const entries = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<StoredMessages>({ prefix }))
    );
    return entries.map(({ key, value }) => ({ first: key[3] as number, last: value.last }));
  }
}
