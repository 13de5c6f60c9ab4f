import type { AuditRecord, TalliedRecord } from "./audit_log.ts";

/** How records are counted together. */
export interface TallyLimits {
  /** Equal records within so many milliseconds become one. */
  windowMs: number;
  /** Different records within that time; what is beyond is only counted. */
  keysMax: number;
  /**
   * Different records that are told apart of one sender, within that time: who is refused by a
   * hundred must not push out what others, or it itself, did besides.
   */
  receiversMax: number;
}

/** Of what was refused or went wrong: a second, and a hundred different records in it. */
export const REFUSAL_LIMITS: TallyLimits = { windowMs: 1_000, keysMax: 100, receiversMax: 10 };

/** Of what somebody with the right to it did: many things at once are no flood. */
export const ACT_LIMITS: TallyLimits = { windowMs: 1_000, keysMax: 500, receiversMax: 200 };

/** Of longer texts only the beginning tells two records apart. */
const KEY_CHARS_MAX = 300;

/**
 * Counts equal records (kind, from, to, code) together, so that a flood of refusals becomes a few
 * lines. The first of each kind lends its time, message and details.
 */
export class AuditTally {
  readonly #limits: TallyLimits;
  #records = new Map<string, TalliedRecord>();
  /** Records of each sender, and of each definition. */
  #counts = new Map<string | null, number>();
  #openedAt = 0;
  #leftOut = 0;

  constructor(limits: TallyLimits = REFUSAL_LIMITS) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#records.size === 0 && this.#leftOut === 0;
  }

  /** Counts a record that happened now. Take what is {@linkcode due} first. */
  add(record: AuditRecord, now: number): void {
    if (this.isEmpty) this.#openedAt = now;
    const count = record.count ?? 1;
    const known = this.#records.get(keyOf(record));
    if (known !== undefined) return void (known.count += count);
    const shape = this.#shapeOf(record);
    const alike = this.#records.get(keyOf(shape));
    if (alike !== undefined) alike.count += count;
    else if (this.#records.size >= this.#limits.keysMax) this.#leftOut += count;
    else this.#put(shape, now, count);
  }

  /** Who has many records already is told less exactly: first to whom, then which instance it was. */
  #shapeOf(record: AuditRecord): AuditRecord {
    const { receiversMax } = this.#limits;
    const ofSender = this.#counts.get(record.from) ?? 0;
    const definition = definitionOf(record.from);
    const ofDefinition = this.#counts.get(definition) ?? 0;
    if (ofSender < receiversMax && ofDefinition < 5 * receiversMax) return record;
    const toMany = { ...record, to: null };
    return ofDefinition < 6 * receiversMax || this.#records.has(keyOf(toMany))
      ? toMany
      : { ...toMany, from: definition };
  }

  #put(record: AuditRecord, now: number, count: number): void {
    for (const name of new Set([record.from, definitionOf(record.from)])) {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    }
    this.#records.set(keyOf(record), { ...record, at: now, count });
  }

  /** When the records so far are due; `null` when there are none. */
  get dueAt(): number | null {
    return this.isEmpty ? null : this.#openedAt + this.#limits.windowMs;
  }

  /** Takes the records whose time is over, in the order of their first. */
  due(now: number): TalliedRecord[] {
    return this.dueAt !== null && now >= this.dueAt ? this.drain() : [];
  }

  /** Takes all records. */
  drain(): TalliedRecord[] {
    const records = [...this.#records.values()];
    if (this.#leftOut > 0) records.push(overflow(this.#openedAt, this.#leftOut));
    this.#records = new Map();
    this.#counts = new Map();
    this.#leftOut = 0;
    return records;
  }
}

/** Pattern of all instances of a sender's definition; a sender that is no actor itself. */
function definitionOf(from: string | null): string | null {
  const name = /^actor:\/\/[^/]+/.exec(from?.slice(0, KEY_CHARS_MAX) ?? "")?.[0];
  return name === undefined ? from : `${name}/*`;
}

/** The entry that stands for records that had to be left out. */
export function overflow(at: number, count: number): TalliedRecord {
  return {
    kind: "overflow",
    from: null,
    to: null,
    code: "AUDIT_OVERFLOW",
    message: `Left out ${count} records: there were too many different ones at once`,
    at,
    count,
  };
}

function keyOf({ kind, from, to, code }: AuditRecord): string {
  return [kind, from ?? "", to ?? "", code]
    .map((text) => text.slice(0, KEY_CHARS_MAX))
    .join("\n");
}
