import { hasRole, session } from "../api/mod.ts";
import type { IconName } from "../parts/mod.ts";

export interface NavEntry {
  label: string;
  path: string;
  icon: IconName;
  /** The second key of `g …`. */
  key: string;
  /** Who sees it; the node decides on each call all the same. */
  role?: "operator" | "admin";
  /** It tells of everybody's work: nothing for who sees a part of it only. */
  isOfAll?: true;
}

export interface NavGroup {
  label: string;
  entries: readonly NavEntry[];
}

/** What the navigation, the palette and the shortcuts lead to. */
export const NAV_GROUPS: readonly NavGroup[] = [
  {
    label: "Work",
    entries: [
      { label: "Overview", path: "/", icon: "overview", key: "o" },
      { label: "Runs", path: "/runs", icon: "runs", key: "r" },
      { label: "Workflows", path: "/workflows", icon: "workflows", key: "w" },
      { label: "Agents", path: "/agents", icon: "agents", key: "a" },
      { label: "Knowledge", path: "/knowledge", icon: "knowledge", key: "n" },
    ],
  },
  {
    label: "Operate",
    entries: [
      { label: "Actor systems", path: "/systems", icon: "systems", key: "s", isOfAll: true },
      { label: "Cluster", path: "/cluster", icon: "cluster", key: "c", isOfAll: true },
      { label: "Dead letters", path: "/dead-letters", icon: "letters", key: "d", isOfAll: true },
    ],
  },
  {
    label: "Control",
    entries: [
      { label: "Audit", path: "/audit", icon: "audit", key: "u", isOfAll: true, role: "admin" },
      { label: "API keys", path: "/keys", icon: "keys", key: "k", role: "admin" },
    ],
  },
];

/** Whether whoever is signed in can do anything with a page. */
export function isOffered({ role, isOfAll }: NavEntry): boolean {
  if (role !== undefined && !hasRole(role)) return false;
  const { tenant = null, workflows = null, tags = null } = session.value?.principal ?? {};
  return !isOfAll || [tenant, workflows, tags].every((part) => part === null);
}
