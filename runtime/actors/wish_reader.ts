/**
 * Wishes that other processes leave for the leader of a system: dead letters to be replayed or
 * dropped, messages, children to be restarted.
 *
 * @module
 */
import type { DeadLetter, DeliveryEvent, DurableMessage } from "../../actors/delivery/mod.ts";
import { EXTERNAL, isMessageId, isMessageType, parseAddress } from "../../actors/messages/mod.ts";
import type { ActorStore } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import { isSealed } from "./admission.ts";
import type { Parts } from "./parts.ts";
import { SYSTEM_STOPPED } from "./refusals.ts";

/** What may be wished for. */
export type Wish =
  | { type: "replay" | "drop"; letterId: string }
  | { type: "tell"; to: string; messageType: string; payload: Json; id: string }
  /** `term`: of the system as it was seen. After a new start the tree is another one. */
  | { type: "restart" | "terminate"; child: string; term: number };

/** A message that the system may have refused before. */
interface Outside {
  to: string;
  type: string;
  payload: Json;
  id: string;
  sentAt: number | null;
}

const POLL_MS = 250;

export class WishReader {
  readonly #parts: Parts;
  readonly #system: string;
  readonly #store: ActorStore<DeliveryEvent>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;
  #reading: Promise<void> = Promise.resolve();
  /** Dealt with, but perhaps still in the inbox: the mark is not durable yet. */
  readonly #handled = new Map<string, Json>();

  constructor(parts: Parts, system: string, store: ActorStore<DeliveryEvent>) {
    this.#parts = parts;
    this.#system = system;
    this.#store = store;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#reading = this.#read().catch(() => {}).finally(() => {
        if (!this.#isStopped) this.start();
      });
    }, POLL_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#reading;
  }

  async #read(): Promise<void> {
    const wishes = await this.#store.wishes(this.#system);
    const seen = new Set(wishes.map(({ id }) => id));
    for (const id of this.#handled.keys()) if (!seen.has(id)) this.#handled.delete(id);
    for (const { id, wish } of wishes) {
      if (this.#handled.has(id) || this.#isStopped) continue;
      const earlier = [...this.#handled.values()];
      this.#handled.set(id, wish);
      await this.#fulfil(id, wish, earlier);
    }
  }

  async #fulfil(id: string, wish: Json, earlier: readonly Json[]): Promise<void> {
    const { mail, tree } = this.#parts;
    if (!isWish(wish)) return mail.handleWish(id);
    switch (wish.type) {
      case "tell": {
        const { to, messageType: type, payload } = wish;
        return this.#tell({ to, type, payload, id: wish.id, sentAt: null }, id);
      }
      case "restart":
      case "terminate":
        if (wish.term === mail.term) {
          tree.command({
            type: wish.type === "restart" ? "RestartChild" : "TerminateChild",
            id: wish.child,
          });
        }
        return mail.handleWish(id);
      default: {
        const stored = await this.#store.deadLetter(wish.letterId);
        if (stored === null || stored.system !== this.#system) return mail.handleWish(id);
        const letter = stored.letter as unknown as DeadLetter;
        if (wish.type === "drop") mail.drop(letter, stored.id, id);
        else if (letter.seq >= 0) mail.replay(letter, stored.id, id);
        else this.#retell(letter, stored.id, id, earlier);
      }
    }
  }

  /** What was never accepted comes to the door again: rules may not be passed by way of a letter. */
  #retell({ message }: DeadLetter, letterId: string, wishId: string, earlier: readonly Json[]) {
    const isOver = earlier.some((wish) =>
      isWish(wish) && "letterId" in wish && wish.letterId === letterId
    );
    // Nothing to send either where the payload was not kept.
    if (isOver || message.chars === 0) return this.#parts.mail.handleWish(wishId);
    this.#tell(message, wishId, letterId);
  }

  /**
   * The wish is dealt with once its message is durable; its id makes sure that it is sent once. A
   * message that is refused becomes a dead letter: whoever left the wish is not there any more.
   */
  #tell(message: Outside, wishId: string, letterId?: string): void {
    const { router, mail } = this.#parts;
    const { to, type, payload, id } = message;
    const chars = JSON.stringify(payload).length;
    router.sendPlain(
      {
        from: EXTERNAL,
        activation: null,
        work: null,
        taken: () => mail.handleWish(wishId, letterId),
        refused: (error) => {
          // The next process finds the wish.
          if (error.code === SYSTEM_STOPPED.code) return;
          mail.buryRefused(this.#letterOf(message, chars, error), error, wishId, letterId);
        },
      },
      { to, type, payload, chars, options: { id, isDurable: true }, ask: null },
    );
  }

  /** Of what should have been encrypted nothing is kept: then it has no characters. */
  #letterOf(message: Outside, chars: number, { code }: ErrorData): DurableMessage {
    const { to, type, payload, id, sentAt } = message;
    const address = parseAddress(to);
    const spec = "problem" in address ? undefined : this.#parts.types.get(address.name)?.spec;
    const isSecret = code === "SEAL_MISSING" || (spec?.encrypt !== undefined && !isSealed(payload));
    return {
      id,
      from: EXTERNAL,
      to,
      type,
      payload: isSecret ? null : payload,
      chars: isSecret ? 0 : chars,
      lane: "normal",
      sentAt: sentAt ?? this.#parts.now(),
      expiresAt: null,
      deduplicate: true,
    };
  }
}

/** As the router takes them. */
const ADDRESS_CHARS_MAX = 400;

function isWish(value: Json): value is Wish & Json {
  if (!isJsonObject(value)) return false;
  switch (value.type) {
    case "replay":
    case "drop":
      return typeof value.letterId === "string";
    case "restart":
    case "terminate":
      return typeof value.child === "string" && typeof value.term === "number";
    case "tell":
      return typeof value.to === "string" && value.to.length <= ADDRESS_CHARS_MAX &&
        isMessageType(value.messageType) &&
        isMessageId(value.id) && value.payload !== undefined;
    default:
      return false;
  }
}
