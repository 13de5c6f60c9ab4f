/**
 * Which page belongs to which path. Pages are loaded when they are first opened, so that the first
 * one is there fast.
 *
 * @module
 */
import type { ComponentType } from "preact";
import { matchPath } from "./navigation/mod.ts";

type Params = Record<string, string>;
// deno-lint-ignore no-explicit-any -- each page names the parameters of its own pattern
type AnyPage = ComponentType<any>;

interface Route {
  pattern: string;
  load: () => Promise<AnyPage>;
}

const ROUTES: readonly Route[] = [
  { pattern: "/", load: async () => (await import("./overview/mod.ts")).OverviewPage },
  { pattern: "/runs", load: async () => (await import("./runs/mod.ts")).RunsPage },
  { pattern: "/runs/:runId", load: async () => (await import("./run/mod.ts")).RunPage },
  { pattern: "/workflows", load: async () => (await workflows()).WorkflowsPage },
  { pattern: "/workflows/new", load: async () => (await workflows()).RegisterPage },
  { pattern: "/workflows/:name", load: async () => (await workflows()).WorkflowPage },
  { pattern: "/workflows/:name/start", load: async () => (await workflows()).StartPage },
  { pattern: "/agents", load: async () => (await agents()).AgentsPage },
  { pattern: "/agents/new", load: async () => (await agents()).RegisterAgentPage },
  { pattern: "/agents/:name", load: async () => (await agents()).AgentPage },
  { pattern: "/agents/:name/:version", load: async () => (await agents()).AgentPage },
  { pattern: "/knowledge", load: async () => (await import("./knowledge/mod.ts")).KnowledgePage },
  { pattern: "/systems", load: async () => (await operations()).SystemsPage },
  { pattern: "/systems/:system", load: async () => (await operations()).SystemPage },
  { pattern: "/cluster", load: async () => (await operations()).ClusterPage },
  { pattern: "/dead-letters", load: async () => (await operations()).DeadLettersPage },
  { pattern: "/dead-letters/:letterId", load: async () => (await operations()).DeadLetterPage },
  { pattern: "/audit", load: async () => (await import("./access/mod.ts")).AuditPage },
  { pattern: "/keys", load: async () => (await import("./access/mod.ts")).KeysPage },
];

const agents = () => import("./agents/mod.ts");
const workflows = () => import("./workflows/mod.ts");
const operations = () => import("./operations/mod.ts");

/** The route of a path and the values of its parameters; `null` for a path without a page. */
export function findRoute(path: string): { route: Route; params: Params } | null {
  for (const route of ROUTES) {
    const params = matchPath(route.pattern, path);
    if (params !== null) return { route, params };
  }
  return null;
}
