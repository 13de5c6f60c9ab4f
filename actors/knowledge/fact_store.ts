import { createHash } from "node:crypto";
import type { AttemptFact } from "../../core/assignment.ts";
import { canonicalJson, isLargerThan, type Json } from "../../core/json.ts";
import type {
  AgentEntry,
  ArtefactEntry,
  CapabilityEntry,
  FactEntry,
  TaskEntry,
  TextEntry,
} from "./entries.ts";
import { FactList } from "./fact_list.ts";
import type { KnowledgeLimits } from "./limits.ts";
import { OldestFirst } from "./oldest_first.ts";
import { OutcomeCounts } from "./outcome_counts.ts";
import type { ReuseFact } from "./queries.ts";
import { ReuseLedger, type ReuseTally } from "./reuse_ledger.ts";
import type { TextSimilarity } from "./text_similarity.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Attempts of one instance among which the solution of a reuse is looked for. */
const ATTEMPTS_MAX = 64;

/**
 * The facts that are kept, and what they are found by. All of it is a function of the *set* of facts:
 * the order in which they come leaves no trace, whatever had to be forgotten for room.
 */
export class FactStore {
  readonly agents = new Map<string, AgentEntry>();
  readonly capabilities = new Map<string, CapabilityEntry>();
  readonly tasks = new Map<string, TaskEntry>();
  readonly artefacts = new Map<string, ArtefactEntry>();
  readonly facts = new Map<string, FactEntry>();
  /** By id, for {@linkcode TextSimilarity}. */
  readonly texts = new Map<number, TextEntry>();
  /** Completed attempts by the hash of their input. */
  readonly solutionsByInput = new Map<string, FactList<FactEntry>>();
  readonly reuses: ReuseLedger;
  readonly similarity: TextSimilarity;
  solutions = 0;
  forgotten = 0;
  outputs = 0;
  outputChars = 0;
  readonly #limits: KnowledgeLimits;
  /** By tenant and capability, then by the text itself: a key for each text would double it. */
  readonly #textsOf = new Map<string, Map<string, TextEntry>>();
  readonly #byRun = new Map<string, FactEntry | FactEntry[]>();
  readonly #factQueue = new OldestFirst<FactEntry>();
  readonly #outputQueue = new OldestFirst<ArtefactEntry>();
  /** The newest use that was forgotten: nothing older is taken in, or order would matter. */
  #factFloor: Floor | null = null;
  #outputFloor: Floor | null = null;
  #textsSeen = 0;
  /** Of the last fact: the items of a task often have one text. */
  #lastText: TextEntry | null = null;
  /** Attempts that were removed while queues and lists still hold them. */
  #unswept = 0;

  constructor(limits: KnowledgeLimits, similarity: TextSimilarity) {
    this.#limits = limits;
    this.similarity = similarity;
    this.reuses = new ReuseLedger(limits.factsMax);
  }

  /** @returns `false` when it was known, or is older than what had to be forgotten. */
  add(fact: AttemptFact): boolean {
    const key = keyOf(fact);
    if (this.facts.has(key)) return false;
    const usedAt = Math.max(fact.finishedAt, this.#reusedAt(fact));
    if (isBelow(this.#factFloor, usedAt, key)) {
      this.forgotten++;
      return false;
    }
    const entry = this.#enter(fact, key, usedAt);
    this.#addSolution(entry, fact);
    this.#factQueue.push(entry);
    while (this.facts.size > this.#limits.factsMax) this.#forgetOldest();
    return !entry.isGone;
  }

  noteReuse(reuse: ReuseFact): boolean {
    if (!this.reuses.add(reuse)) return false;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const fact = this.facts.get(keyOf({ ...reuse, index: reuse.index ?? 0, attempt }));
      if (fact?.outcome !== "completed") continue;
      fact.usedAt = Math.max(fact.usedAt, reuse.at);
      if (fact.artefact !== null) use(fact.artefact, fact);
    }
    return true;
  }

  /** Forgets what was last used before: by whole days, so that nodes agree. */
  trim(now: number): number {
    const before = Math.floor((now - this.#limits.ageMaxMs) / DAY_MS) * DAY_MS;
    let count = 0;
    for (
      let oldest = this.#factQueue.peek();
      oldest !== undefined && oldest.usedAt < before;
      oldest = this.#factQueue.peek()
    ) {
      this.#forgetOldest();
      count++;
    }
    this.reuses.trim(before);
    if (!isBelow(this.#factFloor, before, "")) this.#factFloor = { usedAt: before, key: "" };
    this.#sweep();
    return count;
  }

  /** Removes all that came from a run, as if it had not been; the memory is freed by `trim()`. */
  forget(runId: string): number {
    const facts = [this.#byRun.get(runId) ?? []].flat();
    this.#byRun.delete(runId);
    for (const fact of facts) this.#remove(fact);
    this.reuses.forget(runId);
    this.#unswept += facts.length;
    return facts.length;
  }

  /** Leaves no reference to what was removed: it may be what a person wanted to have deleted. */
  #sweep(): void {
    if (this.#unswept === 0) return;
    this.#unswept = 0;
    for (
      const entries of [this.agents, this.capabilities, this.tasks, this.artefacts, this.texts]
    ) {
      for (const { facts } of entries.values()) facts.sweep();
    }
    for (const facts of this.solutionsByInput.values()) facts.sweep();
    this.#factQueue.sweep();
    this.#outputQueue.sweep();
  }

  /** Attempts of a run, in the order in which they came. */
  factsOfRun(runId: string): FactEntry[] {
    return [this.#byRun.get(runId) ?? []].flat();
  }

  /** How often a solution stood for an attempt. */
  reusesOf({ runId, task, index, outcome }: FactEntry): ReuseTally {
    if (outcome !== "completed") return { count: 0, firstAt: null, lastAt: null };
    return this.reuses.of({ runId, task: task.name, index });
  }

  /** Latest use of a solution by others, as far as known; 0 without any. */
  #reusedAt(fact: AttemptFact): number {
    return fact.outcome === "completed" ? this.reuses.of(fact).lastAt ?? 0 : 0;
  }

  #enter(fact: AttemptFact, key: string, usedAt: number): FactEntry {
    const entry: FactEntry = {
      key,
      runId: fact.runId,
      task: this.#taskOf(fact),
      text: this.#textOf(fact),
      index: fact.index,
      attempt: fact.attempt,
      agent: getOrMake(this.agents, fact.agent, () => ({
        id: fact.agent,
        counts: new OutcomeCounts(),
        facts: new FactList<FactEntry>(),
      })),
      capability: fact.capability === null ? null : this.#capabilityOf(fact.capability),
      codeHash: fact.codeHash,
      inputHash: fact.inputHash,
      startedAt: fact.startedAt,
      at: fact.finishedAt,
      outcome: fact.outcome,
      costUsd: fact.costUsd,
      artefact: null,
      usedAt,
      rankedAt: usedAt,
      isGone: false,
    };
    this.facts.set(key, entry);
    const ofRun = this.#byRun.get(fact.runId);
    if (ofRun === undefined) this.#byRun.set(fact.runId, entry);
    else if (Array.isArray(ofRun)) ofRun.push(entry);
    else this.#byRun.set(fact.runId, [ofRun, entry]);
    for (const list of listsOf(entry)) list.add(entry);
    countOutcome(entry, 1);
    return entry;
  }

  #addSolution(entry: FactEntry, { output }: AttemptFact): void {
    if (entry.outcome !== "completed") return;
    this.solutions++;
    entry.artefact = this.#artefactOf(entry, output);
    entry.artefact?.facts.add(entry);
    if (entry.inputHash === null || entry.capability === null) return;
    getOrMake(this.solutionsByInput, entry.inputHash, () => new FactList<FactEntry>()).add(entry);
  }

  #artefactOf(fact: FactEntry, output: Json): ArtefactEntry | null {
    const { outputCharsMax } = this.#limits;
    if (isLargerThan(output, { charsMax: outputCharsMax, valuesMax: outputCharsMax })) return null;
    const json = canonicalJson(output);
    if (json.length > outputCharsMax) return null;
    const artefact = getOrMake(this.artefacts, sha256(json), (key) => ({
      key,
      json: null,
      chars: json.length,
      facts: new FactList<FactEntry>(),
      usedAt: fact.usedAt,
      usedBy: fact.key,
      rankedAt: fact.usedAt,
      rankedBy: fact.key,
      isGone: true,
    }));
    use(artefact, fact);
    if (artefact.json === null) this.#keepOutput(artefact, json);
    return artefact;
  }

  #keepOutput(artefact: ArtefactEntry, json: string): void {
    if (isBelow(this.#outputFloor, artefact.usedAt, artefact.usedBy)) return;
    artefact.json = json;
    artefact.isGone = false;
    this.outputs++;
    this.outputChars += artefact.chars;
    this.#outputQueue.push(artefact);
    while (this.outputChars > this.#limits.outputsCharsMax) {
      const oldest = this.#outputQueue.pop()!;
      this.#dropOutput(oldest);
      this.#outputFloor = { usedAt: oldest.usedAt, key: oldest.usedBy };
    }
  }

  #dropOutput(artefact: ArtefactEntry): void {
    if (artefact.json === null) return;
    artefact.json = null;
    artefact.isGone = true;
    this.outputs--;
    this.outputChars -= artefact.chars;
  }

  #forgetOldest(): void {
    const oldest = this.#factQueue.pop()!;
    this.#remove(oldest);
    this.reuses.forgetSource(oldest);
    this.#factFloor = { usedAt: oldest.usedAt, key: oldest.key };
    this.forgotten++;
  }

  #remove(fact: FactEntry): void {
    fact.isGone = true;
    this.facts.delete(fact.key);
    this.#removeFromRun(fact);
    countOutcome(fact, -1);
    for (const list of listsOf(fact)) list.noteGone();
    if (fact.task.facts.size === 0) this.tasks.delete(fact.task.hash);
    if (fact.agent.facts.size === 0) this.agents.delete(fact.agent.id);
    if (fact.capability?.facts.size === 0) this.capabilities.delete(fact.capability.name);
    if (fact.text.facts.size === 0) this.#removeText(fact.text);
    if (fact.outcome === "completed") this.#removeSolution(fact);
  }

  #removeSolution(fact: FactEntry): void {
    this.solutions--;
    const byInput = fact.inputHash === null || fact.capability === null
      ? undefined
      : this.solutionsByInput.get(fact.inputHash);
    byInput?.noteGone();
    if (byInput?.size === 0) this.solutionsByInput.delete(fact.inputHash!);
    if (fact.artefact === null) return;
    fact.artefact.facts.noteGone();
    if (fact.artefact.facts.size > 0) return;
    this.#dropOutput(fact.artefact);
    this.artefacts.delete(fact.artefact.key);
  }

  #removeFromRun(fact: FactEntry): void {
    const ofRun = this.#byRun.get(fact.runId);
    if (Array.isArray(ofRun) && ofRun.length > 1) ofRun.splice(ofRun.indexOf(fact), 1);
    else this.#byRun.delete(fact.runId);
  }

  #removeText(text: TextEntry): void {
    if (this.#lastText === text) this.#lastText = null;
    this.similarity.remove(text.id, text.text);
    this.texts.delete(text.id);
    const place = placeOfText(text);
    const others = this.#textsOf.get(place)!;
    others.delete(text.text);
    if (others.size === 0) this.#textsOf.delete(place);
  }

  #taskOf({ tenant, workflow, task, inputHash, text }: AttemptFact): TaskEntry {
    const problem = inputHash === null ? ["text", text] : ["input", inputHash];
    const hash = sha256(JSON.stringify([tenant, workflow, task, ...problem])).slice(0, 32);
    return getOrMake(this.tasks, hash, () => ({
      hash,
      tenant,
      workflow,
      name: task,
      facts: new FactList<FactEntry>(),
    }));
  }

  #capabilityOf(name: string): CapabilityEntry {
    return getOrMake(this.capabilities, name, () => ({
      name,
      counts: new OutcomeCounts(),
      facts: new FactList<FactEntry>(),
    }));
  }

  #textOf(fact: AttemptFact): TextEntry {
    const last = this.#lastText;
    const isSame = last !== null && last.text === fact.text && last.tenant === fact.tenant &&
      last.capability === fact.capability;
    return isSame ? last : this.#lastText = this.#findText(fact);
  }

  #findText(fact: AttemptFact): TextEntry {
    const others = getOrMake(this.#textsOf, placeOfText(fact), () => new Map<string, TextEntry>());
    return getOrMake(others, fact.text, () => {
      const entry: TextEntry = {
        id: this.#textsSeen++,
        text: fact.text,
        tenant: fact.tenant,
        capability: fact.capability,
        facts: new FactList<FactEntry>(),
      };
      this.texts.set(entry.id, entry);
      this.similarity.add(entry.id, entry.text);
      return entry;
    });
  }
}

interface Floor {
  usedAt: number;
  key: string;
}

function isBelow(floor: Floor | null, usedAt: number, key: string): boolean {
  return floor !== null &&
    (usedAt < floor.usedAt || (usedAt === floor.usedAt && key <= floor.key));
}

/** Lists that hold every attempt. */
function listsOf(fact: FactEntry): FactList<FactEntry>[] {
  const lists = [fact.task.facts, fact.agent.facts, fact.text.facts];
  if (fact.capability !== null) lists.push(fact.capability.facts);
  return lists;
}

function countOutcome({ agent, capability, task, outcome }: FactEntry, by: 1 | -1): void {
  agent.counts.count(task.tenant, outcome, by);
  capability?.counts.count(task.tenant, outcome, by);
}

/** `RUN/TASK/INDEX/ATTEMPT`. */
function keyOf(
  { runId, task, index, attempt }: { runId: string; task: string; index: number; attempt: number },
): string {
  return `${runId}/${task}/${index}/${attempt}`;
}

function placeOfText(of: { tenant: string | null; capability: string | null }): string {
  return JSON.stringify([of.tenant, of.capability]);
}

/**
 * An output stands where its latest attempt stands, also among those of one instant: were it ranked
 * by itself, an attempt that is forgotten later could have taken the room of one that stays.
 */
function use(artefact: ArtefactEntry, { usedAt, key }: FactEntry): void {
  if (usedAt < artefact.usedAt || (usedAt === artefact.usedAt && key <= artefact.usedBy)) return;
  artefact.usedAt = usedAt;
  artefact.usedBy = key;
}

function getOrMake<V>(map: Map<string, V>, key: string, make: (key: string) => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make(key);
  map.set(key, made);
  return made;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
