import { setTimeout as sleep } from "node:timers/promises";
import type { Fence, Holder, Store } from "../../core/ports.ts";
import type { ElectionInput } from "../../actors/election/mod.ts";
import { DenizenError } from "../../core/errors.ts";
import type { Leading } from "./leading.ts";

const RELEASE_AGAIN_MS = 100;

/** An input without its instant: the clock is read when it is taken in. */
export type News = DistributiveOmit<ElectionInput, "at">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface FenceDeskOptions {
  runs: Pick<Store<unknown>, "claim" | "release">;
  holder: Holder;
  leading: Leading;
  onNews: (news: News) => void;
  /** A term record has changed. */
  onTermChange: () => void;
  onError: (error: unknown) => void;
}

/** A partition that this node has claimed. */
interface Held {
  fence: Fence;
  /** Settles when the node has taken it up, or failed to. */
  taken: Promise<void>;
}

/** The fences of one node: claiming partitions, taking them up and giving them back. */
export class FenceDesk {
  readonly #options: FenceDeskOptions;
  readonly #held = new Map<number, Held>();
  #isClosed = false;

  constructor(options: FenceDeskOptions) {
    this.#options = options;
  }

  async claim(partition: number, seenTerm: number): Promise<void> {
    const { onNews, onTermChange } = this.#options;
    const fence = await this.#tryClaim(partition, seenTerm);
    if (typeof fence === "string") return onNews({ type: fence, partition });
    if (this.#isClosed) return await this.#giveBack(fence);
    this.#held.set(partition, { fence, taken: Promise.resolve() });
    onNews({ type: "claimed", partition, term: fence.term });
    onTermChange();
  }

  async #tryClaim(
    partition: number,
    seenTerm: number,
  ): Promise<Fence | "claimRefused" | "claimUnknown"> {
    const { runs, holder, onError } = this.#options;
    try {
      return await runs.claim(partition, holder, seenTerm);
    } catch (error) {
      if (error instanceof DenizenError && error.code === "PARTITION_TAKEN") return "claimRefused";
      onError(error);
      return "claimUnknown";
    }
  }

  lead(partition: number, term: number): void {
    const held = this.#find(partition, term);
    if (held !== undefined) held.taken = this.#take(held);
  }

  async #take(held: Held): Promise<void> {
    const { leading, onNews, onError } = this.#options;
    const { partition, term } = held.fence;
    try {
      await leading.lead(held.fence);
    } catch (error) {
      onError(error);
      return onNews({ type: "surrender", partition, term });
    }
    // It was lost while it was taken up: what was started must end. A later term is not meant.
    if (!this.#held.has(partition)) leading.drop(partition);
  }

  suspend(partition: number, term: number): void {
    if (this.#find(partition, term) !== undefined) this.#options.leading.suspend(partition);
  }

  resume(partition: number, term: number): void {
    if (this.#find(partition, term) !== undefined) this.#options.leading.resume(partition);
  }

  drop(partition: number, term: number): void {
    if (this.#find(partition, term) === undefined) return;
    this.#held.delete(partition);
    this.#options.leading.drop(partition);
  }

  /** Stops the partition, then releases it; tries again until that is written or it is lost. */
  async handOver(partition: number, term: number, heir: string | null): Promise<void> {
    const { leading, onNews, onTermChange, onError } = this.#options;
    const held = this.#find(partition, term);
    if (held === undefined) return;
    await held.taken;
    // What could not be made durable was not promised to anybody.
    await leading.handOver(partition).catch(onError);
    if (!await this.#release(held, heir)) return;
    this.#held.delete(partition);
    onNews({ type: "handedOver", partition, term });
    onTermChange();
  }

  async #release(held: Held, heir: string | null): Promise<boolean> {
    for (let tries = 0;; tries++) {
      if (this.#held.get(held.fence.partition) !== held) return false;
      try {
        await this.#options.runs.release(held.fence, heir ?? undefined);
        return true;
      } catch (error) {
        if (tries === 0) this.#options.onError(error);
        await sleep(RELEASE_AGAIN_MS);
      }
    }
  }

  async #giveBack(fence: Fence): Promise<void> {
    try {
      await this.#options.runs.release(fence);
    } catch {
      // Others take it when this node's heartbeat has stopped for long enough.
    }
  }

  /** Lets go of everything and writes nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const [partition, { fence }] of this.#held) this.drop(partition, fence.term);
  }

  #find(partition: number, term: number): Held | undefined {
    const held = this.#held.get(partition);
    return held?.fence.term === term ? held : undefined;
  }
}
