import type { DurableMessage } from "../../../actors/delivery/mod.ts";
import { LANES } from "../../../actors/messages/mod.ts";
import type { BusCheckers } from "./bus_checkers.ts";
import type { BusNode } from "./bus_node.ts";
import { addressOf, type Kind, type Payload } from "./bus_receivers.ts";
import type { BusWorld } from "./bus_world.ts";

const RESEND_AFTER_MS = 60;
const KINDS: Kind[] = [
  ...["ok", "ok", "ok", "ok", "flaky", "flaky", "hopeless", "refused", "killer", "poison"],
  ...["slow", "twice"],
] as Kind[];

/** What the world between a sender and the node does to it. */
export interface BusNetwork {
  /** Probability that a request or an answer is lost, or a request comes twice. */
  lossiness: () => number;
}

/** Sends its messages one after the other, each until it hears that it was taken. */
export class BusSender {
  readonly #world: BusWorld;
  readonly #node: BusNode;
  readonly #checkers: BusCheckers;
  readonly #network: BusNetwork;
  readonly #name: string;
  readonly #receivers: number;
  #left: number;
  #sent = 0;
  /** Of the last message of each stream. */
  readonly #numbers = new Map<string, number>();

  constructor(
    name: string,
    options: {
      world: BusWorld;
      node: BusNode;
      checkers: BusCheckers;
      network: BusNetwork;
      receivers: number;
      messages: number;
    },
  ) {
    this.#name = name;
    this.#world = options.world;
    this.#node = options.node;
    this.#checkers = options.checkers;
    this.#network = options.network;
    this.#receivers = options.receivers;
    this.#left = options.messages;
  }

  start(): void {
    const { random } = this.#world;
    if (this.#left-- <= 0) return;
    const pauseMs = random.chance(0.7) ? random.int(0, 30) : random.int(0, 1_200);
    this.#world.after(pauseMs, () => this.#sendUntilTaken(this.#draw()));
  }

  #sendUntilTaken(message: DurableMessage): void {
    let isTaken = false;
    const send = () => {
      if (isTaken) return;
      const copies = this.#happens() ? 2 : 1;
      for (let copy = 1; copy <= copies; copy++) {
        this.#request(message, () => {
          if (isTaken) return;
          isTaken = true;
          this.start();
        });
      }
      this.#world.after(RESEND_AFTER_MS, send);
    };
    send();
  }

  /** One request through the network, and its answer. */
  #request(message: DurableMessage, taken: () => void): void {
    const { random } = this.#world;
    if (this.#happens()) return;
    const slowMs = this.#happens() ? random.int(0, 300) : 0;
    this.#world.after(random.int(0, 5) + slowMs, () => {
      if (!this.#node.isUp) return;
      this.#node.receive(message, (answer) => {
        if (answer.status === "overloaded") return;
        this.#checkers.acknowledged(message);
        if (!this.#happens()) this.#world.after(random.int(0, 5), taken);
      });
    });
  }

  #draw(): DurableMessage {
    const { random, at } = this.#world;
    const to = addressOf(random.int(0, this.#receivers - 1));
    const lane = random.pick([...LANES, "normal", "normal"] as const);
    const stream = `${to} ${lane}`;
    const n = (this.#numbers.get(stream) ?? 0) + 1;
    this.#numbers.set(stream, n);
    const key = `${this.#name}-${++this.#sent}`;
    const payload: Payload = {
      key,
      kind: random.pick(KINDS),
      sends: random.chance(0.3) ? random.int(1, 3) : 0,
      n,
    };
    return {
      id: key,
      deduplicate: true,
      from: `actor://s/${this.#name}`,
      to,
      type: "work",
      payload,
      chars: 10,
      lane,
      sentAt: at,
      expiresAt: random.chance(0.1) ? at + random.int(1, 400) : null,
      ...(random.chance(0.1) ? { notBefore: at + random.pick([50, 200, 3_000]) } : {}),
    };
  }

  #happens(): boolean {
    return this.#world.random.chance(this.#network.lossiness());
  }
}
