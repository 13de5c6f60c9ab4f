import { EXTERNAL } from "./address.ts";

/** Size of what a message is beside its payload, in characters. */
const ENVELOPE_CHARS = 128;

/**
 * What waits in all mailboxes of a system, counted by who sent it. Each mailbox is bounded by
 * itself, but there may be a hundred thousand of them: no actor may fill the node by writing to all.
 * The program around the system may: it is its own memory.
 */
export class MailPool {
  readonly #charsMax: number;
  readonly #chars = new Map<string, number>();

  /** @param charsMax of each sender, envelopes included */
  constructor(charsMax: number) {
    this.#charsMax = charsMax;
  }

  /** Whether one more message of this sender may wait. */
  fits(share: string, chars: number): boolean {
    return share === EXTERNAL ||
      (this.#chars.get(share) ?? 0) + chars + ENVELOPE_CHARS <= this.#charsMax;
  }

  /** It waits. */
  add(share: string, chars: number): void {
    this.#chars.set(share, (this.#chars.get(share) ?? 0) + chars + ENVELOPE_CHARS);
  }

  /** It does not wait any more. */
  remove(share: string, chars: number): void {
    const left = (this.#chars.get(share) ?? 0) - chars - ENVELOPE_CHARS;
    if (left > 0) this.#chars.set(share, left);
    else this.#chars.delete(share);
  }
}
