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
  { pattern: "/workflows", load: async () => (await import("./workflows/mod.ts")).WorkflowsPage },
  {
    pattern: "/workflows/new",
    load: async () => (await import("./workflows/mod.ts")).RegisterPage,
  },
  {
    pattern: "/workflows/:name",
    load: async () => (await import("./workflows/mod.ts")).WorkflowPage,
  },
  {
    pattern: "/workflows/:name/start",
    load: async () => (await import("./workflows/mod.ts")).StartPage,
  },
  { pattern: "/runs/:runId", load: async () => (await import("./run/mod.ts")).RunPage },
];

/** The route of a path and the values of its parameters; `null` for a path without a page. */
export function findRoute(path: string): { route: Route; params: Params } | null {
  for (const route of ROUTES) {
    const params = matchPath(route.pattern, path);
    if (params !== null) return { route, params };
  }
  return null;
}
