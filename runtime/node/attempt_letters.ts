import type { Fence } from "../../core/ports.ts";
import type { Adoption, AttemptLetter, AttemptPlace } from "../../workflows/mod.ts";

/** Posts notes to a node, named as in the journal. */
export type PostLetters = (node: string, letters: AttemptLetter[]) => void;

/** What the leader of a partition has to say to other nodes: one note of each kind for each node. */
export class AttemptLetters {
  readonly #byNode = new Map<string, AttemptLetter[]>();
  readonly #fence: Fence;

  /** @param fence the leadership that they are written under */
  constructor(fence: Fence) {
    this.#fence = fence;
  }

  /** What a new leader has to ask, and to have ended, of attempts of a run. */
  add(runId: string, { ask, cancel }: Pick<Adoption, "ask" | "cancel">): void {
    for (const [node, attempts] of ask) this.#put("adopt", node, runId, attempts);
    for (const [node, attempts] of cancel) this.#put("cancel", node, runId, attempts);
  }

  /** An attempt is to be ended by the node that has it. */
  cancel(node: string, runId: string, { task, index, attempt }: AttemptPlace): void {
    this.#put("cancel", node, runId, [{ task, index, attempt }]);
  }

  postAll(post: PostLetters): void {
    for (const [node, letters] of this.#byNode) post(node, letters);
  }

  #put(
    type: AttemptLetter["type"],
    node: string,
    runId: string,
    attempts: AttemptPlace[],
  ): void {
    const { partition, term } = this.#fence;
    let letters = this.#byNode.get(node);
    if (letters === undefined) this.#byNode.set(node, letters = []);
    let letter = letters.find((one) => one.type === type);
    if (letter === undefined) letters.push(letter = { type, node, partition, term, runs: [] });
    letter.runs.push({ runId, attempts });
  }
}
