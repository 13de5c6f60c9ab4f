import { UnauthenticatedError } from "../../core/errors.ts";

/** The right to listen, which may end before the stream does. */
export interface Permit {
  /** Names the credential: streams of one credential are looked at together. */
  key: string;
  /** Throws, or rejects, with an {@linkcode UnauthenticatedError} once it is good no longer. */
  check: () => unknown;
}

/** A credential of which streams are open. */
interface Watched {
  permit: Permit;
  streams: number;
  revoked: AbortController;
}

/** How often credentials are looked at. */
const CHECK_MS = 3_000;

/** Ends streams whose credentials have ended. */
export class PermitWatch {
  readonly #checkMs: number;
  readonly #watched = new Map<string, Watched>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param checkMs how often each credential is looked at. Default 3 s */
  constructor(checkMs: number = CHECK_MS) {
    this.#checkMs = checkMs;
  }

  /** A signal that aborts when the permit has ended; `release` when the stream has. */
  watch(permit: Permit): { signal: AbortSignal; release: () => void } {
    const watched = this.#watched.getOrInsertComputed(
      permit.key,
      () => ({ permit, streams: 0, revoked: new AbortController() }),
    );
    watched.streams++;
    this.#timer ??= setInterval(() => void this.checkAll(), this.#checkMs);
    let isReleased = false;
    const release = () => {
      if (!isReleased) this.#release(watched);
      isReleased = true;
    };
    return { signal: watched.revoked.signal, release };
  }

  /** Looks at all credentials now. */
  async checkAll(): Promise<void> {
    await Promise.all([...this.#watched.values()].map((watched) => this.#check(watched)));
  }

  async #check(watched: Watched): Promise<void> {
    try {
      await watched.permit.check();
    } catch (error) {
      // A store that is away says nothing of a credential: it is looked at again.
      if (!(error instanceof UnauthenticatedError)) return;
      this.#watched.delete(watched.permit.key);
      watched.revoked.abort();
    }
  }

  #release(watched: Watched): void {
    if (--watched.streams > 0) return;
    if (this.#watched.get(watched.permit.key) === watched) this.#watched.delete(watched.permit.key);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
