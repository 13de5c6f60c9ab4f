/**
 * Durable delivery under faults: senders that send again, a network that loses and repeats,
 * receivers that fail, die, hang and answer twice, users who replay, and a node that dies wherever
 * it hurts. The same seed gives the same trace.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { DeliveryLimits } from "../../../actors/delivery/mod.ts";
import { BusCheckers } from "./bus_checkers.ts";
import { type BusDefect, BusNode } from "./bus_node.ts";
import { BusReceivers } from "./bus_receivers.ts";
import { BusSender } from "./bus_senders.ts";
import { BusStore } from "./bus_store.ts";
import { BusWorld } from "./bus_world.ts";

/** From then on nothing is lost and nobody dies but of a message. */
const FAULTS_UNTIL = 7_000;
/** Longer than ids and ended letters are remembered. */
const WINDOW_OVER_MS = 70_000;
/** What one last message, its retries and its sends leave at most. */
const SEGMENTS_AT_REST = 20;

/** What the world is to be like. */
export interface BusOptions {
  /** The node dies now and then, and the network is bad. */
  crashes: boolean;
  defect?: BusDefect;
}

/** Runs one seed to its rest; answers what happened and how often. */
export function simulateBus(
  seed: number,
  options: BusOptions,
): { trace: string[]; counts: Map<string, number> } {
  const world = new BusWorld(seed);
  const { random } = world;
  const limits: DeliveryLimits = {
    windowMs: random.pick([200, 1_000, 4_000]),
    idsMax: random.pick([5, 40, 1_000]),
    pendingMax: 40,
    pendingCharsMax: 10_000,
    pendingPerReceiverMax: 15,
  };
  const checkers = new BusCheckers(limits);
  const store = new BusStore();
  const receivers = new BusReceivers(world, random.pick([2, 4]));
  const hurts = options.crashes ? random.pick([0.02, 0.05, 0.1]) : 0;
  const during = (chance: number) => () => world.at < FAULTS_UNTIL ? chance : 0;
  const node = new BusNode({
    ...{ world, store, checkers, receivers },
    crashiness: during(hurts),
    defect: options.defect ?? null,
    limits,
  });
  receivers.node = node;
  const network = { lossiness: during(options.crashes ? 0.15 : 0) };
  const senders = random.int(1, 4);
  const messages = random.int(3, 25);
  for (let at = 0; at < senders; at++) {
    new BusSender(`s${at}`, {
      ...{ world, node, checkers, network, messages, receivers: receivers.count },
    }).start();
  }
  if (random.chance(0.5)) planUsers(world, node, store);
  world.runToRest();
  checkers.atRest(node.state, store);
  trimAll(world, node, store, checkers, network);
  return { trace: world.trace, counts: checkers.counts };
}

/** Users look at the dead letters now and then, and decide. */
function planUsers(world: BusWorld, node: BusNode, store: BusStore): void {
  for (let wish = world.random.int(1, 12); wish > 0; wish--) {
    world.after(world.random.int(500, FAULTS_UNTIL), () => {
      const seqs = [...store.letters.keys()];
      if (node.isUp && seqs.length > 0) {
        node.wish(world.random.pick(seqs), world.random.chance(0.7));
      }
    });
  }
}

/** When all is over and the window has passed, one more message leaves an almost empty log. */
function trimAll(
  world: BusWorld,
  node: BusNode,
  store: BusStore,
  checkers: BusCheckers,
  network: { lossiness: () => number },
): void {
  world.at += WINDOW_OVER_MS;
  new BusSender("last", { world, node, checkers, network, messages: 1, receivers: 2 }).start();
  world.runToRest();
  checkers.atRest(node.state, store);
  world.at += WINDOW_OVER_MS;
  new BusSender("end", { world, node, checkers, network, messages: 1, receivers: 2 }).start();
  world.runToRest();
  assert.ok(store.segments <= SEGMENTS_AT_REST, `the log keeps ${store.segments} segments`);
}
