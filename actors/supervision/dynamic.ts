/**
 * Supervision of virtual actors: those that no tree names, one supervisor for each definition. They
 * are started by their messages, so a restart is a permission: when may this one be activated again?
 * It waits longer with each crash in a row, and is never given up.
 *
 * The memory is bounded: a virtual actor that has been well for a while is forgotten, and beyond
 * `keysMax` the one that crashed longest ago. To be forgotten means to be allowed at once.
 *
 * @module
 */
import type { ExitReason } from "./events.ts";
import { failuresInARow, restartDelayMs } from "./restart_delay.ts";
import type { RestartDelay } from "./specification.ts";

/** How virtual actors of one definition are restarted. */
export interface DynamicSupervisorSpec {
  /** Name of the actor's definition. */
  actor: string;
  /** `initialMs` 0 means that a crash delays nothing. */
  delay: RestartDelay;
  /** An activation that ran longer than this starts a new row of failures. */
  healthyMs: number;
  /** How many keys are remembered at most, 1 or more. */
  keysMax: number;
}

/** What is known of a virtual actor that crashed. */
export interface CrashRecord {
  key: string;
  crashedAt: number;
  /** Crashes in a row. */
  failures: number;
  /** Crashes since it is remembered. */
  crashes: number;
  /** May be activated from this instant on. */
  activateAt: number;
  reason: ExitReason;
}

/** The virtual actors of one definition that crashed lately. Owned: changed in place. */
export interface DynamicSupervisor {
  readonly spec: DynamicSupervisorSpec;
  /** By key; the latest crash comes last. */
  readonly records: Map<string, CrashRecord>;
}

/** A crash of one activation. */
export interface Crash {
  key: string;
  at: number;
  /** When the activation had started; `null` when it did not get that far. */
  startedAt: number | null;
  reason: ExitReason;
  /** Uniform in `[0, 1)`: jitters the delay. */
  random: number;
}

/** Nothing has crashed yet. */
export function createDynamicSupervisor(spec: DynamicSupervisorSpec): DynamicSupervisor {
  return { spec, records: new Map() };
}

/** Notes a crash and forgets what needs no memory any more. Returns what is now known of the key. */
export function recordCrash(supervisor: DynamicSupervisor, crash: Crash): CrashRecord {
  const { spec, records } = supervisor;
  const { key, at, startedAt, reason, random } = crash;
  const before = records.get(key);
  const ranMs = startedAt === null ? null : at - startedAt;
  const failures = failuresInARow(before?.failures ?? 0, ranMs, spec.healthyMs);
  const activateAt = at + restartDelayMs(spec.delay, failures, random);
  const crashes = (before?.crashes ?? 0) + 1;
  const record = { key, crashedAt: at, failures, crashes, activateAt, reason };
  records.delete(key);
  records.set(key, record);
  forgetOld(supervisor, at);
  return record;
}

/** When the actor `key` may be activated (epoch ms): an instant that has passed, or 0, means now. */
export function activateAt(supervisor: DynamicSupervisor, key: string): number {
  return supervisor.records.get(key)?.activateAt ?? 0;
}

/** Those that may not be activated yet, the oldest crash first. */
export function waitingAt(supervisor: DynamicSupervisor, at: number): CrashRecord[] {
  return [...supervisor.records.values()].filter((record) => record.activateAt > at);
}

/** The oldest crashes stand first, so that this looks at little more than it forgets. */
function forgetOld({ spec, records }: DynamicSupervisor, at: number): void {
  for (const [key, { activateAt: from }] of records) {
    const isOld = from + Math.max(spec.healthyMs, spec.delay.maxMs) < at;
    if (!isOld && records.size <= spec.keysMax) return;
    records.delete(key);
  }
}
