/**
 * What the HTTP app needs of the rest. The composition root brings the parts together.
 *
 * @module
 */
import type { Principal } from "../../rules/access/mod.ts";
import type { AccessControl } from "../access/mod.ts";
import type { ControlPlane } from "../control/mod.ts";
import type { RunLogBook } from "../logs/mod.ts";

/** Who may do what. */
export type Access = Pick<
  AccessControl,
  | "admit"
  | "authenticate"
  | "authorize"
  | "corsHeaders"
  | "keys"
  | "limit"
  | "noteRefusal"
  | "placeOf"
  | "preflight"
  | "proofOf"
  | "sees"
  | "signIns"
>;

/** What a feed is narrowed to, and how it ends. */
export interface FeedOptions {
  principal: Principal;
  /** Id of the last event that the client has. */
  lastEventId?: string;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
}

/** Events as they happen. */
export interface LiveFeeds {
  /** Server-sent events of one run, from the one behind `lastEventId`, or the first. */
  run(runId: string, options: FeedOptions): Response | Promise<Response>;
  /** Server-sent events of every run that the principal sees: openings, closings, progress. */
  all(options: FeedOptions): Response | Promise<Response>;
  /** Takes the connection over as a WebSocket; the request asks for the upgrade. */
  webSocket(request: Request, options: { principal: Principal }): Response | Promise<Response>;
}

/** Everything behind the app. */
export interface Services {
  /** Version of the program, for the document. */
  version: string;
  control: ControlPlane;
  access: Access;
  live: LiveFeeds;
  logs: Pick<RunLogBook, "read">;
  /** Whether the node takes part in the cluster, and its store answers. */
  isReady(): boolean;
  /** Text of `/metrics`, in Prometheus' format. */
  metrics(): string | Promise<string>;
  /** A request was answered; `route` is a template, or `other`. `seconds`: to the answer's head. */
  onAnswered(answered: { route: string; method: string; status: number; seconds: number }): void;
  /** The dashboard's files; `null` when it has none of that path. */
  dashboard(request: Request): Response | null | Promise<Response | null>;
  /** Says what failed that should not have; the client is told the request's id alone. */
  onFault(error: unknown, requestId: string): void;
}
