/**
 * Wishes that other processes leave for the leader of a system: dead letters to be replayed or
 * dropped, messages, children to be restarted.
 *
 * @module
 */
import type { DeadLetter, DeliveryEvent } from "../../actors/delivery/mod.ts";
import { EXTERNAL, isMessageId, isMessageType } from "../../actors/messages/mod.ts";
import type { ActorStore } from "../../core/actor_ports.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import type { Parts } from "./parts.ts";

/** What may be wished for. */
export type Wish =
  | { type: "replay" | "drop"; letterId: string }
  | { type: "tell"; to: string; messageType: string; payload: Json; id: string }
  | { type: "restart" | "terminate"; child: string };

const POLL_MS = 250;

export class WishReader {
  readonly #parts: Parts;
  readonly #system: string;
  readonly #store: ActorStore<DeliveryEvent>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;
  #reading: Promise<void> = Promise.resolve();
  /** Dealt with, but perhaps still in the inbox: the mark is not durable yet. */
  readonly #handled = new Set<string>();

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
    for (const id of this.#handled) if (!seen.has(id)) this.#handled.delete(id);
    for (const { id, wish } of wishes) {
      if (this.#handled.has(id) || this.#isStopped) continue;
      this.#handled.add(id);
      await this.#fulfil(id, wish);
    }
  }

  async #fulfil(id: string, wish: Json): Promise<void> {
    const { mail, tree } = this.#parts;
    if (!isWish(wish)) return mail.handleWish(id);
    switch (wish.type) {
      case "tell":
        return this.#tell(id, wish);
      case "restart":
      case "terminate":
        tree.command({
          type: wish.type === "restart" ? "RestartChild" : "TerminateChild",
          id: wish.child,
        });
        return mail.handleWish(id);
      default: {
        const stored = await this.#store.deadLetter(wish.letterId);
        if (stored === null || stored.system !== this.#system) return mail.handleWish(id);
        const letter = stored.letter as unknown as DeadLetter;
        if (wish.type === "replay") mail.replay(letter, stored.id, id);
        else mail.drop(letter, stored.id, id);
      }
    }
  }

  /** The wish is dealt with once its message is durable; its id makes sure that it is sent once. */
  #tell(id: string, wish: Extract<Wish, { type: "tell" }>): void {
    const { router, mail } = this.#parts;
    const done = () => mail.handleWish(id);
    router.send(
      { from: EXTERNAL, activation: null, work: null, taken: done, refused: done },
      {
        to: wish.to,
        type: wish.messageType,
        payload: wish.payload,
        chars: JSON.stringify(wish.payload).length,
        options: { id: wish.id, isDurable: true },
        ask: null,
      },
    );
  }
}

function isWish(value: Json): value is Wish & Json {
  if (!isJsonObject(value)) return false;
  switch (value.type) {
    case "replay":
    case "drop":
      return typeof value.letterId === "string";
    case "restart":
    case "terminate":
      return typeof value.child === "string";
    case "tell":
      return typeof value.to === "string" && isMessageType(value.messageType) &&
        isMessageId(value.id) && value.payload !== undefined;
    default:
      return false;
  }
}
