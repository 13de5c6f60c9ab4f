/**
 * Notes between nodes: those for this node are read as they come, those for others are kept until
 * the store has them.
 *
 * @module
 */
import type { BellTopic, ClusterStore } from "../../core/cluster_ports.ts";
import type { Json } from "../../core/json.ts";
import type { AttemptLetter } from "../../workflows/mod.ts";
import { SendQueue } from "./send_queue.ts";

export interface LetterBoxOptions {
  cluster: ClusterStore;
  nodeId: string;
  ring: (topics: BellTopic[]) => void;
  onLetter: (letter: AttemptLetter) => void;
  onError: (error: unknown) => void;
  /** How often letters are looked for, whether a doorbell rang or not. */
  pollMs: number;
}

export class LetterBox {
  readonly #options: LetterBoxOptions;
  readonly #queue: SendQueue<Json>;
  #poll: ReturnType<typeof setInterval> | undefined;
  #reading: Promise<void> | null = null;
  #hasRung = false;

  constructor(options: LetterBoxOptions) {
    this.#options = options;
    const { cluster, ring, onError } = options;
    this.#queue = new SendQueue({
      send: async (nodeId, bodies) => {
        await cluster.post(nodeId, bodies);
        ring([`node:${nodeId}`]);
      },
      onError,
    });
  }

  /** Letters of an earlier boot are read as well: whoever gets them sees that they are not his. */
  open(): void {
    this.#poll = setInterval(() => this.look(), this.#options.pollMs);
    this.look();
  }

  /** Posts notes to a node, which is named as in the journal: `name/boot`. */
  post(node: string, letters: readonly AttemptLetter[]): void {
    const nodeId = node.slice(0, node.lastIndexOf("/"));
    for (const letter of letters) this.#queue.add(nodeId, letter as unknown as Json);
  }

  /** Reads what has come. */
  look(): void {
    if (this.#reading !== null) {
      this.#hasRung = true;
      return;
    }
    this.#hasRung = false;
    this.#reading = this.#read().catch(this.#options.onError).finally(() => {
      this.#reading = null;
      if (this.#hasRung && this.#poll !== undefined) this.look();
    });
  }

  async #read(): Promise<void> {
    const { cluster, nodeId, onLetter, onError } = this.#options;
    for (;;) {
      const letters = await cluster.letters(nodeId);
      if (letters.length === 0) return;
      for (const { body } of letters) {
        try {
          onLetter(body as unknown as AttemptLetter);
        } catch (error) {
          // Of a later version, perhaps: those behind it must not wait for ever.
          onError(error);
        }
      }
      await cluster.discard(nodeId, letters.map(({ id }) => id));
    }
  }

  /** Resolves once every note for others is durable. */
  flushed(): Promise<void> {
    return this.#queue.flushed();
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    this.#poll = undefined;
    this.#queue.close();
    await this.#reading;
  }
}
