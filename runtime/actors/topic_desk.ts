/**
 * Topics of a system: who may publish, who gets it, what is kept.
 *
 * @module
 */
import { matchesAddress } from "../../actors/messages/mod.ts";
import type { TopicSpec } from "../../actors/system/mod.ts";
import {
  append,
  createHistory,
  EVENT_TYPE,
  type History,
  isTopicName,
  matchesTopic,
  read,
  type Subscription,
  Subscriptions,
  trim,
} from "../../actors/topics/mod.ts";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import type { ActorStore } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Parts } from "./parts.ts";

/** What was published to a topic. */
export interface Publication {
  /** The topic, never a pattern. */
  topic: string;
  /** Address of who published it, or `external`. */
  from: string;
  /** As it was published. */
  payload: Json;
  /** Size of the payload as JSON text. */
  chars: number;
  /** As it was published. */
  tags: string[];
  /** When it was published, in epoch milliseconds. */
  sentAt: number;
  /** Messages with the same text go to the same member of a group. */
  partitionBy?: string;
}

type Chars = { chars: number };

/** Topics that were published to, at once; one more is refused. */
const TOPICS_MAX = 10_000;

export class TopicDesk {
  readonly #parts: Parts;
  readonly #subscriptions = new Subscriptions();
  readonly #histories = new Map<string, History<Publication>>();
  /** What is known of a topic by the system file. */
  readonly #specs = new Map<string, TopicSpec | null>();

  constructor(parts: Parts) {
    this.#parts = parts;
    for (const [at, subscription] of parts.definition.subscriptions.entries()) {
      const { topic, group = null, ...rest } = subscription;
      this.#subscriptions.add({ id: `file:${at}`, pattern: topic, group, ...rest });
    }
  }

  /** Takes over what an earlier process kept of durable topics. */
  async restore(store: ActorStore<DeliveryEvent>): Promise<void> {
    const system = this.#parts.definition.name;
    for (const topic of await store.topics(system)) {
      const spec = this.specOf(topic);
      if (spec === null || !spec.durable) continue;
      const { next } = await store.historyBounds(system, topic);
      const entries = await store.history(system, topic, { last: spec.retain.messagesMax });
      const history = createHistory<Publication>();
      history.baseOffset = next - entries.length;
      history.slots = entries.map(({ message }) => message as unknown as Publication);
      history.chars = entries.reduce((sum, { message }) => sum + (message as Chars).chars, 0);
      this.#histories.set(topic, history);
    }
  }

  /** Why this may not be published, or `null`. */
  refuse(topic: string, from: string): ErrorData | null {
    const isTopic: boolean = isTopicName(topic);
    if (!isTopic) {
      return {
        code: "INVALID_TOPIC",
        message: `Cannot publish to "${topic.slice(0, 80)}": it is no topic`,
        hint: "Write words of small letters, digits, _ and -, with dots between them",
        retryable: false,
      };
    }
    const rule = this.specOf(topic)?.publish;
    if (rule?.some((pattern) => matchesAddress(pattern, from)) === false) {
      return {
        code: "ACCESS_DENIED",
        message: `Cannot publish to "${topic}" as "${from}": its rule lets nobody of that name`,
        hint: "Add it to `publish:` of the topic in the actor system file",
        retryable: false,
      };
    }
    return null;
  }

  /** The first entry of `topics:` that covers it. */
  specOf(topic: string): TopicSpec | null {
    const known = this.#specs.get(topic);
    if (known !== undefined) return known;
    const spec =
      this.#parts.definition.topics.find(({ pattern }) => matchesTopic(pattern, topic)) ??
        null;
    if (this.#specs.size < TOPICS_MAX) this.#specs.set(topic, spec);
    return spec;
  }

  /** Who gets it. */
  receivers({ topic, tags, partitionBy }: Publication): Subscription[] {
    return this.#subscriptions.resolve(topic, tags, {
      isAvailable: (to) => this.#parts.activator.find(to)?.status !== "ended",
      ...(partitionBy === undefined ? {} : { partitionBy }),
    });
  }

  /** Keeps it, where the topic keeps anything. */
  retain(publication: Publication): void {
    const { topic } = publication;
    const spec = this.specOf(topic);
    if (spec === null || spec.retain.messagesMax === 0) return;
    let history = this.#histories.get(topic);
    if (history === undefined) {
      if (this.#histories.size >= TOPICS_MAX) return;
      this.#histories.set(topic, history = createHistory());
    }
    const offset = append(history, publication, spec.retain);
    if (offset === null || !spec.durable) return;
    const below = history.baseOffset + history.dropped;
    this.#parts.mail.putHistory(
      { topic, offset, message: publication as unknown as Json },
      below,
    );
  }

  /** What is kept of a topic, oldest first. */
  history(topic: string, last: number): Publication[] {
    const history = this.#histories.get(topic);
    const spec = this.specOf(topic);
    if (history === undefined || spec === null) return [];
    trim(history, spec.retain, this.#parts.now());
    return read(history, { last }).messages.map(({ message }) => message);
  }

  /** What an actor wishes by `ctx.subscribe`. */
  subscribe(to: string, wish: Json): ErrorData | { retained: Publication[]; message: string } {
    const { topic, message = EVENT_TYPE, group = null, last = 0 } = toWish(wish);
    if (
      typeof topic !== "string" || typeof message !== "string" ||
      (group !== null && typeof group !== "string") || !isCount(last)
    ) return invalidWish();
    if (this.#encrypts(to)) {
      return {
        code: "SUBSCRIBER_ENCRYPTS",
        message: `Cannot subscribe "${to}", which takes only encrypted messages`,
        hint: "Subscribe another actor, and let it tell this one",
        retryable: false,
      };
    }
    const refusal = this.#subscriptions.add({
      id: `${to} ${topic}`,
      pattern: topic,
      to,
      message,
      group,
    });
    if (refusal !== null) return refusal;
    return { retained: last > 0 ? this.history(topic, last) : [], message };
  }

  #encrypts(to: string): boolean {
    return this.#parts.activator.find(to)?.type.spec.encrypt !== undefined;
  }

  unsubscribe(to: string, wish: Json): void {
    this.#subscriptions.remove(`${to} ${String(toWish(wish).topic)}`);
  }
}

function toWish(wish: Json): Record<string, Json | undefined> {
  return typeof wish === "object" && wish !== null && !Array.isArray(wish) ? wish : {};
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function invalidWish(): ErrorData {
  return {
    code: "INVALID_SUBSCRIPTION",
    message: "Cannot subscribe: the options are malformed",
    hint: "Write ctx.subscribe(topic, { message, group, last })",
    retryable: false,
  };
}
