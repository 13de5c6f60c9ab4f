import type { HistoryBounds, HistoryEntry } from "../../core/actor_ports.ts";
import type { Json } from "../../core/json.ts";
import { KEYS, LABELS } from "./actor_keys.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { readText } from "./stored_value.ts";
import type { StoredMessages } from "./topic_groups.ts";

/** Groups read at once; a group holds what one commit published. */
const PAGE = 20;

interface Topic {
  system: string;
  topic: string;
}

/** Messages that a topic keeps, oldest first: the last ones, or those from an offset on. */
export async function readMessages(
  kv: Deno.Kv,
  topic: Topic,
  which: { last: number } | { from: number; limit: number },
): Promise<HistoryEntry[]> {
  const kept = await markOf(kv, topic);
  if ("last" in which) return await readLast(kv, topic, kept, which.last);
  return await readFrom(kv, topic, Math.max(kept, which.from), which.limit);
}

async function readLast(
  kv: Deno.Kv,
  topic: Topic,
  kept: number,
  count: number,
): Promise<HistoryEntry[]> {
  const start = await groupStart(kv, topic, kept);
  const newestFirst: HistoryEntry[] = [];
  let end = Number.MAX_SAFE_INTEGER;
  for (let size = PAGE; size === PAGE && newestFirst.length < count;) {
    const page = await readPage(kv, topic, [start, end], { limit: PAGE, reverse: true });
    for (const entry of page) {
      const group = await messagesOf(kv, topic, entry);
      newestFirst.push(...group.reverse().filter(({ offset }) => offset >= kept));
      end = entry.key[3] as number;
    }
    size = page.length;
  }
  return newestFirst.slice(0, count).reverse();
}

async function readFrom(
  kv: Deno.Kv,
  topic: Topic,
  from: number,
  limit: number,
): Promise<HistoryEntry[]> {
  const messages: HistoryEntry[] = [];
  let start = await groupStart(kv, topic, from);
  for (let size = PAGE; size === PAGE && messages.length < limit;) {
    const range = [start, Number.MAX_SAFE_INTEGER] as const;
    const page = await readPage(kv, topic, range, { limit: PAGE });
    for (const entry of page) {
      const group = await messagesOf(kv, topic, entry);
      messages.push(...group.filter(({ offset }) => offset >= from));
      start = entry.value.last + 1;
    }
    size = page.length;
  }
  return messages.slice(0, limit);
}

/** Topics with messages, or with a mark that stays when all of them are gone. */
export async function listTopics(kv: Deno.Kv, system: string): Promise<string[]> {
  const found = new Set<string>();
  for (const kind of ["topic", "topic-mark"]) {
    const prefix = [kind, system];
    let start: Deno.KvKey = prefix;
    for (;;) {
      const selector = { start, end: [...prefix, Infinity] };
      const [entry] = await retryWhileLocked(() =>
        Array.fromAsync(kv.list(selector, { limit: 1 }))
      );
      if (entry === undefined) break;
      const topic = entry.key[2] as string;
      found.add(topic);
      // Behind all offsets of this topic.
      start = [...prefix, `${topic}\0`];
    }
  }
  return [...found].sort();
}

/** Where the history of a topic begins and ends. */
export async function readBounds(kv: Deno.Kv, topic: Topic): Promise<HistoryBounds> {
  const kept = await markOf(kv, topic);
  const all = [0, Number.MAX_SAFE_INTEGER] as const;
  const [first] = await readPage(kv, topic, all, { limit: 1 });
  const [last] = await readPage(kv, topic, all, { limit: 1, reverse: true });
  const next = Math.max(kept, last === undefined ? 0 : last.value.last + 1);
  return { from: first === undefined ? next : Math.max(kept, first.key[3] as number), next };
}

/** Offset below which nothing is shown, though it may be there still. */
async function markOf(kv: Deno.Kv, { system, topic }: Topic): Promise<number> {
  return (await retryWhileLocked(() => kv.get<number>(KEYS.topicMark(system, topic)))).value ?? 0;
}

/** First offset of the group in which an offset lies, or the offset itself. */
async function groupStart(kv: Deno.Kv, topic: Topic, offset: number): Promise<number> {
  const [group] = await readPage(kv, topic, [0, offset + 1], { limit: 1, reverse: true });
  return group === undefined ? offset : group.key[3] as number;
}

function readPage(
  kv: Deno.Kv,
  { system, topic }: Topic,
  [from, before]: readonly [number, number],
  options: Deno.KvListOptions,
): Promise<Deno.KvEntry<StoredMessages>[]> {
  const range = { start: KEYS.topic(system, topic, from), end: KEYS.topic(system, topic, before) };
  return retryWhileLocked(() => Array.fromAsync(kv.list<StoredMessages>(range, options)));
}

async function messagesOf(
  kv: Deno.Kv,
  { system, topic }: Topic,
  entry: Deno.KvEntry<StoredMessages>,
): Promise<HistoryEntry[]> {
  const first = entry.key[3] as number;
  const label = ({ last }: StoredMessages) => LABELS.topic(system, topic, first, last);
  const found = await readText(kv, system, entry, label);
  if (found === null) return [];
  const messages: [offset: number, message: Json][] = JSON.parse(found.text);
  return messages.map(([offset, message]) => ({ offset, message }));
}
