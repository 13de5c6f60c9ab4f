/**
 * A node of a cluster: it shares a store with others, leads some of the partitions, and runs the
 * attempts of their runs in its cells.
 *
 * @module
 */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attempt } from "../../actors/attempt.ts";
import type { BellTopic, Doorbell } from "../../core/cluster_ports.ts";
import { ConflictError, DenizenError } from "../../core/errors.ts";
import { partitionOfRun, SHARED_PARTITIONS_DEFAULT } from "../../core/partitions.ts";
import type { Fence } from "../../core/ports.ts";
import { ACTOR_SYSTEM } from "../../workflows/mod.ts";
import { collectBlobsIfDue } from "../archive/mod.ts";
import type { AgentRegistry } from "../agents/mod.ts";
import { askForBids } from "../assignment/mod.ts";
import { type AuditLog, openAudit, recordDenial } from "../audit/mod.ts";
import {
  type AttemptTracer,
  type CellEnding,
  type Cells,
  createCells,
  type Flight,
} from "../cells/mod.ts";
import { type ClusterMember, GoneMembers, Membership } from "../cluster/mod.ts";
import { systemsClusterOf } from "../cluster/systems/mod.ts";
import { createLinkBell, loadClusterToken, NodeLink, type ServeHttp } from "../cluster/link/mod.ts";
import type { KnowledgeBase } from "../knowledge/mod.ts";
import type { RunNews } from "../scheduler/mod.ts";
import { type AgentServices, openAgentServices } from "./agent_services.ts";
import { AttemptDesk, nameOfSystem } from "./attempt_desk.ts";
import { systemClock } from "./clock.ts";
import { ClusterClient } from "./cluster_client.ts";
import type { DenizenNode, NodeOptions, RunUpdate } from "./denizen_node.ts";
import { HostedSystems } from "./hosted_systems.ts";
import { LetterBox } from "./letter_box.ts";
import { openStores, type Stores } from "./open_store.ts";
import { drawNodeName } from "./node_name.ts";
import { Outbox } from "./outbox.ts";
import { PackageShelf } from "./package_shelf.ts";
import { PartitionTable } from "./partition_table.ts";
import { identifyProcess, isGone, retire } from "./process_identity.ts";
import { readRuns, type RunReader } from "./reader.ts";
import { requireFit } from "./require_fit.ts";
import { RunFactory } from "./run_factory.ts";
import { tellAll, toUpdate } from "./run_update.ts";
import { SharedPartitions } from "./shared_partitions.ts";
import { type StageNews, Stages } from "./stages.ts";

/** Options of {@linkcode startClusterNode}. */
export interface ClusterNodeOptions extends NodeOptions {
  /** Version of the program, for people. */
  version: string;
  /** Partitions, when this is the first node of the store. Default 8. */
  partitions?: number;
  /** Silence after which a node counts as gone, at least. Default 1 s. */
  electionTimeoutMs?: number;
  /** `HOST:PORT` that other nodes reach it at. Default: loopback, a free port. */
  listen?: string;
  /** Certificate and key, both PEM text: then it speaks HTTPS. */
  tls?: { cert: string; key: string };
  /** Answers HTTP requests that are neither for nodes nor `/livez` and `/readyz`. Default: 404. */
  serve?: ServeHttp;
  /** How long attempts may take to end when the node stops. Default 30 s. */
  drainMs?: number;
  /** Follows attempts and steps, for whoever takes their spans. */
  tracer?: AttemptTracer;
  /** A process of an agent or an actor has ended. */
  onCellEnding?: (ending: CellEnding) => void;
  /** Called when the node has stopped working, while its stores are still open. */
  onLeaving?: () => Promise<void>;
  onStage?: (news: StageNews) => void;
  /** Partitions come and go, writes are refused, something failed for now. */
  onNotice?: (notice: Notice) => void;
}

/** Something about the cluster that whoever runs the node may want to know. */
export interface Notice {
  type:
    | "new-store"
    | "lead"
    | "suspend"
    | "resume"
    | "step-down"
    | "hand-over"
    | "fenced"
    | "surrender"
    | "error";
  partition?: number;
  term?: number;
  /** Open runs that came with the partition. */
  runs?: number;
  message?: string;
}

/** A running node of a cluster. */
export interface ClusterNode {
  readonly nodeId: string;
  /** Where other nodes reach it. */
  readonly url: string;
  /** Submits to the cluster and follows its runs. */
  readonly runs: DenizenNode;
  /** Everything that the place keeps; closed with the node. */
  readonly stores: Stores;
  readonly audit: AuditLog;
  /** Agents that belong to no workflow file. */
  readonly agents: AgentRegistry;
  /** What the journals tell of all agents and tasks. */
  readonly knowledge: KnowledgeBase;
  /** Reads runs, whichever node leads them. */
  readonly reader: RunReader;
  /** The link to the other nodes: for what else they are to ask of each other. */
  readonly link: NodeLink;
  /** Updates of the runs that this node leads. */
  subscribe(listener: (update: RunUpdate) => void): () => void;
  members(): readonly ClusterMember[];
  /** Whether its heartbeat is confirmed, and it does not drain. */
  isReady(): boolean;
  /** Rejects when a younger process works under this node's name: this one leads nothing any more. */
  readonly replaced: Promise<never>;
  /** Hands its partitions over, waits for its attempts, leaves. Open runs go on elsewhere. */
  close(): Promise<void>;
}

const ELECTION_TIMEOUT_MS = 1_000;
/** Heartbeats in an election time-out: one may be late, and one lost, before anybody stirs. */
const HEARTBEATS = 5;
const DRAIN_MS = 30_000;
const DRAIN_POLL_MS = 50;
/**
 * How often inboxes and letters are looked at. Where the store tells every process that something
 * waits, looking is for what it failed to tell.
 */
const POLL_MS = { withBell: 1_000, withoutBell: 200 };
/** A node that is gone stays in the list for so long, for people to see. */
const GONE_KEPT_MS = 3_600_000;
const TIDY_EVERY_MS = 60_000;
/** The same failure is told so often at most. */
const NOTE_EVERY_MS = 10_000;
const NOTES_MAX = 100;

/**
 * Starts a node, in stages; resolves once it takes part in the cluster.
 *
 * @throws {ConflictError} `NODE_ID_TAKEN` when a living node has that name
 * @throws as `openStores()` and `NodeLink.open()` do
 */
export async function startClusterNode(options: ClusterNodeOptions): Promise<ClusterNode> {
  const node = new ServingNode(options);
  await node.start();
  return node;
}

class ServingNode implements ClusterNode {
  readonly nodeId: string;
  readonly #options: ClusterNodeOptions;
  readonly #boot = crypto.randomUUID().slice(0, 8);
  readonly #stages: Stages;
  readonly #listeners = new Set<(update: RunUpdate) => void>();
  readonly #table = new PartitionTable((untold) => this.#outbox.tell(untold));
  readonly #cells: Cells;
  readonly #shelf = new PackageShelf(() => Promise.resolve(this.#stores.runs));
  readonly #desk: AttemptDesk;
  readonly #systems: HostedSystems;
  readonly #factory: RunFactory;
  #isDraining = false;
  readonly #gone = new GoneMembers(GONE_KEPT_MS);
  #tidying: ReturnType<typeof setInterval> | undefined;
  readonly #closing = new AbortController();
  /** The collection of blobs that is under way. */
  #collecting: Promise<void> | null = null;
  readonly #replaced = Promise.withResolvers<never>();
  /** When what was told last, by message. */
  readonly #notedAt = new Map<string, number>();
  // Made in the stages.
  #stores!: Stores;
  #audit!: AuditLog;
  #agents!: AgentServices;
  #link!: NodeLink;
  #bells: Doorbell[] = [];
  #partitions = SHARED_PARTITIONS_DEFAULT;
  #outbox!: Outbox;
  #letters!: LetterBox;
  #shared!: SharedPartitions;
  #membership!: Membership;
  #reader!: RunReader;
  #client!: ClusterClient;

  constructor(options: ClusterNodeOptions) {
    this.#options = options;
    // Whoever waits hears of it; where nobody waits it must not end the process.
    this.#replaced.promise.catch(() => {});
    this.nodeId = options.nodeId ?? drawNodeName();
    this.#cells = createCells(options);
    this.#systems = new HostedSystems({
      open: () => Promise.resolve({ stores: this.#stores, audit: this.#audit }),
      cells: this.#cells,
      holder: identifyProcess(this.nodeId),
      loadCode: (codeHash) => this.#shelf.code(codeHash),
      cluster: systemsClusterOf({
        link: () => this.#link,
        membership: () => this.#membership,
        electionTimeoutMs: this.#electionTimeoutMs,
        isGoneHere: isGone,
      }),
      onError: (error) => this.#note(error),
    });
    this.#factory = new RunFactory({
      cells: this.#cells,
      shelf: this.#shelf,
      systems: this.#systems,
      markets: () => Promise.resolve(this.#agents.markets),
    });
    this.#desk = new AttemptDesk({
      cells: this.#cells,
      systemOf: (name) => this.#systems.find(name),
      onResults: (results) => this.#table.finish(results),
    });
    this.#stages = new Stages([
      {
        name: "store",
        start: () => this.#openStore(),
        stop: () => this.#closeStore(),
      },
      {
        name: "link to other nodes",
        start: () => this.#openLink(),
        stop: () => this.#link.close(),
      },
      { name: "cells", start: () => this.#openCells(), stop: () => this.#cells.close() },
      {
        name: "agents and what is known of them",
        start: () => this.#openAgents(),
        stop: () => this.#agents.close(),
      },
      { name: "actor systems", stop: () => this.#systems.close() },
      { name: "membership", start: () => this.#join(), stop: () => this.#membership.stop() },
      { name: "attempts and letters", start: () => this.#openMail(), stop: () => this.#finish() },
      {
        name: "heartbeat and election",
        start: () => this.#membership.start(),
        stop: () => this.#membership.drain(),
      },
      {
        name: "reach of actor systems",
        start: () => Promise.resolve(this.#systems.join()),
        stop: () => this.#systems.drain(),
      },
    ], options.onStage);
  }

  async start(): Promise<void> {
    try {
      await this.#stages.start();
    } catch (error) {
      await this.#cells.close();
      retire(this.nodeId);
      throw error;
    }
  }

  get replaced(): Promise<never> {
    return this.#replaced.promise;
  }

  get url(): string {
    return this.#link.url;
  }

  get runs(): DenizenNode {
    return this.#client;
  }

  get stores(): Stores {
    return this.#stores;
  }

  get audit(): AuditLog {
    return this.#audit;
  }

  get agents(): AgentRegistry {
    return this.#agents.registry;
  }

  get knowledge(): KnowledgeBase {
    return this.#agents.knowledge;
  }

  get reader(): RunReader {
    return this.#reader;
  }

  get link(): NodeLink {
    return this.#link;
  }

  subscribe(listener: (update: RunUpdate) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  members(): readonly ClusterMember[] {
    return this.#membership.members();
  }

  isReady(): boolean {
    return !this.#isDraining && (this.#membership?.isConfirmed() ?? false);
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    await this.#stages.stop();
    retire(this.nodeId);
  }

  // --- stages ---

  async #openStore(): Promise<void> {
    const { dataDir, store, partitions } = this.#options;
    this.#stores = await openStores({ dataDir: resolve(dataDir), store });
    this.#audit = openAudit(this.#stores.audit, systemClock);
    const { cluster } = this.#stores;
    if (await cluster.knownSettings() === null) this.#notice({ type: "new-store" });
    const wish = { partitions: partitions ?? SHARED_PARTITIONS_DEFAULT };
    this.#partitions = (await cluster.settings(wish)).partitions;
    if (partitions !== undefined && partitions !== this.#partitions) {
      throw new ConflictError("PARTITIONS_DIFFER", {
        message: `Cannot share ${partitions} partitions: this store has ${this.#partitions}`,
        hint: "Leave out --partitions; it is set by the first node of a store, for good",
        details: { partitions: this.#partitions },
      });
    }
    const { nodeId } = this;
    const electionTimeoutMs = this.#electionTimeoutMs;
    await requireFit(this.#stores.cluster, { nodeId, electionTimeoutMs });
  }

  async #closeStore(): Promise<void> {
    try {
      await this.#options.onLeaving?.();
      await this.#audit.close();
    } finally {
      await this.#stores.close();
    }
  }

  async #openLink(): Promise<void> {
    const { dataDir, listen, tls, serve } = this.#options;
    this.#link = await NodeLink.open({
      listen,
      tls,
      serve,
      token: await loadClusterToken(resolve(dataDir)),
      isReady: () => this.isReady(),
      onRefused: ({ remote, reason, count }) => {
        this.#note(`Refused a call from ${remote}: ${reason}`);
        this.#audit.record({
          kind: "refusal",
          from: remote,
          to: null,
          code: "CLUSTER_TOKEN_WRONG",
          message: `Refused a call of another node: ${reason}`,
          details: { count },
        });
      },
    });
  }

  #openCells(): Promise<void> {
    this.#cells.listen({
      onResults: (results) => this.#table.finish(results),
      onReport: (id, report) => {
        if (report.type === "permission") recordDenial(this.#audit, id, report);
        this.#table.report(id, report);
      },
      onMessage: (cell, flight, item) => {
        const system = this.#systemOf(flight);
        system?.onAttemptMessage(cell, flight, item);
        return system !== null;
      },
      onCellGone: (cell) => this.#systems.forgetCell(cell),
    });
    return Promise.resolve();
  }

  async #openAgents(): Promise<void> {
    this.#agents = await openAgentServices({
      stores: this.#stores,
      audit: this.#audit,
      cells: this.#cells,
      dataDir: resolve(this.#options.dataDir),
      clock: systemClock,
      tenantOf: (runId) => this.#table.tenantOf(runId),
      onChange: () => this.#table.wake(),
      onError: (error) => this.#note(error),
    });
    this.#cells.answerRecalls(this.#agents.recall);
  }

  #join(): Promise<void> {
    const { runs, cluster } = this.#stores;
    const onError = (error: unknown) => this.#note(error);
    this.#outbox = new Outbox({
      send: async (partition, commands) => {
        await runs.send(partition, commands);
        this.#ring([`partition:${partition}`]);
      },
      partitionOf: (runId) => partitionOfRun(runId, this.#partitions),
      onError,
    });
    const ring = (topics: BellTopic[]) => this.#ring(topics);
    const pollMs = cluster.bell === null ? POLL_MS.withoutBell : POLL_MS.withBell;
    this.#letters = new LetterBox({
      cluster,
      nodeId: this.nodeId,
      ring,
      onLetter: (letter) => this.#shared.receive(letter),
      onError,
      pollMs,
    });
    this.#shared = new SharedPartitions({
      stores: this.#stores,
      table: this.#table,
      cells: this.#desk,
      clock: systemClock,
      node: `${this.nodeId}/${this.#boot}`,
      shelf: this.#shelf,
      factory: this.#factory,
      outbox: this.#outbox,
      post: (node, letters) => this.#letters.post(node, letters),
      onNews: (news) => this.#publish(news),
      askForBids: (run, auction) =>
        askForBids(run, auction, { cells: this.#cells, audit: this.#audit }, systemClock.now()),
      onCommitted: (...commit) => this.#agents.knowledge.offer(...commit),
      pollMs,
    });
    this.#membership = this.#newMembership();
    this.#shared.join({
      mayDispatch: (partition) => this.#membership.mayDispatch(partition),
      living: () => this.#membership.living(),
      fenced: (partition, term) => {
        this.#notice({ type: "fenced", partition, term });
        this.#membership.fenced(partition, term);
      },
      surrender: (partition, term) => {
        this.#notice({ type: "surrender", partition, term });
        this.#membership.surrender(partition, term);
      },
    });
    this.#reader = readRuns(this.#stores);
    this.#client = new ClusterClient({
      stores: this.#stores,
      shelf: this.#shelf,
      reader: this.#reader,
      partitions: this.#partitions,
      holder: identifyProcess(this.nodeId),
      dataDir: this.#options.dataDir,
      begin: (runId, wish, isFresh) =>
        this.#shared.submit(partitionOfRun(runId, this.#partitions), runId, wish, isFresh),
      ring,
      cells: this.#cells,
      registered: () => Promise.resolve(this.agents.roster),
      onClose: () => Promise.resolve(),
    });
    return Promise.resolve();
  }

  #newMembership(): Membership {
    const { runs, cluster } = this.#stores;
    const linkBell = createLinkBell({
      link: this.#link,
      members: () => this.#membership.members(),
      leaderOf: (partition) => this.#membership.leaderOf(partition)?.nodeId ?? null,
    });
    this.#bells = cluster.bell === null ? [linkBell] : [cluster.bell, linkBell];
    const membership = new Membership({
      runs,
      cluster,
      settings: {
        nodeId: this.nodeId,
        boot: this.#boot,
        partitions: this.#partitions,
        electionTimeoutMs: this.#electionTimeoutMs,
        heartbeatMs: this.#electionTimeoutMs / HEARTBEATS,
      },
      leading: {
        lead: (fence) => this.#lead(fence),
        suspend: (partition) => this.#notice({ type: "suspend", partition }),
        resume: (partition) => {
          this.#notice({ type: "resume", partition });
          this.#shared.resume(partition);
        },
        drop: (partition) => {
          this.#notice({ type: "step-down", partition });
          this.#shared.drop(partition);
        },
        handOver: (partition) => {
          this.#notice({ type: "hand-over", partition });
          return this.#shared.handOver(partition);
        },
        describe: () => ({ partitions: this.#table.numbers, runs: this.#table.runs }),
      },
      holder: identifyProcess(this.nodeId),
      url: this.#link.url,
      version: this.#options.version,
      bells: this.#bells,
      onError: (error) => this.#onMembershipError(error),
    });
    membership.onMembersChange(() => this.#shared.onMembersChange());
    return membership;
  }

  #onMembershipError(error: unknown): void {
    this.#note(error);
    if (error instanceof DenizenError && error.code === "NODE_ID_TAKEN") {
      this.#replaced.reject(error);
    }
  }

  #tidyUp(): void {
    this.#strikeOff();
    // One node does it; the store says when it is time.
    if (this.#table.get(0) === undefined) return;
    this.#collecting ??= this.#collectBlobs().finally(() => this.#collecting = null);
  }

  async #collectBlobs(): Promise<void> {
    const { signal } = this.#closing;
    try {
      await collectBlobsIfDue(this.#stores.blobs, { now: () => Date.now(), signal });
    } catch (error) {
      if (!signal.aborted) this.#note(error);
    }
  }

  /** Nodes that stay away are struck off; one that comes back after all enters itself again. */
  #strikeOff(): void {
    for (const { nodeId, boot } of this.#gone.due(this.members(), performance.now())) {
      this.#stores.cluster.leave(nodeId, boot).catch((error) => this.#note(error));
    }
  }

  async #lead(fence: Fence): Promise<void> {
    const { partition, term } = fence;
    await this.#shared.lead(fence);
    const led = this.#table.get(partition);
    if (led?.fence.term === term) {
      this.#notice({ type: "lead", partition, term, runs: led.runs.size });
    }
  }

  #openMail(): Promise<void> {
    for (const bell of this.#bells) {
      bell.listen((topic) => this.#onRing(topic));
    }
    this.#letters.open();
    this.#tidying = setInterval(() => this.#tidyUp(), TIDY_EVERY_MS);
    return Promise.resolve();
  }

  #onRing(topic: BellTopic): void {
    if (topic === `node:${this.nodeId}`) this.#letters.look();
    else if (topic.startsWith("partition:")) this.#shared.look(Number(topic.slice(10)));
  }

  /** Attempts end in their own time, within limits; what came of them is told before the node leaves. */
  async #finish(): Promise<void> {
    const until = performance.now() + (this.#options.drainMs ?? DRAIN_MS);
    while (performance.now() < until && hasAny(this.#desk.attempts())) await sleep(DRAIN_POLL_MS);
    clearInterval(this.#tidying);
    this.#closing.abort();
    await this.#collecting;
    const late = new AbortController();
    const patience = sleep(Math.max(1_000, until - performance.now()), null, late).catch(() => {});
    await Promise.race([this.#outbox.flushed(), patience]);
    await Promise.race([this.#letters.flushed(), patience]);
    late.abort();
    this.#outbox.close();
    // What has not ended is lost with this node, and begun anew elsewhere: it has not failed.
    this.#desk.stop();
    await this.#shared.close();
    await this.#letters.close();
    await this.#client.close();
  }

  // --- the cluster ---

  get #electionTimeoutMs(): number {
    return this.#options.electionTimeoutMs ?? ELECTION_TIMEOUT_MS;
  }

  /** A partition of this node needs no bell. */
  #ring(topics: BellTopic[]): void {
    const others = topics.filter((topic) => {
      const number = topic.startsWith("partition:") ? Number(topic.slice(10)) : -1;
      if (this.#table.get(number) === undefined) return true;
      this.#shared.look(number);
      return false;
    });
    if (others.length > 0) { for (const bell of this.#bells) bell.ring(others); }
  }

  #notice(notice: Notice): void {
    this.#options.onNotice?.(notice);
  }

  /** What goes on failing is told now and then. */
  #note(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const now = performance.now();
    if (now - (this.#notedAt.get(message) ?? -Infinity) < NOTE_EVERY_MS) return;
    if (this.#notedAt.size >= NOTES_MAX) this.#notedAt.clear();
    this.#notedAt.set(message, now);
    this.#notice({ type: "error", message });
  }

  // --- actors ---

  #systemOf({ work }: Flight) {
    const key = this.#table.agentKeys((work as Attempt).runId)?.get(ACTOR_SYSTEM);
    return key === undefined ? null : this.#systems.find(nameOfSystem(key));
  }

  // --- news ---

  #publish(news: RunNews): void {
    if (news.type === "log" && news.task === "") {
      this.#note(news.message);
    }
    if (this.#listeners.size === 0) return;
    tellAll(this.#listeners, toUpdate(news, systemClock.now()));
  }
}

function hasAny(items: Iterable<unknown>): boolean {
  for (const _ of items) return true;
  return false;
}
