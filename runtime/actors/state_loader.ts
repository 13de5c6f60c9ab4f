import type { StoredState } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Activation } from "./activation.ts";

export interface StateLoaderOptions {
  /** What the store has of each address; `null` where it has nothing. */
  read: (addresses: string[]) => Promise<(StoredState | null)[]>;
  onLoaded(activation: Activation, stored: StoredState | null): void;
  onFailed(activation: Activation, error: ErrorData): void;
  /** Everybody who was read for together has been told. */
  onRead(): void;
}

/** Reads states of actors that come up: all that ask in one turn with one look at the store. */
export class StateLoader {
  readonly #options: StateLoaderOptions;
  #wanted: Activation[] = [];

  constructor(options: StateLoaderOptions) {
    this.#options = options;
  }

  /** Tells of the state, unless the activation is not `loading` any more by then. */
  load(activation: Activation): void {
    this.#wanted.push(activation);
    if (this.#wanted.length === 1) queueMicrotask(() => void this.#read());
  }

  async #read(): Promise<void> {
    const { read, onLoaded, onFailed, onRead } = this.#options;
    const wanted = this.#wanted;
    this.#wanted = [];
    try {
      const states = await read(wanted.map(({ address }) => address));
      for (const [at, activation] of wanted.entries()) {
        if (activation.status === "loading") onLoaded(activation, states[at]!);
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      for (const activation of wanted) {
        if (activation.status !== "loading") continue;
        onFailed(activation, { code: "STATE_UNAVAILABLE", message });
      }
    }
    onRead();
  }
}
