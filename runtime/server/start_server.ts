/**
 * A node with everything that people and programs reach it by: API, live streams, dashboard, metrics.
 *
 * @module
 */
import type { AccessOptions, NewKey } from "../access/mod.ts";
import type { ControlPlane } from "../control/mod.ts";
import {
  type ClusterNode,
  type ClusterNodeOptions,
  startClusterNode,
} from "../node/cluster_node.ts";
import { Door } from "./door.ts";
import { NodeWatch } from "./node_watch.ts";
import type { Registration } from "./register_files.ts";
import { requireSafeListen } from "./require_safe_listen.ts";
import { ServedNode } from "./served_node.ts";

/** What the server gives to its node itself. */
type Built = "serve" | "listen" | "tracer" | "onCellEnding" | "onLeaving";

/** Options of {@linkcode startServer}. */
export interface ServerOptions extends Omit<ClusterNodeOptions, Built> {
  /** Name or address to listen on. */
  host: string;
  /** 0: any that is free. */
  port: number;
  /** Listen for other machines without TLS. */
  isInsecureAllowed?: boolean;
  /** Other host names that browsers may reach it by. */
  allowedHosts?: readonly string[];
  /** Origins whose pages may call the API with a key. */
  corsOrigins?: readonly string[];
  /** How often somebody may ask, and be wrong. */
  budgets?: Pick<AccessOptions, "rates" | "failures">;
  /** Default `true`. */
  hasDashboard?: boolean;
  /** Whether a new store gets the workflows that ship with the program. Default `true`. */
  hasExamples?: boolean;
  /** Workflow files to register. */
  files?: readonly string[];
  /** Something failed that should not have. */
  onFault?: (error: unknown, requestId?: string) => void;
}

/** A node that is served. */
export interface Server {
  readonly node: ClusterNode;
  readonly control: ControlPlane;
  /** Where people and programs reach it. */
  readonly url: string;
  /** The admin key of a new store: told once. `null` when there is one already. */
  readonly firstKey: NewKey | null;
  /** What was registered, and what could not be. */
  readonly registered: readonly Registration[];
  /** Makes a link by which one browser signs in, once. `null` without a dashboard. */
  signInLink(): Promise<string | null>;
  /** Drains the node and ends. */
  close(): Promise<void>;
}

/**
 * Starts a node and serves it; resolves once it takes part in the cluster and answers.
 *
 * @throws {InvalidInputError} `INSECURE_LISTEN`
 * @throws as `startClusterNode()` does
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  requireSafeListen({
    host: options.host,
    hasTls: options.tls !== undefined,
    isInsecureAllowed: options.isInsecureAllowed ?? false,
  });
  const door = new Door();
  const watch = new NodeWatch(options);
  const node = await startNode(options, { door, watch });
  return await ServedNode.open(node, { options, watch, door });
}

async function startNode(
  options: ServerOptions,
  { door, watch }: { door: Door; watch: NodeWatch },
): Promise<ClusterNode> {
  const starting = startClusterNode({
    ...options,
    listen: `${options.host}:${options.port}`,
    tracer: watch.tracer?.attempts,
    onCellEnding: (ending) => watch.metrics.cellEnded(ending),
    serve: (request, info) => door.answer(request, info),
    onNotice: (notice) => {
      watch.notice(notice);
      options.onNotice?.(notice);
    },
    onLeaving: () => door.leave(),
  });
  try {
    return await starting;
  } catch (error) {
    watch.close();
    throw error;
  }
}
