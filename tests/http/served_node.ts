/**
 * A node with the HTTP app before it, in this process, on a folder of its own.
 *
 * @module
 */
import { openAccess } from "../../runtime/access/mod.ts";
import { openControlPlane } from "../../runtime/control/mod.ts";
import { type AppOptions, createApp, type HttpApp } from "../../runtime/http/mod.ts";
import { createLiveFeeds, LiveClients, LiveHub } from "../../runtime/live/mod.ts";
import { openRunLogBook } from "../../runtime/logs/mod.ts";
import { systemClock } from "../../runtime/node/clock.ts";
import { type ClusterNode, startClusterNode } from "../../runtime/node/cluster_node.ts";

/** Where requests of tests come from. */
const REMOTE = { remoteAddr: { hostname: "127.0.0.1" } };

const ENDLESS = { capacity: 1e9, perS: 1e9 };

/** A node that is served; its first key is an admin's. */
export class ServedNode implements AsyncDisposable {
  readonly node: ClusterNode;
  /** Text of an admin's key. */
  readonly key: string;
  readonly app: HttpApp;
  readonly #close: () => Promise<void>;
  /** What the app said of failures that should not be. */
  readonly faults: unknown[];

  private constructor(
    parts: Pick<ServedNode, "node" | "key" | "app" | "faults">,
    close: () => Promise<void>,
  ) {
    this.node = parts.node;
    this.key = parts.key;
    this.app = parts.app;
    this.faults = parts.faults;
    this.#close = close;
  }

  /** @param options of the app; answers are checked unless it says otherwise */
  static async start(
    options: AppOptions & { listen?: string; streamsMax?: number } = {},
  ): Promise<ServedNode> {
    const dataDir = await Deno.makeTempDir({ prefix: "denizen-http-" });
    let app: HttpApp | null = null;
    const node = await startClusterNode({
      dataDir,
      version: "0.0.0",
      drainMs: 1_000,
      listen: options.listen,
      serve: (request, info) => app!(request, info),
    });
    const faults: unknown[] = [];
    const control = openControlPlane({ node, dataDir });
    const access = openAccess({
      documents: node.stores.documents,
      audit: node.audit,
      clock: systemClock,
      host: "127.0.0.1",
      // How often somebody may ask is tested elsewhere.
      rates: { read: ENDLESS, write: ENDLESS, submit: ENDLESS, auth: ENDLESS, stream: ENDLESS },
      failures: ENDLESS,
    });
    const logs = openRunLogBook({
      documents: node.stores.documents,
      clock: systemClock,
      nodeId: node.nodeId,
    });
    const unsubscribe = node.subscribe((update) => logs.note(update));
    const hub = new LiveHub({ node });
    const live = createLiveFeeds({
      hub,
      clients: new LiveClients({ streamsMax: options.streamsMax }),
      runs: control.runs,
      access,
      permit: (principal) => access.permitOf(principal),
    });
    const key = (await access.firstKey())!.text;
    app = createApp({
      version: "0.0.0",
      control,
      access,
      live,
      logs,
      isReady: () => node.isReady(),
      metrics: () => "",
      onAnswered: () => {},
      dashboard: () => null,
      onFault: (error) => void faults.push(error),
    }, { checksAnswers: true, ...options });
    return new ServedNode({ node, key, app, faults }, async () => {
      await hub.close();
      unsubscribe();
      await logs.close();
      control.close();
      await node.close();
      await Deno.remove(dataDir, { recursive: true });
    });
  }

  /** Asks the app without a connection, as the admin unless the headers say otherwise. */
  async ask(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; isAnonymous?: boolean } = {},
  ): Promise<Answer> {
    const { body, isAnonymous = false } = options;
    const headers = new Headers({
      host: "127.0.0.1",
      ...(isAnonymous ? {} : { authorization: `Bearer ${this.key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    });
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const url = `http://127.0.0.1${path}`;
    const response = await this.app(new Request(url, { method, headers, body: text }), REMOTE);
    return await readAnswer(response);
  }

  /** Waits until a run stands so. */
  async until(runId: string, ...statuses: string[]): Promise<void> {
    for (;;) {
      const { json } = await this.ask("GET", `/api/v1/runs/${runId}`);
      if (statuses.includes((json as { status: string }).status)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** An answer that was read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** `null` where it is no JSON. */
  // deno-lint-ignore no-explicit-any
  json: any;
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const json = isJson && text !== "" ? JSON.parse(text) : null;
  return { status: response.status, headers: response.headers, text, json };
}
