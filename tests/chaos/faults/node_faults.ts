/**
 * Faults of nodes: they die, they stand still, their clocks run wild.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeProcess } from "../cluster/node_process.ts";
import { findFaketime, WHERE_FAKETIME } from "./faketime.ts";
import { type Fault, PLAIN_FAULT, type Scene } from "./fault.ts";

/** Node whose clock runs wild. */
const FAST_NODE = "n1";

/** A node that leads something, or any that runs. */
async function pickLeader({ nodes, leaders, random }: Scene): Promise<NodeProcess> {
  const leading = await leaders().catch(() => []);
  return random.pick(leading.length > 0 ? leading : nodes.filter(({ pid }) => pid !== null));
}

/** kill -9 of a leader; it is started again a while later. */
export const KILL: Fault = {
  ...PLAIN_FAULT,
  name: "kill",
  summary: "kill -9 of a leader, started again after 1 to 4 s",
  strike: async (scene) => {
    const node = await pickLeader(scene);
    await node.kill();
    await sleep(scene.random.int(1_000, 4_000));
    node.start();
  },
};

/**
 * SIGSTOP of a leader for longer than it takes to depose it. Its cells stop as well, or go on: then
 * their answers wait for a node that does not know yet that it leads no more.
 */
export const STOP: Fault = {
  ...PLAIN_FAULT,
  name: "stop",
  summary:
    "SIGSTOP of a leader for 3 to 4 election time-outs, in turn without its cells and with them",
  bringsStaleWrites: true,
  breaksUnfenced: true,
  strike: async (scene) => {
    const node = await pickLeader(scene);
    node.stop({ cells: scene.strikes % 2 === 1 });
    await sleep(scene.electionTimeoutMs * (3 + scene.random.next()));
    node.proceed();
  },
};

/** The wall clock of one node runs ten times as fast; timers and time-outs are right. */
export const CLOCK: Fault = {
  ...PLAIN_FAULT,
  name: "clock",
  summary: `wall clock of ${FAST_NODE} × 10 (libfaketime), its monotonic clock is right`,
  whyNot: () => findFaketime() === null ? WHERE_FAKETIME : null,
  environment: (nodeId) => nodeId === FAST_NODE ? fakeTime(true) : {},
  strike: () => sleep(500),
};

/** Every clock of one node runs ten times as fast: all its timers and time-outs are too short. */
export const CLOCKS: Fault = {
  ...CLOCK,
  name: "clocks",
  summary: `wall and monotonic clock of ${FAST_NODE} × 10 (libfaketime): its time-outs, too`,
  environment: (nodeId) => nodeId === FAST_NODE ? fakeTime(false) : {},
};

function fakeTime(isMonotonicRight: boolean): Record<string, string> {
  return {
    LD_PRELOAD: findFaketime() ?? "",
    FAKETIME: "+0 x10",
    FAKETIME_DONT_FAKE_MONOTONIC: isMonotonicRight ? "1" : "0",
  };
}
