import type { TreeView } from "../../actors/supervision/mod.ts";
import type { Json } from "../../core/json.ts";
import { ActorReader, type DeadLetterEntry, type SystemSummary } from "../node/actor_reader.ts";
import type { Stores } from "../node/open_store.ts";
import type { Page } from "./caller.ts";
import type {
  DeadLetterDetail,
  DeadLetterSummary,
  SystemsDesk,
  WishResult,
} from "./systems_desk.ts";

const LIMIT = { default: 50, max: 200 };
/** How long a wish is watched. */
const TAKEN_WITHIN_MS = 2_000;

/** See {@linkcode SystemsDesk}. */
export class NodeSystemsDesk implements SystemsDesk {
  readonly #reader: ActorReader;

  constructor({ actors }: Pick<Stores, "actors">) {
    this.#reader = new ActorReader(actors, () => {});
  }

  systems(): Promise<SystemSummary[]> {
    return this.#reader.systems();
  }

  async tree(name: string): Promise<{ system: SystemSummary; tree: TreeView | null }> {
    const system = await this.#reader.system(name);
    return { system, tree: await this.#reader.tree(system.system) };
  }

  async deadLetters(
    options: { system?: string; limit?: number; cursor?: string } = {},
  ): Promise<Page<DeadLetterSummary>> {
    const { system, cursor } = options;
    const limit = Math.min(options.limit ?? LIMIT.default, LIMIT.max);
    if (system !== undefined) await this.#reader.system(system);
    const letters = await this.#reader.deadLetters(system, { limit: limit + 1, cursor });
    const items = letters.slice(0, limit).map(summaryOf);
    return { items, nextCursor: letters.length > limit ? items.at(-1)!.id : null };
  }

  async deadLetter(id: string): Promise<DeadLetterDetail> {
    return detailOf(await this.#reader.deadLetter(id));
  }

  replay(id: string): Promise<WishResult> {
    return this.#wish(id, "replay");
  }

  discard(id: string): Promise<WishResult> {
    return this.#wish(id, "drop");
  }

  /** The leader of a system alone writes to it. */
  async #wish(id: string, type: "replay" | "drop"): Promise<WishResult> {
    const { system } = await this.#reader.deadLetter(id);
    const wishId = await this.#reader.wish(system, { type, letterId: id });
    const { isLed } = await this.#reader.system(system);
    const isTaken = isLed && await this.#reader.isTaken(system, wishId, TAKEN_WITHIN_MS);
    return { id, system, isTaken };
  }
}

function summaryOf({ id, system, letter }: DeadLetterEntry): DeadLetterSummary {
  const { message: { from, to, type }, reason, attempts, kills, history, at } = letter;
  const code = history.at(-1)?.code ?? null;
  return { id, system, reason, code, from, to, type, attempts, kills, at: instant(at) };
}

function detailOf(entry: DeadLetterEntry): DeadLetterDetail {
  const { letter } = entry;
  const { message, history } = letter;
  // The node keeps nothing of a refused message that should have been encrypted.
  const isKept = letter.seq >= 0 || message.chars > 0;
  return {
    ...summaryOf(entry),
    messageId: message.id,
    sentAt: instant(message.sentAt),
    topic: message.topic ?? null,
    payload: isKept ? message.payload as Json : null,
    isKept,
    history: history.map(({ at, code, message, isKill }) => ({
      at: instant(at),
      code,
      message,
      isKill,
    })),
  };
}

/** What is stored may hold any number. */
function instant(at: number): string {
  const date = new Date(at);
  return new Date(Number.isNaN(date.getTime()) ? 0 : at).toISOString();
}
