/**
 * The actor systems of a data directory, seen from outside: reads what their leaders wrote, and
 * leaves wishes for them.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { DeadLetter, DeliveryEvent } from "../../actors/delivery/mod.ts";
import type { TreeView } from "../../actors/supervision/mod.ts";
import type { ActorStore, StoredLetter } from "../../core/actor_ports.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { Wish } from "../actors/mod.ts";
import { openExistingStores, type StorePlace } from "./open_store.ts";
import { isGone } from "./process_identity.ts";

/** One actor system of a data directory. */
export interface SystemSummary {
  system: string;
  /** How often it was started. */
  term: number;
  /** The process that leads it, or led it last; `null` when that stopped in order. */
  pid: number | null;
  /** Whether that process lives. */
  isLed: boolean;
}

/** A message that was given up. */
export interface DeadLetterEntry {
  id: string;
  system: string;
  letter: DeadLetter;
}

/** How often is looked whether a wish was taken. */
const WISH_POLL_MS = 100;
/** The inbox shows so many wishes at once. */
const WISHES_SEEN_MAX = 100;

/** See {@linkcode openActorReader}. */
export class ActorReader {
  readonly #store: ActorStore<DeliveryEvent>;
  readonly #close: () => void;

  constructor(store: ActorStore<DeliveryEvent>, close: () => void) {
    this.#store = store;
    this.#close = close;
  }

  /** Every system that was ever started on the directory, by name. */
  async systems(): Promise<SystemSummary[]> {
    const entries = await this.#store.systems();
    return entries.map(({ system, term, holder }) => ({
      system,
      term,
      pid: holder?.pid ?? null,
      isLed: holder !== null && !isGone(holder),
    }));
  }

  /**
   * The system of that name; without one, the only one that there is, or that is led.
   *
   * @throws {InvalidInputError} `SYSTEM_NOT_FOUND`, `SYSTEM_UNCLEAR` when there are several
   */
  async system(name?: string): Promise<SystemSummary> {
    const systems = await this.systems();
    const found = name === undefined ? systems : systems.filter(({ system }) => system === name);
    if (found.length === 1) return found[0]!;
    const led = found.filter(({ isLed }) => isLed);
    if (led.length === 1) return led[0]!;
    const names = systems.map(({ system }) => system).join(", ");
    if (found.length > 1) {
      throw new InvalidInputError("SYSTEM_UNCLEAR", {
        message: `Cannot tell which actor system is meant: there are ${names}`,
        hint: "Name one of them",
      });
    }
    throw new InvalidInputError("SYSTEM_NOT_FOUND", {
      message: name === undefined
        ? "Found no actor system: none was ever started here"
        : `Found no actor system "${name}"`,
      hint: names === ""
        ? "Start one with: deno task denizen actors run FILE"
        : `Use one of: ${names}`,
    });
  }

  /** The supervision tree as the leader last wrote it; `null` before it did. */
  async tree(system: string): Promise<TreeView | null> {
    return await this.#store.tree(system) as TreeView | null;
  }

  /**
   * Dead letters, newest first.
   *
   * @param system `undefined`: of every system
   * @param options `cursor`: id of the last letter of the page before
   */
  async deadLetters(
    system: string | undefined,
    options: { limit: number; cursor?: string },
  ): Promise<DeadLetterEntry[]> {
    return (await this.#store.deadLetters(system ?? null, options)).map(toEntry);
  }

  /** @throws {InvalidInputError} `DEAD_LETTER_NOT_FOUND` */
  async deadLetter(id: string): Promise<DeadLetterEntry> {
    const stored = await this.#store.deadLetter(id);
    if (stored !== null) return toEntry(stored);
    throw new InvalidInputError("DEAD_LETTER_NOT_FOUND", {
      message: `Found no dead letter "${id}"`,
      hint: "List them with: deno task denizen dead-letters list",
    });
  }

  /**
   * Leaves a wish for whoever leads the system, now or later; answers with its id.
   *
   * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE`
   */
  wish(system: string, wish: Wish): Promise<string> {
    return this.#store.wish(system, wish);
  }

  /** Whether the leader has dealt with a wish within the time. */
  async isTaken(system: string, wishId: string, withinMs: number): Promise<boolean> {
    const endsAt = performance.now() + withinMs;
    for (;;) {
      const wishes = await this.#store.wishes(system);
      if (wishes.length < WISHES_SEEN_MAX && wishes.every(({ id }) => id !== wishId)) return true;
      if (performance.now() > endsAt) return false;
      await sleep(WISH_POLL_MS);
    }
  }

  /** Lets go of the directory. */
  close(): void {
    this.#close();
  }
}

function toEntry({ id, system, letter }: StoredLetter): DeadLetterEntry {
  return { id, system, letter: letter as unknown as DeadLetter };
}

/**
 * Opens the actor systems of a data directory.
 *
 * @throws {InvalidInputError} `DATA_DIR_MISSING` when nothing was ever run there
 */
export async function openActorReader(place: StorePlace): Promise<ActorReader> {
  const stores = await openExistingStores(place, {
    what: "actor systems",
    hint: "Start one with: deno task denizen actors run FILE; or name the folder with --data DIR",
  });
  return new ActorReader(stores.actors, () => void stores.close());
}
