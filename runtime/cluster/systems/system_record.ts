/**
 * What an actor system was started with, kept in its own store: so any node can go on with it, also
 * when no run names it any more.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { DeliveryEvent } from "../../../actors/delivery/mod.ts";
import type { SystemDefinition } from "../../../actors/system/mod.ts";
import type { ActorStore, StateWrite, SystemFence } from "../../../core/actor_ports.ts";

/** A system without its code. */
export interface SystemContent {
  /** Path of its file, for messages. */
  file: string;
  definition: SystemDefinition;
  /** By the actor's name: SHA-256 (hex) of its code. */
  code: Record<string, string>;
}

/** Enough to start a system, with the code that belongs to it. */
export interface SystemRecord {
  content: SystemContent;
  /** Folder at which relative paths of permissions begin. */
  workDir: string;
}

/** Address of the record among the states of a system: no actor can have it. */
export const RECORD_ADDRESS = "system:";

/** States that one unit of a commit writes. */
const STATES_MAX = 50;

/** Tells systems with the same actors from others. */
export function digestOf({ definition, code }: SystemContent): string {
  return createHash("sha256").update(JSON.stringify([definition, code])).digest("hex");
}

/** Keeps what a system is started with, by whoever has just claimed it. */
export async function writeRecord(
  store: ActorStore<DeliveryEvent>,
  fence: SystemFence,
  record: SystemRecord,
  codeOf: (hash: string) => string,
): Promise<void> {
  const hashes = [...new Set(Object.values(record.content.code))];
  const known = await store.states(fence.system, hashes.map(addressOfCode));
  const missing = hashes.filter((_, at) => known[at] === null);
  const states: StateWrite[] = missing.map((hash) => stateOf(addressOfCode(hash), codeOf(hash)));
  // Last: a record without its code would be of no use.
  states.push(stateOf(RECORD_ADDRESS, record));
  const units = [];
  for (let from = 0; from < states.length; from += STATES_MAX) {
    units.push({ states: states.slice(from, from + STATES_MAX) });
  }
  await store.commit(fence, { units });
}

/** `null`: its tree has ended, or it never was a system of a cluster. */
export async function readRecord(
  store: ActorStore<DeliveryEvent>,
  system: string,
): Promise<SystemRecord | null> {
  const [state] = await store.states(system, [RECORD_ADDRESS]);
  return state === null || state === undefined ? null : JSON.parse(state.text);
}

/** Code as {@linkcode writeRecord} kept it, by its hash; what is missing is left out. */
export async function readCode(
  store: ActorStore<DeliveryEvent>,
  { definition: { name }, code }: SystemContent,
): Promise<Map<string, string>> {
  const hashes = [...new Set(Object.values(code))];
  const states = await store.states(name, hashes.map(addressOfCode));
  return new Map(
    hashes.flatMap((hash, at): [string, string][] => {
      const state = states[at];
      return state === null || state === undefined ? [] : [[hash, JSON.parse(state.text)]];
    }),
  );
}

function addressOfCode(hash: string): string {
  return `${RECORD_ADDRESS}code/${hash}`;
}

function stateOf(address: string, value: unknown): StateWrite {
  return { address, version: 1, state: JSON.stringify(value) };
}
