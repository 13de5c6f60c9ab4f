/**
 * A node of a cluster: it shares a store with others, leads some of the partitions, and runs the
 * attempts of their runs in its cells.
 *
 * @module
 */
import { resolve } from "node:path";
import type { BellTopic } from "../../core/cluster_ports.ts";
import { DenizenError } from "../../core/errors.ts";
import { partitionOfRun, SHARED_PARTITIONS_DEFAULT } from "../../core/partitions.ts";
import type { Fence } from "../../core/ports.ts";
import type { AgentRegistry } from "../agents/mod.ts";
import { askForBids } from "../assignment/mod.ts";
import { type AuditLog, openAudit } from "../audit/mod.ts";
import { type AttemptTracer, type CellEnding, type Cells, createCells } from "../cells/mod.ts";
import { type ClusterMember, Membership } from "../cluster/mod.ts";
import { systemsClusterOf } from "../cluster/systems/mod.ts";
import { createLinkBell, loadClusterToken, NodeLink, type ServeHttp } from "../cluster/link/mod.ts";
import type { KnowledgeBase } from "../knowledge/mod.ts";
import type { RunNews } from "../scheduler/mod.ts";
import { agreeOnPartitions } from "./agree_on_partitions.ts";
import { type AgentServices, openAgentServices } from "./agent_services.ts";
import { AttemptDesk } from "./attempt_desk.ts";
import { systemClock } from "./clock.ts";
import { ClusterClient } from "./cluster_client.ts";
import type { DenizenNode, NodeOptions, RunUpdate } from "./denizen_node.ts";
import { Doorbells } from "./doorbells.ts";
import { untilNone, withinMs } from "./drain.ts";
import { HostedSystems } from "./hosted_systems.ts";
import { Housekeeping } from "./housekeeping.ts";
import { LetterBox } from "./letter_box.ts";
import { listenToCells } from "./listen_to_cells.ts";
import { openStores, type Stores } from "./open_store.ts";
import { drawNodeName } from "./node_name.ts";
import { NodeNotices, type Notice } from "./node_notices.ts";
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
/**
 * How often inboxes and letters are looked at. Where the store tells every process that something
 * waits, looking is for what it failed to tell.
 */
const POLL_MS = { withBell: 1_000, withoutBell: 200 };

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
  readonly #notices: NodeNotices;
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
  readonly #replaced = Promise.withResolvers<never>();
  // Made in the stages.
  #stores!: Stores;
  #audit!: AuditLog;
  #agents!: AgentServices;
  #link!: NodeLink;
  #bells!: Doorbells;
  #partitions = SHARED_PARTITIONS_DEFAULT;
  #outbox!: Outbox;
  #letters!: LetterBox;
  #shared!: SharedPartitions;
  #membership!: Membership;
  #reader!: RunReader;
  #client!: ClusterClient;
  #housekeeping!: Housekeeping;

  constructor(options: ClusterNodeOptions) {
    this.#options = options;
    this.#notices = new NodeNotices((notice) => options.onNotice?.(notice));
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
      onError: (error) => this.#notices.fail(error),
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
    const { dataDir, store } = this.#options;
    this.#stores = await openStores({ dataDir: resolve(dataDir), store });
    this.#audit = openAudit(this.#stores.audit, systemClock);
    const { cluster } = this.#stores;
    const { partitions, isNew } = await agreeOnPartitions(cluster, this.#options.partitions);
    this.#partitions = partitions;
    if (isNew) this.#notices.tell({ type: "new-store" });
    const { nodeId } = this;
    const electionTimeoutMs = this.#electionTimeoutMs;
    await requireFit(cluster, { nodeId, electionTimeoutMs });
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
        this.#notices.fail(`Refused a call from ${remote}: ${reason}`);
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
    listenToCells(this.#cells, {
      table: this.#table,
      systems: this.#systems,
      audit: () => this.#audit,
      agentKeysOf: (runId) => this.#table.agentKeys(runId),
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
      onError: (error) => this.#notices.fail(error),
    });
    this.#cells.answerRecalls(this.#agents.recall);
  }

  #join(): Promise<void> {
    const { runs, cluster } = this.#stores;
    const onError = (error: unknown) => this.#notices.fail(error);
    this.#outbox = new Outbox({
      send: async (partition, commands) => {
        await runs.send(partition, commands);
        this.#bells.ring([`partition:${partition}`]);
      },
      partitionOf: (runId) => partitionOfRun(runId, this.#partitions),
      onError,
    });
    const ring = (topics: BellTopic[]) => this.#bells.ring(topics);
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
        this.#notices.tell({ type: "fenced", partition, term });
        this.#membership.fenced(partition, term);
      },
      surrender: (partition, term) => {
        this.#notices.tell({ type: "surrender", partition, term });
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
    const bells = cluster.bell === null ? [linkBell] : [cluster.bell, linkBell];
    this.#bells = new Doorbells({
      nodeId: this.nodeId,
      bells,
      leads: (partition) => this.#table.get(partition) !== undefined,
      onInbox: (partition) => this.#shared.look(partition),
      onLetters: () => this.#letters.look(),
    });
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
        suspend: (partition) => this.#notices.tell({ type: "suspend", partition }),
        resume: (partition) => {
          this.#notices.tell({ type: "resume", partition });
          this.#shared.resume(partition);
        },
        drop: (partition) => {
          this.#notices.tell({ type: "step-down", partition });
          this.#shared.drop(partition);
        },
        handOver: (partition) => {
          this.#notices.tell({ type: "hand-over", partition });
          return this.#shared.handOver(partition);
        },
        describe: () => ({ partitions: this.#table.numbers, runs: this.#table.runs }),
      },
      holder: identifyProcess(this.nodeId),
      url: this.#link.url,
      version: this.#options.version,
      bells,
      onError: (error) => this.#onMembershipError(error),
    });
    membership.onMembersChange(() => this.#shared.onMembersChange());
    return membership;
  }

  #onMembershipError(error: unknown): void {
    this.#notices.fail(error);
    if (error instanceof DenizenError && error.code === "NODE_ID_TAKEN") {
      this.#replaced.reject(error);
    }
  }

  async #lead(fence: Fence): Promise<void> {
    const { partition, term } = fence;
    await this.#shared.lead(fence);
    const led = this.#table.get(partition);
    if (led?.fence.term === term) {
      this.#notices.tell({ type: "lead", partition, term, runs: led.runs.size });
    }
  }

  #openMail(): Promise<void> {
    this.#bells.listen();
    this.#letters.open();
    this.#housekeeping = new Housekeeping({
      cluster: this.#stores.cluster,
      blobs: this.#stores.blobs,
      members: () => this.members(),
      isCollector: () => this.#table.get(0) !== undefined,
      onError: (error) => this.#notices.fail(error),
    });
    this.#housekeeping.start();
    return Promise.resolve();
  }

  /** Attempts end in their own time, within limits; what came of them is told before the node leaves. */
  async #finish(): Promise<void> {
    const until = performance.now() + (this.#options.drainMs ?? DRAIN_MS);
    await untilNone(() => this.#desk.attempts(), until);
    await this.#housekeeping.stop();
    await withinMs(Math.max(1_000, until - performance.now()), [
      () => this.#outbox.flushed(),
      () => this.#letters.flushed(),
    ]);
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

  // --- news ---

  #publish(news: RunNews): void {
    if (news.type === "log" && news.task === "") {
      this.#notices.fail(news.message);
    }
    if (this.#listeners.size === 0) return;
    tellAll(this.#listeners, toUpdate(news, systemClock.now()));
  }
}
