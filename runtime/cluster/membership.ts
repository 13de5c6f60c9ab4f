import {
  confirmedUntil,
  createElection,
  decideElection,
  type ElectionAction,
  type ElectionSettings,
  type ElectionState,
  isConfirmed,
  living,
  nextTickAt,
} from "../../actors/election/mod.ts";
import type { ClusterStore, Doorbell, Member } from "../../core/cluster_ports.ts";
import { ConflictError } from "../../core/errors.ts";
import type { Holder, Store, Term } from "../../core/ports.ts";
import { FenceDesk, type News } from "./fence_desk.ts";
import type { ClusterMember, Leading } from "./leading.ts";
import { SingleFlight } from "./single_flight.ts";

const DRAIN_MS = 10_000;

/** What a membership needs of the node around it. */
export interface MembershipOptions {
  runs: Pick<Store<unknown>, "claim" | "release" | "terms">;
  cluster: Pick<ClusterStore, "beat" | "members" | "leave">;
  settings: ElectionSettings;
  leading: Leading;
  holder: Holder;
  /** Where other nodes reach this one. */
  url: string | null;
  version: string;
  /** Tell other nodes of new terms, and this one of theirs. */
  bells: readonly Doorbell[];
  /** How long {@linkcode Membership.drain} waits. Default 10 s. */
  drainMs?: number;
  /** Milliseconds that no step of the system's clock changes. */
  monotonic?: () => number;
  /** Uniform in `[0, 1)`. */
  random?: () => number;
  /** Called with the first of a row of failures of one kind. */
  onError: (error: unknown) => void;
}

/**
 * One node's part in a cluster: it writes that it lives, looks at the others, and takes and gives
 * partitions as `decideElection()` says. It never has two heartbeats or two looks under way.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #state: ElectionState;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #desk: FenceDesk;
  readonly #beat = new SingleFlight(() => this.#writeBeat());
  readonly #look = new SingleFlight(() => this.#readAll());
  readonly #listeners = new Set<() => void>();
  readonly #startedAt = Date.now();
  readonly #joined = Promise.withResolvers<void>();
  readonly #drained = Promise.withResolvers<void>();
  #unlisten: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;
  #beats = 0;
  #hasBeaten = false;
  readonly #predecessors = new Set<string>();
  #members: readonly Member[] = [];
  #terms: readonly Term[] = [];
  #livingNames = "";
  #failing = new Set<string>();

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#now = options.monotonic ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#state = createElection(options.settings, this.#now());
    this.#desk = new FenceDesk({
      runs: options.runs,
      holder: options.holder,
      leading: options.leading,
      onNews: (news) => this.#step(news),
      onTermChange: () => this.#ringTerms(),
      onError: options.onError,
    });
  }

  /** Resolves once a heartbeat of this node is confirmed. */
  async start(): Promise<void> {
    this.#unlisten = this.#options.bells.map((bell) =>
      bell.listen((topic) => {
        if (topic === "terms") this.#look.start();
      })
    );
    this.#armTimer();
    await this.#joined.promise;
  }

  /** Gives every partition away and takes none; resolves when that is done, or took too long. */
  async drain(): Promise<void> {
    this.#step({ type: "drain" });
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, this.#options.drainMs ?? DRAIN_MS);
    await Promise.race([this.#drained.promise, late.promise]);
    clearTimeout(timer);
  }

  /** Leaves the cluster; what it still leads others take a time-out later. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    for (const unlisten of this.#unlisten) unlisten();
    this.#joined.resolve();
    this.#drained.resolve();
    this.#desk.close();
    // A heartbeat that comes after the farewell would bring the node back.
    await Promise.all([this.#beat.close(), this.#look.close()]);
    const { nodeId, boot } = this.#options.settings;
    try {
      await this.#options.cluster.leave(nodeId, boot);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Whether this node leads the partition and may start something now, by the clock at the call. */
  mayDispatch(partition: number): boolean {
    return !this.#isStopped && isConfirmed(this.#state, partition, this.#now());
  }

  /** Whether this node's heartbeat holds now. */
  isConfirmed(): boolean {
    return !this.#isStopped && this.#now() < confirmedUntil(this.#state);
  }

  /** An append in this term was refused. */
  fenced(partition: number, term: number): void {
    this.#step({ type: "fenced", partition, term });
  }

  /** The node cannot go on with what it leads. */
  surrender(partition: number, term: number): void {
    this.#step({ type: "surrender", partition, term });
  }

  /** Nodes that live, as `nodeId/boot`; this one included. */
  living(): ReadonlySet<string> {
    return living(this.#state, this.#now());
  }

  /** Every node as the last look showed it, by name, this one included. */
  members(): readonly ClusterMember[] {
    const { nodeId } = this.#options.settings;
    const alive = this.living();
    const others = this.#members.filter((member) => member.nodeId !== nodeId);
    return [...others, this.#describe()]
      .sort((a, b) => a.nodeId < b.nodeId ? -1 : 1)
      .map((member) => ({ ...member, state: stateOf(member, alive) }));
  }

  /** Every partition that was ever claimed, as the last look showed it. */
  terms(): readonly Term[] {
    return this.#terms;
  }

  /** Whether this node leads the partition, confirmed or not. */
  isLeading(partition: number): boolean {
    return this.#state.partitions[partition]?.stand === "leading";
  }

  /** The living node that leads the partition; `null` when there is none. */
  leaderOf(partition: number): { nodeId: string; url: string | null } | null {
    const { settings, url } = this.#options;
    if (this.isLeading(partition)) return { nodeId: settings.nodeId, url };
    const holder = this.#terms.find((term) => term.partition === partition)?.holder;
    const leader = this.members().find(({ nodeId }) => nodeId === holder?.nodeId);
    const isOther = leader !== undefined && leader.nodeId !== settings.nodeId;
    return isOther && leader.state !== "gone" ? { nodeId: leader.nodeId, url: leader.url } : null;
  }

  /** Calls when a node came, went, or began to drain, until the function returned is called. */
  onMembersChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- the loop ---

  #step(news: News): void {
    if (this.#isStopped || this.#state.isReplaced) return;
    // `seen` carries the rest of its input; only the instant is added here.
    const { actions } = decideElection({ ...news, at: this.#now() }, this.#state);
    for (const action of actions) this.#carryOut(action);
    if (!this.#state.isSuspended) this.#joined.resolve();
    if (this.#state.isReplaced) this.#giveWay();
    const isIdle = this.#state.partitions.every(({ stand }) =>
      stand === "follower" || stand === "candidate"
    );
    if (this.#state.isDraining && isIdle) this.#drained.resolve();
    this.#armTimer();
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const at = nextTickAt(this.#state);
    if (this.#isStopped || !Number.isFinite(at)) return;
    this.#timer = setTimeout(
      () => this.#step({ type: "tick", random: this.#random() }),
      Math.max(0, at - this.#now()),
    );
  }

  #carryOut(action: ElectionAction): void {
    switch (action.type) {
      case "beat":
        return this.#beat.start();
      case "look":
        return this.#look.start();
      case "claim":
        this.#desk.claim(action.partition, action.seenTerm);
        return;
      case "lead":
        return this.#desk.lead(action.partition, action.term);
      case "suspend":
        return this.#desk.suspend(action.partition, action.term);
      case "resume":
        return this.#desk.resume(action.partition, action.term);
      case "stepDown":
        return this.#desk.drop(action.partition, action.term);
      case "handOver":
        this.#desk.handOver(action.partition, action.term, action.heir);
    }
  }

  async #writeBeat(): Promise<void> {
    const sentAt = this.#now();
    this.#beats++;
    try {
      const isWritten = await this.#options.cluster.beat(
        this.#describe(),
        [...this.#predecessors],
      );
      this.#failing.delete("beat");
      this.#hasBeaten ||= isWritten;
      this.#step(isWritten ? { type: "beatConfirmed", sentAt } : { type: "beatFailed" });
    } catch (error) {
      this.#tellFirst("beat", error);
      this.#step({ type: "beatFailed" });
    }
  }

  async #readAll(): Promise<void> {
    const askedAt = this.#now();
    try {
      const [members, terms] = await Promise.all([
        this.#options.cluster.members(),
        this.#options.runs.terms(),
      ]);
      this.#failing.delete("look");
      this.#members = members;
      this.#notePredecessors(members);
      this.#terms = terms;
      this.#step({ type: "seen", askedAt, members, terms, random: this.#random() });
      this.#tellMembersChange();
    } catch (error) {
      this.#tellFirst("look", error);
    }
  }

  /** Whoever stood there under this name before the first heartbeat is replaced by it. */
  #notePredecessors(members: readonly Member[]): void {
    const { nodeId, boot } = this.#options.settings;
    if (this.#hasBeaten) return;
    for (const one of members) {
      if (one.nodeId === nodeId && one.boot !== boot) this.#predecessors.add(one.boot);
    }
  }

  #describe(): Member {
    const { settings, holder, url, version, leading } = this.#options;
    return {
      nodeId: settings.nodeId,
      boot: settings.boot,
      holder,
      beat: this.#beats,
      status: this.#state.isDraining ? "draining" : "up",
      url,
      startedAt: this.#startedAt,
      version,
      electionTimeoutMs: settings.electionTimeoutMs,
      ...leading.describe(),
    };
  }

  #giveWay(): void {
    this.#joined.resolve();
    this.#drained.resolve();
    const { nodeId } = this.#options.settings;
    this.#options.onError(
      new ConflictError("NODE_ID_TAKEN", {
        message: `Gave way to another process that works as node "${nodeId}"`,
        hint: "Start it under another name with --node-id",
      }),
    );
  }

  #tellMembersChange(): void {
    const names = this.members()
      .filter(({ state }) => state !== "gone")
      .map(({ nodeId, boot, state }) => `${nodeId}/${boot} ${state}`).join("\n");
    if (names === this.#livingNames) return;
    this.#livingNames = names;
    for (const listener of this.#listeners) listener();
  }

  #tellFirst(kind: string, error: unknown): void {
    if (!this.#failing.has(kind) && !this.#isStopped) this.#options.onError(error);
    this.#failing.add(kind);
  }

  #ringTerms(): void {
    for (const bell of this.#options.bells) bell.ring(["terms"]);
  }
}

function stateOf(member: Member, alive: ReadonlySet<string>): ClusterMember["state"] {
  if (!alive.has(`${member.nodeId}/${member.boot}`)) return "gone";
  return member.status === "draining" ? "draining" : "living";
}
