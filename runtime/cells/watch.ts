/**
 * What is checked of every cell again and again: time limits, silence, memory, idle waste.
 * Attempts have no timers of their own: in flight are at most as many as there are places, and to
 * look at all of them every few milliseconds costs less than to keep a heap in order for each one.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import type { Cell } from "./cell.ts";
import { cpuTicks, residentBytes } from "./proc.ts";

/** How long an attempt may go on after it was told to end, before its cell is killed. */
export const TIMEOUT_GRACE_MS = 250;
/** A process that is not up by then does not come up. */
const START_MS_MAX = 15_000;
/** For the agent's module and what it awaits at its top level. */
const LOAD_MS_MAX = 15_000;
const PING_EVERY_MS = 250;
/** Silence of the worker that is taken while its module is loaded. */
const LOAD_SILENCE_MS_MAX = 5_000;
/** Clock ticks that an idle cell may use between two checks, half a second, for its housekeeping. */
const IDLE_TICKS_FREE = 3;
/**
 * Ticks beyond those, of all checks, from which on an idle cell is not idle. On a machine that is
 * short of processors they gather slowly: no single check shows a loop then.
 */
const IDLE_TICKS_MAX = 12;
/** Share of a cell's memory from which on its tenant is asked to make room. */
const PRESSURE = 0.7;
/** Attempts after which growth counts as a leak. */
const LEAK_AFTER_ATTEMPTS = 10_000;

/** Looks at a cell with something in flight or on its way up. */
export function watchBusy(cell: Cell, now: number): void {
  if (cell.state === "starting") {
    if (now - cell.startedAt > START_MS_MAX) cell.kill(unavailable("did not start"));
    return;
  }
  if (cell.state !== "loading" && cell.state !== "ready") return;
  if (!watchMemory(cell)) return;
  ping(cell, now);
  if (cell.state === "loading") watchLoading(cell, now);
  else watchFlights(cell, now);
}

function ping(cell: Cell, now: number): void {
  if (cell.pingedAt === Infinity && now - cell.lastPingAt >= PING_EVERY_MS) cell.ping(now);
}

/** For how long nothing came: from the worker as its cell tells, or from the cell itself. */
function silenceOf(cell: Cell, now: number): number {
  const owedMs = cell.pingedAt === Infinity ? 0 : now - cell.pingedAt;
  return Math.max(cell.silenceMs, owedMs);
}

function watchMemory(cell: Cell): boolean {
  const bytes = residentBytes(cell.process.pid);
  if (bytes === null) return true;
  cell.rssBytes = bytes;
  const addedBytes = bytes - cell.baselineBytes;
  relieve(cell);
  if (cell.baselineBytes === 0 || addedBytes <= cell.memoryMb * 1024 * 1024) return true;
  cell.kill({
    code: "OUT_OF_MEMORY",
    message: `The worker used ${
      Math.round(addedBytes / 1024 / 1024)
    } MB, more than its ${cell.memoryMb} MB`,
  });
  return false;
}

/** Lets the tenant make room before the limit ends the cell. */
function relieve(cell: Cell): void {
  const { tenant, rssBytes, baselineBytes, memoryMb } = cell;
  if (tenant?.onPressure === undefined || baselineBytes === 0) return;
  if (rssBytes - baselineBytes > PRESSURE * memoryMb * 1024 * 1024) tenant.onPressure(cell);
}

function watchLoading(cell: Cell, now: number): void {
  const silentMs = silenceOf(cell, now);
  if (silentMs > LOAD_SILENCE_MS_MAX) {
    return cell.kill(unresponsive(silentMs, "while its module was loaded"));
  }
  if (now - cell.loadingSince > LOAD_MS_MAX) {
    cell.kill({
      code: "TIMEOUT",
      message: `The agent's module was not loaded within ${LOAD_MS_MAX / 1_000} s`,
    });
  }
}

function watchFlights(cell: Cell, now: number): void {
  const silentMs = silenceOf(cell, now);
  for (const flight of cell.flights.values()) {
    const { timeoutMs, heartbeatMs } = flight.work;
    if (now >= flight.killAt) return cell.tenant!.onOverdue(cell, flight);
    // A worker that was silent before the attempt came is given time from then on.
    if (Math.min(silentMs, now - flight.sentAt) > heartbeatMs) {
      return cell.kill(unresponsive(silentMs, `while ${cell.tenant!.noun}s were in it`));
    }
    if (now >= flight.deadlineAt) {
      const message = `The ${cell.tenant!.noun} took longer than ${timeoutMs} ms`;
      cell.abort(flight, { code: "TIMEOUT", message }, now + TIMEOUT_GRACE_MS);
    }
  }
}

/**
 * Looks at a cell that has nothing to do, every half second.
 *
 * @returns why it should go, or `null`
 */
export function watchIdle(cell: Cell): string | null {
  const { pid } = cell.process;
  const limitBytes = cell.memoryMb * 1024 * 1024;
  cell.rssBytes = residentBytes(pid) ?? 0;
  relieve(cell);
  const addedBytes = cell.rssBytes - cell.baselineBytes;
  if (addedBytes > 0.8 * limitBytes) return "it kept most of its memory";
  if (cell.attempts > LEAK_AFTER_ATTEMPTS && addedBytes > 0.5 * limitBytes) return "it grew";
  const ticks = cpuTicks(pid) ?? 0;
  const usedTicks = cell.idleTicks < 0 ? 0 : ticks - cell.idleTicks;
  cell.idleTicks = ticks;
  cell.wastedTicks = Math.max(0, cell.wastedTicks + usedTicks - IDLE_TICKS_FREE);
  return cell.wastedTicks > IDLE_TICKS_MAX ? "it worked on after its attempts had ended" : null;
}

/** The node itself was stopped for `ms` (suspended, starved): nobody else's silence counts. */
export function forgive(cell: Cell, ms: number): void {
  if (cell.pingedAt !== Infinity) cell.pingedAt += ms;
  cell.silenceMs = 0;
}

function unresponsive(silentMs: number, when: string): ErrorData {
  return {
    code: "UNRESPONSIVE",
    message: `The worker's event loop was silent for ${Math.round(silentMs)} ms ${when}`,
  };
}

function unavailable(what: string): ErrorData {
  return { code: "UNAVAILABLE", message: `The cell ${what} within ${START_MS_MAX / 1_000} s` };
}
