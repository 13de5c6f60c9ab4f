/**
 * A node that is served: who holds its parts together, and lets go of them in order.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { type AccessControl, type NewKey, openAccess } from "../access/mod.ts";
import { type ControlPlane, openControlPlane } from "../control/mod.ts";
import { createDashboard, type Dashboard } from "../dashboard/mod.ts";
import { createApp } from "../http/mod.ts";
import { createLiveFeeds, LiveClients, LiveHub } from "../live/mod.ts";
import { cleanUpdate, openRunLogBook, type RunLogBook } from "../logs/mod.ts";
import { systemClock } from "../node/clock.ts";
import type { ClusterNode } from "../node/cluster_node.ts";
import { isSecretField, redactText } from "../telemetry/mod.ts";
import type { Door } from "./door.ts";
import type { NodeWatch } from "./node_watch.ts";
import { EXAMPLES, registerFiles, type Registration } from "./register_files.ts";
import type { Server, ServerOptions } from "./start_server.ts";

/** Taken out of what agents say, wherever it is shown. */
const REDACTION = { redact: redactText, isSecretField };

interface Surroundings {
  options: ServerOptions;
  watch: NodeWatch;
  door: Door;
}

/** See {@linkcode Server}. */
export class ServedNode implements Server {
  readonly node: ClusterNode;
  readonly control: ControlPlane;
  firstKey: NewKey | null = null;
  registered: readonly Registration[] = [];
  readonly #options: ServerOptions;
  readonly #watch: NodeWatch;
  readonly #access: AccessControl;
  readonly #hub: LiveHub;
  readonly #clients = new LiveClients();
  readonly #logs: RunLogBook;
  readonly #dashboard: Dashboard | null;
  readonly #forgetLogs: () => void;

  private constructor(node: ClusterNode, { options, watch, door }: Surroundings) {
    this.node = node;
    this.#options = options;
    this.#watch = watch;
    const { stores, audit } = node;
    const dataDir = resolve(options.dataDir);
    const onError = (error: unknown) => this.#fault(error);
    this.#logs = openRunLogBook({
      documents: stores.documents,
      clock: systemClock,
      nodeId: node.nodeId,
      redaction: REDACTION,
      onTrouble: onError,
    });
    this.#forgetLogs = node.subscribe((update) => this.#logs.note(update));
    this.control = openControlPlane({ node, dataDir });
    this.#access = openAccess({
      documents: stores.documents,
      audit,
      clock: systemClock,
      host: options.host,
      allowedHosts: options.allowedHosts,
      allowedOrigins: options.corsOrigins,
      ...options.budgets,
    });
    this.#hub = new LiveHub({ node, onError, clean: (update) => cleanUpdate(update, REDACTION) });
    watch.metrics.countLive(() => this.#clients);
    this.#dashboard = options.hasDashboard === false
      ? null
      : createDashboard({ cacheDir: join(dataDir, "cache", "dashboard") });
    door.app = this.#createApp();
    door.leave = () => this.#logs.close();
  }

  /** Puts the parts together, makes the first key, registers workflows. */
  static async open(node: ClusterNode, surroundings: Surroundings): Promise<ServedNode> {
    let served: ServedNode | null = null;
    try {
      served = new ServedNode(node, surroundings);
      await served.#begin();
      return served;
    } catch (error) {
      // Whatever was put together by then is let go of.
      await (served ?? node).close();
      surroundings.watch.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { files = [], hasExamples = true } = this.#options;
    await this.#watch.follow(this.node);
    this.firstKey = await this.#access.firstKey();
    const isNew = this.firstKey !== null;
    const all = isNew && hasExamples ? [...EXAMPLES, ...files] : files;
    this.registered = await registerFiles(this.control.workflows, all);
  }

  get url(): string {
    return this.node.url;
  }

  async signInLink(): Promise<string | null> {
    return this.#dashboard === null ? null : await this.#access.signInLink(this.url);
  }

  async close(): Promise<void> {
    // Streams end first: whoever listened goes on at another node.
    await this.#hub.close();
    try {
      await this.node.close();
    } finally {
      this.#forgetLogs();
      this.control.close();
      this.#watch.close();
      // What is being made writes into the node's folder.
      await this.#dashboard?.ready.catch(() => {});
    }
  }

  #createApp() {
    const { node, control } = this;
    const access = this.#access;
    return createApp({
      version: this.#options.version,
      control,
      access,
      logs: this.#logs,
      live: createLiveFeeds({
        hub: this.#hub,
        clients: this.#clients,
        runs: control.runs,
        access,
        permit: (principal) => access.permitOf(principal),
      }),
      isReady: () => node.isReady(),
      metrics: () => this.#watch.metrics.text(),
      onAnswered: ({ route, method, status, seconds }) =>
        this.#watch.metrics.http(route, method, status, seconds),
      dashboard: (request) => this.#dashboard?.fetch(request) ?? null,
      onFault: (error, requestId) => this.#fault(error, requestId),
    });
  }

  #fault(error: unknown, requestId?: string): void {
    this.#options.onFault?.(error, requestId);
  }
}
