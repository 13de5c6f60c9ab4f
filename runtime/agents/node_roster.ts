/**
 * The roster of one node: what the store says of registered agents, made quick to ask.
 *
 * @module
 */
import {
  type CapabilityEdge,
  capabilityEdgesOf,
  CapabilityTree,
  findCapabilityLoop,
} from "../../actors/knowledge/mod.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Cells } from "../cells/mod.ts";
import {
  agentUnknown,
  chooseAgent,
  compareAgents,
  parseAgentReference,
} from "./agent_reference.ts";
import type { AgentHead, AgentRecord, AgentRecords } from "./agent_records.ts";
import type { AgentRoster, Offer, RosterAgent } from "./agent_roster.ts";
import { InputChecks } from "./input_check.ts";
import type { RegisteredAgent } from "./registered_agent.ts";
import { cellManifestOf, Member, refOf } from "./roster_member.ts";

/** What a {@linkcode NodeRoster} works with. */
export interface NodeRosterOptions {
  records: AgentRecords;
  cells: Pick<Cells, "register" | "keyOf" | "letGo">;
  /** How long the cells of an agent that is gone stay. Default one minute. */
  letGoAfterMs?: number;
  /** A look at the store failed; the next one comes. */
  onError: (error: unknown) => void;
}

/** Between looks for changes of other nodes. */
const LOOK_MS = 1_000;
/** Everything is read again, should a change have been missed. */
const READ_ALL_MS = 60_000;
/** An attempt that was decided on before the agent was removed has been begun by then. */
const LET_GO_AFTER_MS = 60_000;
/** Blobs that are read at once. */
const READS_MAX = 16;
const OFFERS_MAX = 10_000;
const NOTHING: readonly Offer[] = Object.freeze([]);

/** See {@linkcode AgentRoster}. */
export class NodeRoster implements AgentRoster {
  readonly #options: NodeRosterOptions;
  readonly #checks = new InputChecks();
  readonly #listeners = new Set<() => void>();
  /** By tenant and ref. */
  #agents = new Map<string, Member>();
  #all: readonly Member[] = [];
  /** Agents that are gone, by their key in the cells. */
  readonly #gone = new Map<string, { codeHash: string; goneAt: number }>();
  #views = new Map<string | null, View>();
  #tree = new CapabilityTree();
  #edges = "";
  #change: string | null | undefined;
  #readAllAt = 0;
  #reading: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;
  version = 0;

  constructor(options: NodeRosterOptions) {
    this.#options = options;
  }

  get tree(): CapabilityTree {
    return this.#tree;
  }

  treeSeenBy(tenant: string | null): CapabilityTree {
    return this.#view(tenant).tree;
  }

  all(): readonly RosterAgent[] {
    return this.#all;
  }

  offering(capability: string, tenant: string | null): readonly Offer[] {
    return this.#view(tenant).offering(capability);
  }

  find(ref: string, tenant: string | null): RosterAgent | null {
    const own = tenant === null ? undefined : this.#agents.get(placeOf(ref, tenant));
    return own ?? this.#agents.get(placeOf(ref, null)) ?? null;
  }

  resolve(reference: string, tenant: string | null): RosterAgent | null {
    const parsed = parseAgentReference(reference);
    if (parsed === null) return null;
    const named = this.#view(tenant).named(parsed.name);
    const own = named.filter((agent) => agent.tenant === tenant);
    const ready = (own.length > 0 ? own : named).filter(({ status }) => status === "ready");
    return chooseAgent(ready, parsed.range);
  }

  async ensure(ref: string, tenant: string | null): Promise<RosterAgent> {
    const found = this.find(ref, tenant) as Member | null;
    if (found === null) throw agentUnknown(ref);
    await found.load(this.#options, this.#checks);
    return found;
  }

  /** The agents that have the key in the cells of this node: tenants may register the same. */
  byKey(agentKey: string): readonly RosterAgent[] {
    return this.#all.filter((agent) => agent.agentKey === agentKey);
  }

  /** Those whose handshake has not ended. */
  checking(): readonly AgentHead[] {
    return this.#all.filter(({ status }) => status === "checking").map(({ head }) => head);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks again every second, until {@linkcode close}. */
  follow(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.refresh().catch(this.#options.onError).finally(() => this.follow());
    }, LOOK_MS);
    // Nobody waits for it: a process may end while the timer runs.
    Deno.unrefTimer(this.#timer);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#reading?.catch(() => {});
  }

  /** A look that began before does not show what was written since: another one follows it. */
  async refresh(): Promise<void> {
    while (this.#reading !== null) await this.#reading.catch(() => {});
    if (this.#isClosed) return;
    const reading = this.#read().then(() => this.#letGo()).finally(() => this.#reading = null);
    this.#reading = reading;
    await reading;
  }

  async #read(): Promise<void> {
    const { records } = this.#options;
    const change = await records.change();
    const now = performance.now();
    const isDue = now - this.#readAllAt > READ_ALL_MS;
    if (change === this.#change && (!isDue || change === null)) return;
    const heads = await records.heads();
    const agents = await this.#toMembers(heads);
    [this.#change, this.#readAllAt] = [change, now];
    this.#adopt(agents);
  }

  /** Those whose document is the same stay the same objects. */
  async #toMembers(heads: readonly AgentHead[]): Promise<Member[]> {
    const members: Member[] = [];
    const queue = [...heads];
    const take = async () => {
      for (let head = queue.pop(); head !== undefined; head = queue.pop()) {
        const known = this.#agents.get(placeOf(refOf(head), head.tenant));
        const text = JSON.stringify(head);
        if (known?.headText === text) {
          members.push(known);
          continue;
        }
        const record = known?.head.recordHash === head.recordHash
          ? known.record
          : await this.#readRecord(head);
        if (record === null) continue;
        members.push(new Member(head, text, { record, before: known ?? null }));
      }
    };
    await Promise.all(Array.from({ length: READS_MAX }, take));
    return members.sort(compareAgents);
  }

  /** `null` of an agent whose record is lost: the others are not held up by it. */
  async #readRecord({ recordHash }: AgentHead): Promise<AgentRecord | null> {
    const { records, onError } = this.#options;
    try {
      return JSON.parse(await records.getText(recordHash)) as AgentRecord;
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      onError(error);
      return null;
    }
  }

  #adopt(members: readonly Member[]): void {
    const isSame = members.length === this.#all.length &&
      members.every((member, at) => member === this.#all[at]);
    if (isSame) return;
    this.#noteGone(members);
    this.#all = members;
    this.#agents = new Map(members.map((member) => [placeOf(member.ref, member.tenant), member]));
    this.#views = new Map();
    const edges = edgesOf(members);
    const text = JSON.stringify(edges);
    if (text !== this.#edges) [this.#edges, this.#tree] = [text, treeOf(members)];
    this.version++;
    for (const listener of this.#listeners) listener();
  }

  /** Also those that are registered with other rights now: they have another key. */
  #noteGone(members: readonly Member[]): void {
    const kept = new Set(members);
    for (const member of this.#all) {
      if (kept.has(member)) continue;
      const { codeHash } = member;
      this.#gone.set(this.#keyOf(member), { codeHash, goneAt: performance.now() });
    }
  }

  /** Their attempts go on: what is busy is looked at again. */
  #letGo(): void {
    if (this.#gone.size === 0) return;
    const { cells, letGoAfterMs = LET_GO_AFTER_MS } = this.#options;
    const now = performance.now();
    const due = [...this.#gone].filter(([, { goneAt }]) => now - goneAt >= letGoAfterMs);
    if (due.length === 0) return;
    const codes = new Set(due.map(([, { codeHash }]) => codeHash));
    const kept = new Set(
      this.#all.filter(({ codeHash }) => codes.has(codeHash)).map((member) => this.#keyOf(member)),
    );
    for (const [key] of due) {
      if (kept.has(key) || cells.letGo(key, letGoAfterMs)) this.#gone.delete(key);
    }
  }

  #keyOf({ head, record, agentKey }: Member): string {
    return agentKey ?? this.#options.cells.keyOf(cellManifestOf(head, record));
  }

  #view(tenant: string | null): View {
    let view = this.#views.get(tenant);
    if (view !== undefined) return view;
    const own = this.#all.filter((agent) => agent.tenant === tenant);
    const hidden = new Set(own.map(({ ref }) => ref));
    const agents = this.#all.filter((agent) =>
      agent.tenant === tenant || (agent.tenant === null && !hidden.has(agent.ref))
    );
    view = new View(agents);
    this.#views.set(tenant, view);
    return view;
  }
}

/** The agents that one tenant may use: its own hide shared ones of the same name and version. */
class View {
  readonly tree: CapabilityTree;
  readonly #byCapability = new Map<string, Member[]>();
  readonly #byName: ReadonlyMap<string, readonly Member[]>;
  readonly #offers = new Map<string, readonly Offer[]>();

  constructor(agents: readonly Member[]) {
    this.tree = treeOf(agents);
    this.#byName = Map.groupBy(agents, ({ name }) => name);
    for (const agent of agents) {
      for (const capability of Object.keys(agent.capabilities)) {
        const list = this.#byCapability.get(capability);
        if (list === undefined) this.#byCapability.set(capability, [agent]);
        else list.push(agent);
      }
    }
  }

  named(name: string): readonly Member[] {
    return this.#byName.get(name) ?? [];
  }

  offering(capability: string): readonly Offer[] {
    const known = this.#offers.get(capability);
    if (known !== undefined) return known;
    const offers = new Map<Member, Offer>();
    for (const { capability: name, distance, way } of this.tree.kin(capability)) {
      if (way === "wider") continue;
      for (const agent of this.#byCapability.get(name) ?? []) {
        if (!offers.has(agent)) offers.set(agent, { agent, capability: name, distance });
      }
    }
    const list = offers.size === 0 ? NOTHING : Object.freeze([...offers.values()]);
    // Names are anybody's to ask for.
    if (this.#offers.size >= OFFERS_MAX) this.#offers.clear();
    this.#offers.set(capability, list);
    return list;
  }
}

function edgesOf(agents: readonly RegisteredAgent[]): CapabilityEdge[] {
  return capabilityEdgesOf(agents.flatMap(({ capabilities }) => Object.entries(capabilities)));
}

/**
 * Two nodes, or two tenants, may each have a manifest that closes a ring with the other's. Shared
 * ones count before those of tenants, then what was registered first; of the others, only the
 * capabilities do.
 */
function treeOf(agents: readonly RegisteredAgent[]): CapabilityTree {
  const edges = edgesOf(agents);
  if (findCapabilityLoop(edges) === null) return new CapabilityTree(edges);
  let kept: CapabilityEdge[] = [];
  const oldest = [...agents].sort((a, b) =>
    Number(a.tenant !== null) - Number(b.tenant !== null) || a.registeredAt - b.registeredAt ||
    compareText(a.ref, b.ref) || compareText(a.tenant ?? "", b.tenant ?? "")
  );
  for (const agent of oldest) {
    const more = edgesOf([agent]);
    const all = [...kept, ...more];
    if (more.length > 0 && findCapabilityLoop(all) === null) kept = all;
  }
  return new CapabilityTree(kept);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function placeOf(ref: string, tenant: string | null): string {
  return tenant === null ? ref : `${ref}\n${tenant}`;
}
