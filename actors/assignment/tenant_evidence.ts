import type { AttemptFact } from "../../core/assignment.ts";
import { type CapabilityKin, Evidence, EVIDENCE_LIMITS, type EvidenceLimits } from "./evidence.ts";

/** Beyond the bound so much more is kept, so that the oldest go many at once. */
const SLACK = 1.1;

/**
 * What the attempts of each tenant teach, each tenant's by itself: what one tenant's runs bring moves
 * no other's choices, not even through what agents have in common. Runs of nobody count as one more.
 */
export class TenantEvidence {
  readonly #limits: EvidenceLimits;
  readonly #byTenant = new Map<string | null, Evidence>();
  #treeOf: (tenant: string | null) => CapabilityKin | null;
  #pairs = 0;

  /** @param limits of all tenants together: those that have most forget first */
  constructor(tree: CapabilityKin | null = null, limits: Partial<EvidenceLimits> = {}) {
    this.#limits = { ...EVIDENCE_LIMITS, ...limits };
    this.#treeOf = () => tree;
  }

  /** What the tenant's own attempts teach; `null`: those of nobody. */
  of(tenant: string | null): Evidence {
    let evidence = this.#byTenant.get(tenant);
    if (evidence === undefined) {
      evidence = new Evidence(this.#kinOf(tenant), this.#limits);
      this.#byTenant.set(tenant, evidence);
    }
    return evidence;
  }

  /** Learns from a fact; `false` when it was known or says nothing about an agent. */
  add(fact: AttemptFact): boolean {
    const evidence = this.of(fact.tenant);
    const before = evidence.pairs;
    const isNew = evidence.add(fact);
    this.#pairs += evidence.pairs - before;
    if (this.#pairs > this.#limits.pairsMax * SLACK) this.#forgetOfLargest();
    return isNew;
  }

  /** As {@linkcode Evidence.learn}, of all tenants. */
  *learn(): Generator<void> {
    for (const evidence of this.#byTenant.values()) yield* evidence.learn();
  }

  /** As {@linkcode Evidence.forgetRuns}, of all tenants. */
  *forgetRuns(runIds: ReadonlySet<string>): Generator<void> {
    for (const evidence of this.#byTenant.values()) {
      const steps = evidence.forgetRuns(runIds);
      for (let isDone = false; !isDone; yield) {
        // What is added between two steps is counted where it is added.
        const before = evidence.pairs;
        isDone = steps.next().done === true;
        this.#pairs += evidence.pairs - before;
      }
    }
  }

  /** Says which capabilities are akin from now on; `seenBy` what a tenant may know of it. */
  setTree(
    tree: CapabilityKin | null,
    seenBy: ((tenant: string | null) => CapabilityKin) | null = null,
  ): void {
    this.#treeOf = seenBy ?? (() => tree);
    for (const [tenant, evidence] of this.#byTenant) evidence.setTree(this.#kinOf(tenant));
  }

  /** Looked for when it is asked: there may be many tenants. */
  #kinOf(tenant: string | null): CapabilityKin {
    const treeOf = this.#treeOf;
    return { kin: (capability) => treeOf(tenant)?.kin(capability) ?? [] };
  }

  /** All who have more keep as much as each other. */
  #forgetOfLargest(): void {
    const all = [...this.#byTenant.values()].sort((a, b) => a.pairs - b.pairs);
    let room = this.#limits.pairsMax;
    for (const [place, evidence] of all.entries()) {
      const share = Math.floor(room / (all.length - place));
      if (evidence.pairs > share) evidence.keepNewest(share);
      room -= evidence.pairs;
    }
    this.#pairs = this.#limits.pairsMax - room;
  }
}
