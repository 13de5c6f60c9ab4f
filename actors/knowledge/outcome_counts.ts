import type { AttemptFact } from "../../core/assignment.ts";
import type { Viewer } from "./queries.ts";
import { maySee } from "./viewer.ts";

/** How many attempts ended how. */
export type Counts = Record<AttemptFact["outcome"], number>;

/** Counts of what came of attempts by tenant: who has made 100,000 is not counted at each look. */
export class OutcomeCounts {
  readonly #byTenant = new Map<string | null, Counts>();

  /** `by` is 1 for an attempt that came, -1 for one that is forgotten. */
  count(tenant: string | null, outcome: AttemptFact["outcome"], by: 1 | -1): void {
    const counts = this.#byTenant.get(tenant) ?? { completed: 0, failed: 0, neutral: 0 };
    counts[outcome] += by;
    if (counts.completed + counts.failed + counts.neutral === 0) this.#byTenant.delete(tenant);
    else this.#byTenant.set(tenant, counts);
  }

  /** Of what the viewer may see. */
  seenBy(viewer: Viewer): Counts {
    const sum = { completed: 0, failed: 0, neutral: 0 };
    for (const [tenant, counts] of this.#byTenant) {
      if (!maySee(viewer, tenant)) continue;
      sum.completed += counts.completed;
      sum.failed += counts.failed;
      sum.neutral += counts.neutral;
    }
    return sum;
  }

  /** Whether there is anything that the viewer may see. */
  isSeenBy(viewer: Viewer): boolean {
    return this.#byTenant.keys().some((tenant) => maySee(viewer, tenant));
  }
}
