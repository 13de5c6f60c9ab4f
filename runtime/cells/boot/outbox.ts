/**
 * What a worker says to the node: collects items, sends those of one turn as one line. Runs inside
 * the worker.
 *
 * @module
 */
import { findUntamed, JSON_DEPTH_MAX, JSON_VALUES_MAX } from "../../../actors/frames.ts";
import { codedError } from "./failure.ts";
import { findUnfit, type Unfit } from "./find_unfit.ts";
import type { LineWriter } from "./line_writer.ts";
import { toPath } from "./schema_check.ts";

/**
 * Text this long is sent at once: no line becomes a multiple of the limit, and the node has handled
 * one in some milliseconds, between which others have their turn.
 */
const FLUSH_CHARS = 32 * 1024;
/** Rounds of microtasks to wait for items that come together with this one. */
const FLUSH_HOPS = 4;

const { stringify } = JSON;

export class Outbox {
  /** Longest JSON text of one value. */
  charsMax = 0;
  readonly #isIdle: () => boolean;
  #writer: LineWriter | null = null;
  #waiting = "";
  #isFlushing = false;
  #isCorked = false;

  /** @param isIdle whether nothing is under way that could say more in this turn */
  constructor(isIdle: () => boolean) {
    this.#isIdle = isIdle;
  }

  open(writer: LineWriter): void {
    this.#writer = writer;
  }

  /** Sends JSON text of one item, with the others of this turn. */
  send(item: string): void {
    this.#waiting += this.#waiting === "" ? `[${item}` : `,${item}`;
    if (this.#waiting.length >= FLUSH_CHARS) return this.flush();
    if (!this.#isCorked) this.#flushSoon();
  }

  /** Until {@linkcode uncork}, there is more to come in this turn. */
  cork(): void {
    this.#isCorked = true;
  }

  uncork(): void {
    this.#isCorked = false;
    if (this.#waiting !== "") this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#isIdle()) return this.flush();
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#hop(FLUSH_HOPS);
  }

  flush(): void {
    if (this.#waiting === "") return;
    const text = `${this.#waiting}]`;
    this.#waiting = "";
    this.#writer!.write(text);
  }

  #hop(hops: number): void {
    if (hops > 0) return queueMicrotask(() => this.#hop(hops - 1));
    this.#isFlushing = false;
    this.flush();
  }

  /** JSON text of a value. Throws a coded error when it is none, or too large. */
  toJson(value: unknown, what: string): string {
    const text = this.#toText(value, what);
    if (text.length > this.charsMax) throw this.#unfit(what, { fault: "long" });
    const fault = findUntamed(text, JSON_VALUES_MAX);
    if (fault !== null) throw this.#unfit(what, { fault });
    return text;
  }

  #toText(value: unknown, what: string): string {
    let unfit: Unfit | null;
    let text: string | undefined;
    try {
      const limits = {
        charsMax: this.charsMax,
        valuesMax: JSON_VALUES_MAX,
        depthMax: JSON_DEPTH_MAX,
      };
      unfit = findUnfit(value, limits);
      if (unfit === null) text = stringify(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split("\n")[0] : "it throws";
      throw codedError("INVALID_OUTPUT", `Output of ${what} is no JSON: ${reason}`);
    }
    if (text !== undefined) return text;
    // `toJSON` may answer with nothing.
    throw this.#unfit(what, unfit ?? { fault: "foreign", path: [], what: "undefined" });
  }

  #unfit(what: string, unfit: Unfit): Error {
    return codedError("INVALID_OUTPUT", `Output of ${what} ${this.#explain(unfit)}`);
  }

  #explain(unfit: Unfit): string {
    switch (unfit.fault) {
      case "long":
        return `is more than ${this.charsMax} characters of JSON`;
      case "large":
        return `holds more than ${JSON_VALUES_MAX} values`;
      case "deep":
        return `nests deeper than ${JSON_DEPTH_MAX}, or is circular`;
      case "foreign":
        return `is no JSON: ${
          unfit.path.length === 0 ? "it" : toPath(unfit.path)
        } is ${unfit.what}`;
    }
  }
}
