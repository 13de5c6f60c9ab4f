/**
 * Hints between nodes, over their link.
 *
 * @module
 */
import type { BellTopic, Doorbell, Member } from "../../../core/cluster_ports.ts";
import { isJsonObject, type Json } from "../../../core/json.ts";
import type { NodeLink } from "./node_link.ts";

export interface LinkBellOptions {
  link: NodeLink;
  /** Nodes as they were last seen, this one perhaps among them. */
  members: () => readonly Member[];
  /** Name of the node that leads a partition; `null` when nobody knows. */
  leaderOf: (partition: number) => string | null;
}

const METHOD = "ring";
/** A hint that comes later is none. */
const RING_MS = 1_000;
/** Topics that wait for one node; the rest is lost, as hints may be. */
const WAITING_MAX = 1_000;
const TOPIC = /^(?:terms|partition:\d{1,6}|node:.{1,200})$/s;

/**
 * A doorbell that rings at the node that the topic concerns: the leader of the partition, the named
 * node, for `terms` everybody else. What is rung in one turn goes in one request, one request at a
 * time to each node.
 */
export function createLinkBell(options: LinkBellOptions): Doorbell {
  return new LinkBell(options);
}

class LinkBell implements Doorbell {
  readonly #options: LinkBellOptions;
  readonly #listeners = new Set<(topic: BellTopic) => void>();
  readonly #waiting = new Map<string, Set<BellTopic>>();
  readonly #ringing = new Set<string>();

  constructor(options: LinkBellOptions) {
    this.#options = options;
    options.link.handle(METHOD, (body) => {
      for (const topic of topicsOf(body)) this.#tell(topic);
      return null;
    });
  }

  listen(onRing: (topic: BellTopic) => void): () => void {
    this.#listeners.add(onRing);
    return () => this.#listeners.delete(onRing);
  }

  ring(topics: readonly BellTopic[]): void {
    for (const topic of topics) {
      for (const url of this.#urlsOf(topic)) this.#put(url, topic);
    }
  }

  #tell(topic: BellTopic): void {
    for (const listener of this.#listeners) listener(topic);
  }

  *#urlsOf(topic: BellTopic): Iterable<string> {
    const { members, leaderOf, link } = this.#options;
    const [kind, name = ""] = splitTopic(topic);
    const nodeId = kind === "partition" ? leaderOf(Number(name)) : name;
    for (const { nodeId: id, url } of members()) {
      if (url === null) continue;
      if (kind === "terms" ? url !== link.url : id === nodeId) yield url;
    }
  }

  #put(url: string, topic: BellTopic): void {
    let topics = this.#waiting.get(url);
    if (topics === undefined) {
      topics = new Set();
      this.#waiting.set(url, topics);
      queueMicrotask(() => this.#send(url));
    }
    if (topics.size < WAITING_MAX) topics.add(topic);
  }

  async #send(url: string): Promise<void> {
    const { link } = this.#options;
    const topics = this.#waiting.get(url);
    if (topics === undefined || this.#ringing.has(url)) return;
    this.#waiting.delete(url);
    if (url === link.url) {
      for (const topic of topics) this.#tell(topic);
      return;
    }
    this.#ringing.add(url);
    try {
      await link.call(url, METHOD, { topics: [...topics] }, { timeoutMs: RING_MS });
    } catch {
      // Whoever was to hear it looks by itself.
    }
    this.#ringing.delete(url);
    await this.#send(url);
  }
}

/** `partition:3` in two; a node's name may hold colons. */
function splitTopic(topic: BellTopic): [kind: string, name?: string] {
  const at = topic.indexOf(":");
  return at < 0 ? [topic] : [topic.slice(0, at), topic.slice(at + 1)];
}

function topicsOf(body: Json): BellTopic[] {
  const topics = isJsonObject(body) && Array.isArray(body.topics) ? body.topics : [];
  return topics.slice(0, WAITING_MAX).filter(isTopic);
}

function isTopic(value: Json): value is BellTopic {
  return typeof value === "string" && TOPIC.test(value);
}
