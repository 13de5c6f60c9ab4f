/**
 * The cells of one agent: which attempts wait, which cell takes the next, when another is needed.
 *
 * @module
 */
import type { Attempt } from "../../actors/attempt.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import type { AgentInfo, Cell } from "./cell.ts";

/** Attempts that were in a dead cell together with others, at most; the oldest are forgotten. */
const SUSPECTS_MAX = 10_000;

export class AgentPool {
  readonly key: string;
  readonly manifest: AgentManifest;
  readonly code: string;
  readonly cells = new Set<Cell>();
  /** Waits for a place in a cell. */
  queue: Attempt[] = [];
  /** Like {@linkcode queue}, but each must have a cell for itself. */
  readonly alone: Attempt[] = [];
  info: AgentInfo | null = null;
  /** Callers that wait for {@linkcode info}. */
  readonly describing: PromiseWithResolvers<AgentInfo>[] = [];
  /** Starts in a row that ended before the cell was up. */
  failedStarts = 0;
  readonly #suspects = new Set<string>();

  constructor(key: string, manifest: AgentManifest, code: string) {
    this.key = key;
    this.manifest = manifest;
    this.code = code;
  }

  get waiting(): number {
    return this.queue.length + this.alone.length;
  }

  /** Places that are free now or would be once all cells are up. */
  get capacity(): number {
    const { concurrency, replicas } = this.manifest;
    let taken = this.waiting;
    for (const cell of this.cells) taken += cell.flights.size;
    return Math.max(0, replicas.max * concurrency - taken);
  }

  add(attempts: Attempt[]): void {
    if (this.#suspects.size === 0) {
      this.queue = this.queue.length === 0 ? attempts.slice() : this.queue.concat(attempts);
      return;
    }
    for (const attempt of attempts) {
      (this.#suspects.has(nameOf(attempt)) ? this.alone : this.queue).push(attempt);
    }
  }

  /** Gives waiting attempts to ready cells: an even share each, one batch a cell. */
  place(): void {
    const ready = [...this.cells].filter((cell) => this.#room(cell) > 0)
      .sort((a, b) => a.flights.size - b.flights.size);
    for (const cell of ready) {
      if (this.alone.length === 0 || cell.flights.size > 0) continue;
      cell.isExclusive = true;
      cell.run([this.alone.shift()!]);
    }
    const open = this.alone.length > 0 ? [] : ready.filter((cell) => this.#room(cell) > 0);
    for (const [at, cell] of open.entries()) {
      const share = Math.ceil(this.queue.length / (open.length - at));
      const count = Math.min(share, this.#room(cell));
      if (count === 0) break;
      cell.run(count === this.queue.length ? this.queue : this.queue.slice(0, count));
      this.queue = count === this.queue.length ? [] : this.queue.slice(count);
    }
  }

  #room(cell: Cell): number {
    if (cell.state !== "ready" || cell.isExclusive) return 0;
    return this.manifest.concurrency - cell.flights.size;
  }

  /** Cells that should be started for what waits, and to have `least` of them. */
  missing(least: number): number {
    const { concurrency, replicas } = this.manifest;
    let [alive, room] = [0, 0];
    for (const cell of this.cells) {
      if (!cell.isAlive) continue;
      alive++;
      room += cell.state === "ready" ? this.#room(cell) : concurrency;
    }
    const wanted = this.alone.length +
      Math.ceil(Math.max(0, this.queue.length - room) / concurrency);
    return Math.max(0, Math.min(replicas.max - alive, Math.max(wanted, least - alive)));
  }

  /** These died together; each runs alone next time, so that the guilty one is found. */
  suspect(attempts: Attempt[]): void {
    for (const attempt of attempts) this.#suspects.add(nameOf(attempt));
    while (this.#suspects.size > SUSPECTS_MAX) {
      this.#suspects.delete(this.#suspects.values().next().value!);
    }
  }

  /** The attempt has an outcome of its own. */
  acquit(attempt: Attempt): void {
    if (this.#suspects.size > 0) this.#suspects.delete(nameOf(attempt));
  }

  /** Takes everything that waits. */
  drain(): Attempt[] {
    const attempts = [...this.alone.splice(0), ...this.queue];
    this.queue = [];
    return attempts;
  }
}

function nameOf({ runId, taskId, index }: Attempt): string {
  return JSON.stringify([runId, taskId, index]);
}
