/**
 * What actors ask of their own system: `system:` as an address.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Activation } from "./activation.ts";
import type { Ask, Letter } from "./letter.ts";
import type { Parts } from "./parts.ts";
import { invalid } from "./refusals.ts";
import type { Draft, Sender } from "./router.ts";

export class SystemControl {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `null`: the asker has its answer. */
  handle({ activation }: Sender, { type, payload, ask }: Draft): ErrorData | null {
    if (activation === null || ask === null) return invalid("Only actors speak to their system");
    if (type === "stop") {
      // The message that is being handled comes first.
      this.#answerAsk(ask, null);
      this.#parts.activator.passivate(activation, "normal");
      return null;
    }
    if (type === "stop-system") return this.#stopSystem(activation, ask);
    if (type === "unsubscribe") this.#parts.topics.unsubscribe(activation.address, payload);
    else if (type === "subscribe") {
      const result = this.#parts.topics.subscribe(activation.address, payload);
      if ("code" in result) return result;
      for (const publication of result.retained) {
        this.#parts.router.replay(activation, publication, result.message);
      }
    } else return invalid(`The system takes no message "${type}"`);
    this.#answerAsk(ask, null);
    return null;
  }

  /** In order: what is being handled comes first, this message too. */
  #stopSystem({ address, type }: Activation, ask: Ask): ErrorData | null {
    if (type.spec.mayStopSystem !== true) {
      return {
        code: "ACCESS_DENIED",
        message: `"${address}" may not stop its system`,
        hint: "Give it `mayStopSystem: true` in the system file if it is to",
        retryable: false,
      };
    }
    this.#answerAsk(ask, null);
    void this.#parts.tree.stop();
    return null;
  }

  #answerAsk(ask: Ask, output: Json): void {
    this.#parts.courier.answer({ ask } as Letter, { status: "completed", output });
  }
}
