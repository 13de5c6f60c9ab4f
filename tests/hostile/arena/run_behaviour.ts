/**
 * Runs one behaviour: attack, probe, and what must be true during and afterwards.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditEntry } from "../../../core/audit_log.ts";
import { cpuTicks, residentBytes } from "../../../runtime/cells/proc.ts";
import { isRunning } from "../../cells/cell_harness.ts";
import { type Arena, NEIGHBOUR, TWIN } from "./arena.ts";
import type { Attack, AuditWanted, Behaviour, Outcome, Verdict } from "./behaviour.ts";
import type { ProbeResult } from "./latency_probe.ts";
import { typeOf } from "./modules.ts";

const P99_MS_MAX = 100;
/**
 * The probe runs for so long at least, and longer with each try: of few samples the slowest is the
 * 99th percentile, and a second look must tell more than the first.
 */
const PROBE_MS_MIN = 600;
/** Until CPU and memory have come back. */
const CALM_MS_MAX = 8_000;
const CALM_WINDOW_MS = 200;
/** Of a cell that does nothing, in a window: 10 ms each. */
const CALM_TICKS_MAX = 5;
/** What a cell that goes on may have grown by. */
const GROWTH_BYTES_MAX = 96 * 1024 * 1024;
/** What an attack may cost the node itself. */
const NODE_GROWTH_BYTES_MAX = 500e6;

/** @param tries how many times it was run with this: each time by another instance */
export async function runBehaviour(
  behaviour: Behaviour,
  arena: Arena,
  tries: number,
): Promise<Verdict> {
  const attack = await prepare(behaviour, arena, tries);
  const neighbours = [...arena.pidsOf("neighbour"), ...arena.pidsOf("lobby")];
  const auditSeq = await arena.auditHead() + 1;
  const baseline = residentBytes(attack.pid) ?? 0;
  const probe = arena.probe();
  const startedAt = performance.now();
  const outcome = await (behaviour.drive?.(attack) ?? askOnce(attack, behaviour.input));
  const faults: string[] = [];
  if (behaviour.cellEnds === true && !await isGone(attack.pid, behaviour.withinMs)) {
    faults.push("its process goes on");
  }
  const endedMs = performance.now() - startedAt;
  await sleep(Math.max(0, PROBE_MS_MIN * tries - endedMs));
  faults.push(...judgeEnd(behaviour, outcome, endedMs));
  faults.push(...await awaitCalm(arena, attack.pid, baseline));
  const result = await probe.stop();
  faults.push(...judgeProbe(result));
  const wanted = wantedOf(behaviour, attack, outcome);
  const entries = await findEntries(wanted, arena, auditSeq, faults);
  if (neighbours.some((pid) => !isRunning(pid))) faults.push("a neighbour's cell was ended");
  await verify(behaviour, attack, outcome, entries, faults);
  return {
    behaviour,
    faults,
    end: outcome.code ?? "answered",
    endedMs,
    probeP99Ms: result.p99Ms,
    probeMaxMs: result.maxMs,
    nodeGrownBytes: result.grownBytes,
    tries,
    audit: wanted.length === 0 ? behaviour.silence ?? "?" : describeAudit(wanted, entries),
  };
}

/** Brings the attacker up, so that its start is not part of the attack. */
async function prepare(behaviour: Behaviour, arena: Arena, tries: number): Promise<Attack> {
  const { by = "villain" } = behaviour;
  const type = typeOf(behaviour);
  const address = by === "agent" ? "actor://agent" : `actor://${by}/${type}-${tries}`;
  await Promise.all([NEIGHBOUR, TWIN].map((to) => arena.ask(to, "echo")));
  const pid = await arena.ask(address, "hello") as number;
  return { arena, address, type, pid };
}

async function askOnce({ arena, address, type }: Attack, input?: Behaviour["input"]) {
  const payload = input === undefined ? null : await input(arena);
  return await outcomeOf(arena.ask(address, type, payload));
}

/** What an ask came to. */
export async function outcomeOf(asked: Promise<Outcome["answer"]>): Promise<Outcome> {
  try {
    return { code: null, message: "", answer: await asked };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message, answer: null };
  }
}

function judgeEnd({ ends, withinMs }: Behaviour, outcome: Outcome, endedMs: number): string[] {
  const end = outcome.code ?? "answered";
  const faults = ends.includes(end) ? [] : [`ended with ${end}: ${outcome.message}`];
  if (endedMs > withinMs) faults.push(`took ${Math.round(endedMs)} ms, not ${withinMs} ms`);
  // deno-lint-ignore no-control-regex -- what must not be there
  if (/[\x00-\x08\x1b]/.test(outcome.message)) faults.push("its message holds controls");
  if (outcome.message.length > 4_096) faults.push("its message is too long");
  return faults;
}

function judgeProbe({ p99Ms, of, failures, grownBytes }: ProbeResult): string[] {
  const faults = p99Ms < P99_MS_MAX ? [] : [`${SLOW} ${Math.round(p99Ms)} ms: ${of}`];
  if (grownBytes > NODE_GROWTH_BYTES_MAX) {
    faults.push(`the node grew by ${Math.round(grownBytes / 1e6)} MB`);
  }
  for (const [code, count] of failures) faults.push(`neighbours answered ${code} ${count} times`);
  return faults;
}

/** Begins the one fault that a busy machine can bring about by itself. */
export const SLOW = "neighbours answered at the 99th percentile after";

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (const endsAt = performance.now() + withinMs; performance.now() < endsAt; await sleep(10)) {
    if (!isRunning(pid)) return true;
  }
  return false;
}

/** Waits until no cell but those of the neighbours works, and the attacker's memory is back. */
async function awaitCalm(arena: Arena, pid: number, baseline: number): Promise<string[]> {
  const endsAt = performance.now() + CALM_MS_MAX;
  let faults: string[] = [];
  do {
    faults = await lookForUnrest(arena, pid, baseline);
  } while (faults.length > 0 && performance.now() < endsAt);
  return faults;
}

async function lookForUnrest(arena: Arena, pid: number, baseline: number): Promise<string[]> {
  const probed = new Set([...arena.pidsOf("neighbour"), ...arena.pidsOf("villain")]);
  probed.delete(pid);
  const pids = [...new Set([...arena.pids(), pid])].filter((each) => !probed.has(each));
  const before = pids.map((each) => cpuTicks(each));
  await sleep(CALM_WINDOW_MS);
  const faults: string[] = [];
  for (const [at, each] of pids.entries()) {
    const [from, to] = [before[at], cpuTicks(each)];
    if (from == null || to === null || to - from <= CALM_TICKS_MAX) continue;
    faults.push(`process ${each} used ${to - from} ticks in ${CALM_WINDOW_MS} ms afterwards`);
  }
  const growth = isRunning(pid) ? (residentBytes(pid) ?? 0) - baseline : 0;
  if (growth > GROWTH_BYTES_MAX) faults.push(`its cell kept ${Math.round(growth / 1e6)} MB`);
  return faults;
}

/** What must be in the audit log, by whom. */
function wantedOf({ audit }: Behaviour, { address }: Attack, { code }: Outcome): Wanted[] {
  const wanted = audit !== "crash" ? audit : code === null ? [] : [{ kind: "crash", code }];
  return wanted.map((one) => ({ from: address, ...one }));
}

type Wanted = AuditWanted & { from: string };

async function findEntries(
  wanted: readonly Wanted[],
  arena: Arena,
  seq: number,
  faults: string[],
): Promise<AuditEntry[]> {
  let entries: AuditEntry[] = [];
  let missing = wanted;
  for (let tries = 0; tries < 20; tries++) {
    entries = await arena.auditFrom(seq);
    missing = wanted.filter((one) => !entries.some((entry) => fits(entry, one)));
    if (missing.length === 0) break;
    await sleep(100);
  }
  for (const { kind, code, from } of missing) {
    faults.push(`the audit log has no ${kind} ${code} of ${from}, but ${summary(entries)}`);
  }
  return entries;
}

function fits(entry: AuditEntry, { kind, code, from, message = /^/ }: Wanted): boolean {
  return entry.kind === kind && entry.code === code && entry.from === from &&
    message.test(entry.message);
}

function summary(entries: readonly AuditEntry[]): string {
  const texts = entries.slice(0, 5).map(({ kind, code, from, count }) =>
    `${kind} ${code} of ${from} ×${count}`
  );
  return texts.join("; ") || "nothing";
}

function describeAudit(wanted: readonly Wanted[], entries: readonly AuditEntry[]): string {
  return wanted.map((one) => {
    const count = entries.filter((entry) => fits(entry, one))
      .reduce((sum, entry) => sum + entry.count, 0);
    return `${one.kind} ${one.code}${count > 1 ? ` ×${count}` : ""}`;
  }).join(", ");
}

async function verify(
  behaviour: Behaviour,
  attack: Attack,
  outcome: Outcome,
  entries: AuditEntry[],
  faults: string[],
): Promise<void> {
  try {
    await behaviour.verify?.(attack, outcome, entries);
  } catch (error) {
    faults.push(
      error instanceof Error ? error.message.split("\n").slice(0, 12).join(" ") : String(error),
    );
  }
}
