/**
 * What the HTTP app needs of the rest. The composition root brings the parts together.
 *
 * @module
 */
import type { Action, Principal, Resource } from "../../rules/access/mod.ts";
import type { ControlPlane } from "../control/mod.ts";
import type { LogLine } from "./schemas/mod.ts";

/** Where a request comes from. */
export interface Remote {
  /** Address of the peer of the connection, such as `127.0.0.1`. */
  address: string;
}

/** Groups of routes that share a budget of requests. */
export type RateGroup = "read" | "write" | "submit" | "auth" | "stream";

/** Who may do what. */
export interface Access {
  /**
   * Looks at what any request shows before anything is done with it: the host that it was sent to
   * (DNS rebinding), and the page that sent it.
   *
   * @throws {ForbiddenError} recorded; answered with 403, or 421 for `HOST_NOT_ALLOWED`
   */
  admit(request: Request, remote: Remote): void;
  /**
   * Says who asks. For what changes something it also checks that a browser's own page asks (CSRF).
   *
   * @throws {UnauthenticatedError} answered with 401
   * @throws {ForbiddenError} of CSRF
   */
  authenticate(request: Request, remote: Remote): Principal | Promise<Principal>;
  /**
   * Decides, and writes refusals and granted changes into the audit log. Without a resource it decides
   * about the action alone.
   *
   * @throws {ForbiddenError} answered with 403; `OTHER_TENANT` as if the thing were not there
   */
  authorize(
    principal: Principal,
    action: Action,
    resource?: Resource & { name?: string },
  ): void | Promise<void>;
  /** Whether the principal may see what has these labels: cheap and pure; nothing is recorded. */
  sees(principal: Principal, labels: Resource): boolean;
  /**
   * Takes a request from the budget of a principal, or of the address while nobody is known.
   *
   * @throws {UnavailableError} `RATE_LIMITED` with `retryAfterMs`
   */
  limit(group: RateGroup, principal: Principal | null, remote: Remote): void;
}

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

/** Lines that agents logged. */
export interface RunLogs {
  /** Oldest first. @param query `after`: id of the last line that is known */
  list(
    runId: string,
    query: { task?: string; level?: LogLine["level"]; after?: string; limit: number },
  ): Promise<{ items: LogLine[]; nextCursor: string | null }>;
}

/** Everything behind the app. */
export interface Services {
  /** Version of the program, for the document. */
  version: string;
  control: ControlPlane;
  access: Access;
  live: LiveFeeds;
  logs: RunLogs;
  /** Whether the node takes part in the cluster, and its store answers. */
  isReady(): boolean;
  /** Text of `/metrics`, in Prometheus' format. */
  metrics(): string | Promise<string>;
  /** The dashboard's files; `null` when it has none of that path. */
  dashboard(request: Request): Response | null | Promise<Response | null>;
  /** Says what failed that should not have; the client is told the request's id alone. */
  onFault(error: unknown, requestId: string): void;
}
