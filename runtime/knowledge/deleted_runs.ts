import type { Store } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";

const PAGE = 500;

/**
 * Finds runs that were deleted since they were noted. Whoever deletes runs tells nobody, and other
 * processes do it as well: so the run list is walked, now and then.
 */
export class DeletedRuns {
  readonly #runsMax: number;
  /** Runs that something was learnt from; the first noted first. */
  readonly #noted = new Set<string>();
  /** Those of them that stood there at the last search: a run gets its line some time after it began. */
  #settled: string[] = [];

  /** @param runsMax more are not watched: the first ones are let go */
  constructor(runsMax: number) {
    this.#runsMax = runsMax;
  }

  note(runId: string): void {
    this.#noted.add(runId);
    if (this.#noted.size > this.#runsMax) this.#noted.delete(this.#noted.keys().next().value!);
  }

  /** Runs that are in the run list no more; each is told once. */
  async find(store: Pick<Store<RunEvent>, "runs">): Promise<string[]> {
    const missing = new Set(this.#settled);
    let cursor: string | undefined;
    while (missing.size > 0) {
      const page = await store.runs({ limit: PAGE, cursor });
      for (const { runId } of page) missing.delete(runId);
      cursor = page.at(-1)?.runId;
      if (page.length < PAGE) break;
    }
    for (const runId of missing) this.#noted.delete(runId);
    this.#settled = [...this.#noted];
    return [...missing];
  }
}
