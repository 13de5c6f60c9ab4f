/**
 * The actor systems of a cluster, as one node sees them: who leads which, which of them this node
 * should lead, and what becomes of those that nobody leads.
 *
 * @module
 */
import type { DeliveryEvent } from "../../../actors/delivery/mod.ts";
import type { ActorStore, SystemEntry } from "../../../core/actor_ports.ts";
import type { Member } from "../../../core/cluster_ports.ts";
import { ConflictError } from "../../../core/errors.ts";
import type { Holder } from "../../../core/ports.ts";
import type { ActorSystem } from "../../actors/mod.ts";
import type { Cell, Seals } from "../../cells/mod.ts";
import { isMoving, nobody, notLeader } from "./moving.ts";
import { rankNodes } from "./system_place.ts";
import { digestOf, readRecord, type SystemContent, type SystemRecord } from "./system_record.ts";
import { type Leader, SystemRoute } from "./system_route.ts";
import { isSameProcess, type SystemsCluster } from "./systems_cluster.ts";
import { serveSystems, SYSTEM_METHODS } from "./system_service.ts";

export interface ClusterSystemsOptions {
  cluster: SystemsCluster;
  nodeId: string;
  store: () => Promise<ActorStore<DeliveryEvent>>;
  /** The system, while this node leads it. */
  hosted: (name: string) => ActorSystem | null;
  /** Whether this node starts it, leads it, or has not given it back yet. */
  isBusyWith: (name: string) => boolean;
  /** Claims a system and starts it here. */
  host: (record: SystemRecord) => Promise<ActorSystem>;
  /** What a system that this node leads was started with. */
  contentOf: (name: string) => SystemContent | null;
  /** Told of what goes wrong behind nobody's back. */
  onError: (error: unknown) => void;
}

/** A system that nobody leads. */
interface Vacancy {
  term: number;
  /** `performance.now()` when it was first seen so. */
  since: number;
  /** Whether any node should lead it. */
  isWanted: boolean;
  /** Vain tries of this node, and when it may try again. */
  tries: number;
  notBefore: number;
}

/** How often is looked for systems that nobody leads. */
const WATCH_MS = 250;
/** How much longer each further node waits before it takes what the nodes before it should take. */
const RANK_MS = 3_000;
/** Between two tries to start a system that does not start. */
const TRY_MS = 500;
const TRY_MS_MAX = 30_000;
/** How long another node may take to start a system. */
const START_MS = 30_000;
/** How long is waited for a leader that cannot be found. */
const FIND_MS = 10_000;
const FIND_PAUSE_MS = 100;

export class ClusterSystems {
  readonly #options: ClusterSystemsOptions;
  readonly #routes = new Map<string, SystemRoute>();
  /** What runs of this node start systems with. */
  readonly #known = new Map<string, SystemRecord>();
  readonly #vacant = new Map<string, Vacancy>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watching: Promise<void> = Promise.resolve();
  #isLeaving = false;
  #isClosed = false;

  constructor(options: ClusterSystemsOptions) {
    this.#options = options;
  }

  /** Answers other nodes, and watches for systems that nobody leads. */
  join(): void {
    serveSystems(this.#options.cluster.link(), {
      led: (name) => this.#led(name),
      digest: (name) => this.#digest(name),
      start: async (record) => {
        await this.#host(record);
      },
    });
    this.#schedule();
  }

  /** Where messages for a system go, whoever leads it. */
  door(name: string): SystemRoute {
    let route = this.#routes.get(name);
    if (route === undefined) {
      route = new SystemRoute({
        name,
        link: () => this.#options.cluster.link(),
        local: () => this.#options.hosted(name),
        locate: () => this.#locate(name),
      });
      this.#routes.set(name, route);
    }
    return route;
  }

  /**
   * Sees to it that somebody leads a system, with these actors.
   *
   * @param seals for messages of this node to actors that encrypt
   * @throws {ConflictError} `SYSTEM_TAKEN` when it is led with other actors, or by a process that
   *   belongs to no cluster
   * @throws {UnavailableError} `UNAVAILABLE`
   */
  async start(record: SystemRecord, seals: Seals | null): Promise<void> {
    const { name } = record.content.definition;
    const endsAt = performance.now() + FIND_MS;
    for (;;) {
      try {
        const digest = await this.#digestAt(await this.#locate(name, record), name);
        if (digest !== digestOf(record.content)) throw differs(name, record.content.file);
        this.#known.set(name, record);
        this.door(name).seals = seals;
        return;
      } catch (error) {
        const isAlone = this.#isLeaving && this.#rank(name).length === 0;
        if (!isMoving(error) || isAlone || this.#isClosed) throw error;
        if (performance.now() > endsAt) throw await this.#whyNobody(name, error);
      }
      await new Promise((resolve) => setTimeout(resolve, FIND_PAUSE_MS));
    }
  }

  forgetCell(cell: Cell): void {
    for (const route of this.#routes.values()) route.forgetCell(cell);
  }

  /** Takes no system any more. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    clearTimeout(this.#timer);
    await this.#watching;
  }

  /** Asks the next node to go on with a system that this one has given back. */
  async handOver(name: string): Promise<void> {
    const record = await readRecord(await this.#options.store(), name);
    const next = this.#rank(name).find(({ nodeId }) => nodeId !== this.#options.nodeId);
    if (record === null || next === undefined) return;
    await this.#startAt(next.url!, record).catch(this.#options.onError);
  }

  close(): void {
    this.#isClosed = true;
    for (const route of this.#routes.values()) route.close();
  }

  // --- who leads ---

  #led(name: string): ActorSystem {
    const { hosted, cluster } = this.#options;
    const system = hosted(name);
    if (system === null || !cluster.mayLead()) throw notLeader(name);
    return system;
  }

  #digest(name: string): string {
    this.#led(name);
    return digestOf(this.#options.contentOf(name)!);
  }

  async #digestAt(leader: Leader, name: string): Promise<string> {
    if (typeof leader !== "string") return this.#digest(name);
    const { cluster } = this.#options;
    return String(await cluster.link().call(leader, SYSTEM_METHODS.digest, { system: name }));
  }

  async #locate(name: string, wanted?: SystemRecord): Promise<Leader> {
    const { hosted, nodeId } = this.#options;
    const here = hosted(name);
    if (here !== null) return here;
    const store = await this.#options.store();
    const holder = await store.systemHolder(name);
    if (holder !== null && holder.nodeId !== nodeId) {
      const url = this.#urlOf(holder);
      if (url !== null) return url;
      if (!this.#options.cluster.isGone(holder)) {
        throw nobody(name, `process ${holder.pid} of "${holder.nodeId}" held it last`);
      }
    }
    const record = wanted ?? this.#known.get(name) ?? await readRecord(store, name);
    if (record === null) throw nobody(name, "its tree has ended, and no run has started it again");
    const [first] = this.#rank(name);
    const isElsewhere = first !== undefined && first.nodeId !== nodeId;
    if (isElsewhere && await this.#isStartedAt(first.url!, record)) return first.url!;
    return await this.#host(record);
  }

  /** Of a node that lives; it may have been started anew under its name. */
  #urlOf(holder: Holder): string | null {
    const member = this.#options.cluster.living().find(({ nodeId }) => nodeId === holder.nodeId);
    return member !== undefined && isSameProcess(member.holder, holder) ? member.url : null;
  }

  /** Nodes that may lead a system, the one first that should. */
  #rank(name: string): Member[] {
    const nodes = new Map(
      this.#options.cluster.living()
        .filter(({ nodeId, status, url }) =>
          status === "up" && url !== null && !(this.#isLeaving && nodeId === this.#options.nodeId)
        )
        .map((member) => [member.nodeId, member]),
    );
    return rankNodes(name, [...nodes.keys()]).map((nodeId) => nodes.get(nodeId)!);
  }

  async #isStartedAt(url: string, record: SystemRecord): Promise<boolean> {
    try {
      await this.#startAt(url, record);
      return true;
    } catch (error) {
      // Then it is led from where it is needed.
      if (!isMoving(error)) this.#options.onError(error);
      return false;
    }
  }

  async #startAt(url: string, record: SystemRecord): Promise<void> {
    const body = record as unknown as Record<string, never>;
    await this.#options.cluster.link().call(url, SYSTEM_METHODS.start, body, {
      timeoutMs: START_MS,
    });
  }

  async #host(record: SystemRecord): Promise<ActorSystem> {
    const { cluster, host, hosted } = this.#options;
    const { name } = record.content.definition;
    const here = hosted(name);
    if (here !== null) return here;
    if (this.#isLeaving || !cluster.mayLead()) throw notLeader(name);
    try {
      return await host(record);
    } catch (error) {
      const wasTaken = error instanceof ConflictError && error.code === "SYSTEM_TAKEN";
      if (wasTaken) throw nobody(name, "another node has just claimed it");
      throw error;
    }
  }

  async #whyNobody(name: string, error: unknown): Promise<unknown> {
    const holder = await (await this.#options.store()).systemHolder(name);
    if (holder === null || this.#options.cluster.isGone(holder)) return error;
    if (this.#urlOf(holder) !== null) return error;
    return new ConflictError("SYSTEM_TAKEN", {
      message: `Process ${holder.pid} leads actor system "${name}", and belongs to no cluster`,
      hint: "Stop it, or give the system another name",
      details: { pid: holder.pid },
    });
  }

  // --- systems that nobody leads ---

  #schedule(): void {
    if (this.#isLeaving) return;
    this.#timer = setTimeout(() => {
      this.#watching = this.#watch().catch(this.#options.onError).finally(() => this.#schedule());
    }, WATCH_MS);
  }

  async #watch(): Promise<void> {
    const { cluster, isBusyWith, nodeId } = this.#options;
    if (!cluster.mayLead()) return;
    this.#leaveDead();
    const store = await this.#options.store();
    await Promise.all((await store.systems()).map(async (entry) => {
      const { system, holder } = entry;
      const isOwn = holder?.nodeId === nodeId;
      const isLed = holder !== null && !isOwn && !cluster.isGone(holder);
      if (isLed || isBusyWith(system)) this.#vacant.delete(system);
      else await this.#consider(store, entry);
    }));
  }

  /** Whoever waits for a node that does not live is told. */
  #leaveDead(): void {
    const alive = new Set(this.#options.cluster.living().map(({ url }) => url));
    for (const route of this.#routes.values()) {
      for (const url of route.urls) if (!alive.has(url)) route.leave(url);
    }
  }

  /** The first of the nodes takes it at once, each further one a while later. */
  async #consider(store: ActorStore<DeliveryEvent>, { system, term }: SystemEntry): Promise<void> {
    const now = performance.now();
    let vacant = this.#vacant.get(system);
    if (vacant?.term !== term) {
      const isWanted = await readRecord(store, system) !== null;
      vacant = { term, since: now, isWanted, tries: 0, notBefore: now };
      this.#vacant.set(system, vacant);
    }
    const rank = this.#rank(system).findIndex(({ nodeId }) => nodeId === this.#options.nodeId);
    if (!vacant.isWanted || rank < 0 || now < vacant.notBefore) return;
    if (now - vacant.since < rank * RANK_MS) return;
    try {
      // Whoever led it last may have dropped its record meanwhile.
      const record = await readRecord(store, system);
      if (record === null) vacant.isWanted = false;
      else await this.#host(record);
    } catch (error) {
      vacant.notBefore = performance.now() + Math.min(TRY_MS_MAX, TRY_MS * 2 ** vacant.tries++);
      if (!isMoving(error)) this.#options.onError(error);
    }
  }
}

function differs(name: string, file: string): ConflictError {
  return new ConflictError("SYSTEM_TAKEN", {
    message: `Actor system "${name}" of "${file}" is up in this cluster with other actors`,
    hint: "Give the system another name, or end the runs that use the other one first",
  });
}
