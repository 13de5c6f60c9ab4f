/**
 * A fleet of real cells for tests: agents are written as the body of their `run`.
 *
 * @module
 */
import type { Attempt, AttemptId, AttemptOutcome, AttemptReport } from "../../actors/attempt.ts";
import type { AgentManifest, Permissions } from "../../actors/manifest.ts";
import { noPermissions } from "../../actors/permissions.ts";
import { type Cells, type CellsOptions, createCells } from "../../runtime/cells/mod.ts";

export interface AgentOptions {
  permissions?: Partial<Permissions>;
  concurrency?: number;
  replicas?: { min: number; max: number };
  memoryMb?: number;
}

export interface AttemptOptions {
  taskId?: string;
  index?: number;
  attempt?: number;
  timeoutMs?: number;
  heartbeatMs?: number;
  capability?: string;
  steps?: Attempt["steps"];
}

export interface Settled {
  id: AttemptId;
  outcome: AttemptOutcome;
  tookMs: number;
}

/** Source of a module whose agent runs `body`, which sees `input` and `ctx`. */
export function agentSource(body: string, top = ""): string {
  return `${top}\nexport default { name: "test", async run(input, ctx) { ${body} } };`;
}

/** Cells, with a promise for each attempt. */
export class CellHarness {
  readonly cells: Cells;
  readonly reports: { id: AttemptId; report: AttemptReport }[] = [];
  /** Every process that was ever seen. */
  readonly #pids = new Set<number>();
  readonly #waiting = new Map<string, (settled: Settled) => void>();
  readonly #startedAt = new Map<string, number>();
  #indexes = 0;

  constructor(options: Partial<CellsOptions> = {}) {
    this.cells = createCells({
      spares: 0,
      ...options,
      events: {
        onResults: (results) => {
          for (const result of results) this.#settle(result);
        },
        onReport: (id, report) => {
          this.reports.push({ id, report });
          if (report.type === "step") report.acknowledge();
        },
      },
    });
  }

  register(code: string, options: AgentOptions = {}): string {
    const manifest: AgentManifest = {
      name: "test",
      codeHash: code,
      permissions: { ...noPermissions(), ...options.permissions },
      concurrency: options.concurrency ?? 1,
      replicas: options.replicas ?? { min: 0, max: 1 },
      memoryMb: options.memoryMb ?? 128,
    };
    return this.cells.register(manifest, code);
  }

  newAttempt(input: Attempt["input"] = {}, options: AttemptOptions = {}): Attempt {
    return {
      runId: "run-1",
      taskId: "task",
      index: this.#indexes++,
      attempt: 1,
      agent: "test",
      input,
      timeoutMs: 10_000,
      heartbeatMs: 5_000,
      term: 1,
      ...options,
    };
  }

  /** Dispatches attempts together; resolves when all have an outcome, in their order. */
  run(agentKey: string, attempts: Attempt[]): Promise<Settled[]> {
    const all = attempts.map((attempt) => {
      const { promise, resolve } = Promise.withResolvers<Settled>();
      this.#waiting.set(nameOf(attempt), resolve);
      this.#startedAt.set(nameOf(attempt), performance.now());
      return promise;
    });
    this.cells.dispatch(agentKey, attempts);
    this.notePids();
    return Promise.all(all);
  }

  /** Runs the body of an agent once. */
  async runBody(
    body: string,
    options: AgentOptions & AttemptOptions & { input?: Attempt["input"] } = {},
  ): Promise<Settled> {
    const { permissions, concurrency, replicas, memoryMb, input, ...attempt } = options;
    const key = this.register(agentSource(body), { permissions, concurrency, replicas, memoryMb });
    const [settled] = await this.run(key, [this.newAttempt(input, attempt)]);
    return settled!;
  }

  /** Accesses that were denied, as `permission value`. */
  denials(): string[] {
    return this.reports.flatMap(({ report }) =>
      report.type === "permission" ? [`${report.permission} ${report.value}`] : []
    );
  }

  notePids(): number[] {
    for (const { pid } of this.cells.inspect()) this.#pids.add(pid);
    return [...this.#pids];
  }

  /** Processes of cells that are still there. */
  left(): number[] {
    return [...this.#pids].filter((pid) => isRunning(pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.notePids();
    await this.cells.close();
  }

  #settle({ id, outcome }: { id: AttemptId; outcome: AttemptOutcome }): void {
    const name = nameOf(id);
    const resolve = this.#waiting.get(name);
    if (resolve === undefined) throw new Error(`Attempt ${name} was answered twice or unasked`);
    this.#waiting.delete(name);
    resolve({ id, outcome, tookMs: performance.now() - this.#startedAt.get(name)! });
  }
}

/** Code of a failed attempt; `completed` of one that was not. */
export function codeOf({ outcome }: Settled): string {
  return outcome.status === "completed" ? "completed" : outcome.error.code;
}

/** Whether a process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}

/** Waits for a state that comes by itself; fails after `withinMs`. */
export async function until(holds: () => boolean, withinMs = 10_000): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`Did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const PROBE_MS = 10;

/**
 * Longest time for which this event loop did not turn, less the time for which its thread was ready
 * and got no processor: that is the machine's doing.
 */
export class LoopProbe implements Disposable {
  worstMs = 0;
  #lastMs = performance.now();
  #lastQueuedMs = queuedMs();
  readonly #timer = setInterval(() => this.#look(), PROBE_MS);

  #look(): void {
    const nowMs = performance.now();
    const queued = queuedMs();
    const stoodMs = nowMs - this.#lastMs - (queued - this.#lastQueuedMs) - PROBE_MS;
    this.worstMs = Math.max(this.worstMs, stoodMs);
    [this.#lastMs, this.#lastQueuedMs] = [nowMs, queued];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** For how long this thread has waited for a processor so far, as Linux counts; elsewhere 0. */
function queuedMs(): number {
  try {
    return Number(Deno.readTextFileSync("/proc/thread-self/schedstat").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}

function nameOf({ runId, taskId, index, attempt }: AttemptId): string {
  return `${runId}/${taskId}[${index}]#${attempt}`;
}
