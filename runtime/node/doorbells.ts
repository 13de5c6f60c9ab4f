import type { BellTopic, Doorbell } from "../../core/cluster_ports.ts";

export interface DoorbellsOptions {
  nodeId: string;
  /** Each of them is rung, and listened to. */
  bells: readonly Doorbell[];
  /** Whether this node leads the partition. */
  leads: (partition: number) => boolean;
  /** Something waits in the inbox of a partition. */
  onInbox: (partition: number) => void;
  /** Letters have come for this node. */
  onLetters: () => void;
}

/** The bells by which nodes tell each other that something waits. */
export class Doorbells {
  readonly #options: DoorbellsOptions;

  constructor(options: DoorbellsOptions) {
    this.#options = options;
  }

  /** A partition of this node needs no bell: it looks at once. */
  ring(topics: readonly BellTopic[]): void {
    const { bells, leads, onInbox } = this.#options;
    const others = topics.filter((topic) => {
      const partition = partitionOf(topic);
      if (partition === null || !leads(partition)) return true;
      onInbox(partition);
      return false;
    });
    if (others.length > 0) { for (const bell of bells) bell.ring(others); }
  }

  listen(): void {
    for (const bell of this.#options.bells) bell.listen((topic) => this.#onRing(topic));
  }

  #onRing(topic: BellTopic): void {
    const { nodeId, onInbox, onLetters } = this.#options;
    if (topic === `node:${nodeId}`) return onLetters();
    const partition = partitionOf(topic);
    if (partition !== null) onInbox(partition);
  }
}

function partitionOf(topic: BellTopic): number | null {
  return topic.startsWith("partition:") ? Number(topic.slice("partition:".length)) : null;
}
