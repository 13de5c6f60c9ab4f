import type { Assessment, CapabilityRecord } from "./capability_record.ts";
import type { KinEvidence } from "./estimate.ts";
import type { Common } from "./pool.ts";

/** Each step of `isA` halves what evidence counts. */
const STEP_DISCOUNT = 0.5;

/** Evidence at a capability akin counts as no more outcomes than this, before the discount. */
const KIN_OUTCOMES_MAX = 32;

/** What is known about a capability at an instant: nothing that came to be known later. */
export class EvidenceView {
  readonly #record: CapabilityRecord;
  readonly #kin: readonly { record: CapabilityRecord; distance: number }[];
  readonly #at: number;
  readonly common: Common;
  /** Milliseconds from one outcome to the next, of late; `null` when not known. */
  readonly paceMs: number | null;
  /** How many agents share the work of the capability, of late: at least one. */
  readonly agentsAtWork: number;
  /**
   * Views of one capability with the same state say the same; `null` where outcomes are known that
   * ended later.
   */
  readonly state: object | null;

  /** Made by `Evidence.view()`. */
  constructor(
    record: CapabilityRecord,
    kin: readonly { record: CapabilityRecord; distance: number }[],
    at: number,
    state: object | null = null,
  ) {
    this.#record = record;
    this.#kin = kin;
    this.#at = at;
    this.common = record.common(at);
    this.paceMs = record.paceMs(at);
    this.agentsAtWork = record.agentsAtWork(at);
    const isWhole = record.newestAt <= at && kin.every((one) => one.record.newestAt <= at);
    this.state = isWhole ? state : null;
  }

  /** What is known and expected of an agent, words of the task left aside. */
  assess(agent: string): Assessment {
    const kin = this.#kin.length === 0 ? null : this.#kinEvidence(agent);
    return this.#record.assess(agent, this.common.prior, kin, this.#at);
  }

  #kinEvidence(agent: string): KinEvidence | null {
    let outcomes = 0, successes = 0;
    for (const { record, distance } of this.#kin) {
      const lesson = record.lesson(agent, this.#at);
      if (lesson === null) continue;
      const weight = Math.min(KIN_OUTCOMES_MAX, lesson.seldom.outcomes) *
        STEP_DISCOUNT ** distance;
      outcomes += weight;
      successes += weight * lesson.seldom.mean;
    }
    return outcomes === 0 ? null : { rate: successes / outcomes, outcomes };
  }
}
