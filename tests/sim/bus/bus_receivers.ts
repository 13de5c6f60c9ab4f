import type { Delivery, DurableMessage } from "../../../actors/delivery/mod.ts";
import { type BusNode, keyOf } from "./bus_node.ts";
import type { BusWorld } from "./bus_world.ts";

/** How a message is taken by its receiver. */
export type Kind =
  | "ok"
  | "flaky"
  | "hopeless"
  | "refused"
  | "killer"
  | "poison"
  | "slow"
  | "twice";

/** What messages carry in this world. */
export type Payload = {
  key: string;
  kind: Kind;
  /** How many messages its handler sends. */
  sends: number;
  /** Of the sender: from 1, per receiver and lane; 0 for what handlers send. */
  n: number;
};

/** An answer later than this is a time-out. */
const TIMEOUT_MS = 100;

interface Receiver {
  address: string;
  queue: Delivery[];
  busy: Delivery | null;
  isDead: boolean;
  /** Grows when it is stopped: what it had begun comes to nothing. */
  generation: number;
}

export function addressOf(at: number): string {
  return `actor://r/${at}`;
}

/** The actors in their cells, two to a cell: they fail, die, hang and answer too much. */
export class BusReceivers {
  readonly #world: BusWorld;
  readonly #receivers = new Map<string, Receiver>();
  readonly #handlings = new Map<string, number>();
  node!: BusNode;

  constructor(world: BusWorld, count: number) {
    this.#world = world;
    for (let at = 0; at < count; at++) {
      const address = addressOf(at);
      this.#receivers.set(address, {
        address,
        queue: [],
        busy: null,
        isDead: false,
        generation: 0,
      });
    }
  }

  get count(): number {
    return this.#receivers.size;
  }

  take(delivery: Delivery): void {
    const receiver = this.#receivers.get(delivery.message.to)!;
    receiver.queue.push(delivery);
    this.#next(receiver);
  }

  /** The node wants a message back that was not begun. */
  takeBack(to: string, seq: number): void {
    const receiver = this.#receivers.get(to)!;
    receiver.queue = receiver.queue.filter((delivery) => delivery.seq !== seq);
  }

  /** The cells die with their node. */
  killAll(): void {
    for (const receiver of this.#receivers.values()) this.#stop(receiver);
  }

  #next(receiver: Receiver): void {
    if (receiver.busy !== null || receiver.isDead) return;
    const delivery = receiver.queue.shift();
    if (delivery === undefined) return;
    receiver.busy = delivery;
    const { message } = delivery;
    const key = keyOf(message);
    const handling = (this.#handlings.get(key) ?? 0) + 1;
    this.#handlings.set(key, handling);
    this.#world.note(`handle ${key} seq ${delivery.seq} attempt ${delivery.attempt}`);
    this.#later(
      receiver,
      this.#world.random.int(0, 12),
      () => this.#send(receiver, delivery, handling),
    );
    this.#later(receiver, TIMEOUT_MS, () => {
      if (receiver.busy !== delivery) return;
      this.#stop(receiver);
      this.node.fail(delivery, { isKill: false, code: "TIMEOUT" });
      this.node.bystander(receiver.address);
    });
  }

  #send(receiver: Receiver, delivery: Delivery, handling: number): void {
    const { sends } = payloadOf(delivery.message);
    for (let ordinal = 0; ordinal < sends; ordinal++) {
      const { status } = this.node.send(this.#sendOf(delivery, ordinal));
      if (status === "overloaded") return this.#fail(receiver, delivery, { code: "OVERLOADED" });
    }
    this.#act(receiver, delivery, handling);
  }

  #act(receiver: Receiver, delivery: Delivery, handling: number): void {
    switch (payloadOf(delivery.message).kind) {
      case "flaky":
        if (handling > 2) return this.#finish(receiver, delivery);
        return this.#fail(receiver, delivery, { code: "FAILED" });
      case "hopeless":
        return this.#fail(receiver, delivery, { code: "FAILED" });
      case "refused":
        return this.#fail(receiver, delivery, { code: "FAILED", retryable: false });
      case "killer":
        return handling > 2 ? this.#finish(receiver, delivery) : this.#die(receiver, delivery);
      case "poison":
        return this.#die(receiver, delivery);
      case "slow":
        if (handling > 1) return this.#finish(receiver, delivery);
        return this.#answerLater(delivery, 2 * TIMEOUT_MS);
      case "twice":
        this.#answerLater(delivery, this.#world.random.int(0, 60));
        return this.#finish(receiver, delivery);
      case "ok":
        return this.#finish(receiver, delivery);
    }
  }

  #finish(receiver: Receiver, delivery: Delivery): void {
    receiver.busy = null;
    this.node.finish(delivery);
    // Now and then an actor is put away with messages before it.
    if (this.#world.random.chance(0.05)) this.node.giveBack(receiver.queue.splice(0));
    this.#next(receiver);
  }

  #fail(receiver: Receiver, delivery: Delivery, how: { code: string; retryable?: boolean }): void {
    receiver.busy = null;
    this.node.fail(delivery, { isKill: false, ...how });
    this.#next(receiver);
  }

  /** The cell goes down; the node hears of it a little later. */
  #die(receiver: Receiver, delivery: Delivery): void {
    const neighbour = this.#neighbourOf(receiver);
    receiver.isDead = true;
    neighbour.isDead = true;
    this.#later(receiver, this.#world.random.int(1, 5), () => {
      this.#stop(receiver);
      this.#stop(neighbour);
      this.node.fail(delivery, { isKill: true, code: "CRASHED" });
      this.node.bystander(receiver.address);
      this.node.bystander(neighbour.address);
    });
  }

  /** An answer that comes whatever happens to the receiver, unless the cell has gone. */
  #answerLater(delivery: Delivery, delayMs: number): void {
    const { node } = this;
    const { life } = node;
    this.#world.after(delayMs, () => {
      if (node.life === life) node.finish(delivery);
    });
  }

  #sendOf({ seq, message }: Delivery, ordinal: number): DurableMessage {
    const key = `${keyOf(message)}/${ordinal}`;
    // The same each time it is handled: what a handler sends follows from its message.
    const to = addressOf(key.length % this.#receivers.size);
    const payload: Payload = { key, kind: "ok", sends: key.length % 5 === 0 ? 1 : 0, n: 0 };
    return {
      id: `${seq}-${ordinal}`,
      from: message.to,
      to,
      type: "work",
      payload,
      chars: 10,
      lane: "normal",
      sentAt: this.#world.at,
      expiresAt: null,
      cause: { seq, ordinal },
    };
  }

  #neighbourOf({ address }: Receiver): Receiver {
    const at = Number(address.split("/").at(-1));
    return this.#receivers.get(addressOf(at ^ 1))!;
  }

  #stop(receiver: Receiver): void {
    receiver.generation++;
    receiver.queue = [];
    receiver.busy = null;
    receiver.isDead = false;
  }

  #later(receiver: Receiver, delayMs: number, run: () => void): void {
    const { generation } = receiver;
    this.#world.after(delayMs, () => {
      if (generation === receiver.generation && (!receiver.isDead || delayMs <= 5)) run();
    });
  }
}

export function payloadOf({ payload }: DurableMessage): Payload {
  return payload as Payload;
}
