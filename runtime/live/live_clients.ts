import { RateLimitedError } from "../../core/errors.ts";
import type { Principal } from "../../rules/access/mod.ts";

/** Streams that one principal may have open at a node: each holds a file descriptor of it. */
const STREAMS_MAX = 2_000;
const RETRY_AFTER_MS = 5_000;

/** Counts who listens to a node, and refuses whoever does so too often. */
export class LiveClients {
  /** Open event streams, those of sockets left out. */
  sse = 0;
  /** Open WebSockets. */
  webSocket = 0;
  /** Those that were cut off because they were too slow, ever since the node began. */
  dropped = 0;
  readonly #streamsMax: number;
  /** Open streams and sockets, by principal. */
  readonly #open = new Map<string, number>();

  /** @param streamsMax event streams and sockets of one principal. Default 2,000 */
  constructor({ streamsMax = STREAMS_MAX }: { streamsMax?: number } = {}) {
    this.#streamsMax = streamsMax;
  }

  /**
   * Somebody came; to be called, as often as one likes, when they have gone.
   *
   * @throws {RateLimitedError} `TOO_MANY_STREAMS`
   */
  enter(kind: "sse" | "webSocket", { id }: Pick<Principal, "id">): () => void {
    const open = this.#open.get(id) ?? 0;
    if (open >= this.#streamsMax) throw tooManyStreams(open);
    this.#open.set(id, open + 1);
    this[kind]++;
    let isIn = true;
    return () => {
      if (isIn) this.#leave(kind, id);
      isIn = false;
    };
  }

  #leave(kind: "sse" | "webSocket", id: string): void {
    this[kind]--;
    const left = this.#open.get(id)! - 1;
    if (left > 0) this.#open.set(id, left);
    else this.#open.delete(id);
  }
}

function tooManyStreams(open: number): RateLimitedError {
  return new RateLimitedError("TOO_MANY_STREAMS", {
    message: `Cannot open another stream: ${open} are open already with this key or sign-in`,
    hint: "Close some, or follow all runs with one stream",
    retryAfterMs: RETRY_AFTER_MS,
  });
}
