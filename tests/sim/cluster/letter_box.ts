import type { AttemptLetter } from "../../../workflows/mod.ts";
import type { ClusterNode } from "./cluster_node.ts";

/** Reads what leaders write to this node about attempts that it has, or had. */
export class LetterBox {
  readonly #node: ClusterNode;

  constructor(node: ClusterNode) {
    this.#node = node;
  }

  read(): void {
    const { nodeId } = this.#node.holder;
    this.#node.link.call("read", () => this.#node.store.letters(nodeId), {
      done: (letters) => {
        for (const { id, body } of letters) {
          this.#receive(
            body as unknown as AttemptLetter,
            () =>
              this.#node.link.call("write", () => this.#node.store.discard(nodeId, [id]), {
                done: () => {},
                failed: () => {},
              }),
          );
        }
      },
      failed: () => {},
    });
  }

  /** `discard` strikes the letter off, once all that it asks for is durable. */
  #receive(letter: AttemptLetter, discard: () => void): void {
    if (letter.node !== this.#node.name) return discard();
    if (letter.type === "cancel") {
      for (const { runId, attempts } of letter.runs) {
        for (const place of attempts) this.#node.cells.cancel({ runId, ...place });
      }
      return discard();
    }
    const led = this.#node.led.get(letter.partition);
    if (led !== undefined) {
      // What is missing was found missing when leadership came back here.
      if (led.fence.term >= letter.term) return discard();
      this.#node.fenced(led.fence);
    }
    this.#answer(letter, discard);
  }

  #answer({ partition, runs }: AttemptLetter, discard: () => void): void {
    const wishes = runs.flatMap(({ runId, attempts }) => {
      const missing = attempts.filter((place) => !this.#node.has({ runId, ...place }));
      return missing.length === 0 ? [] : [{ runId, attempts: missing }];
    });
    const isSilent = this.#node.defect === "letters lost without lose";
    if (wishes.length === 0 || isSilent) return discard();
    for (const { runId, attempts } of wishes) {
      const body = JSON.parse(JSON.stringify({ attempts }));
      const wish = { runId, type: "lose", body };
      this.#node.send(partition, wish, { done: discard, failed: () => {} });
    }
  }
}
