import type { IconName } from "../parts/mod.ts";

export interface NavEntry {
  label: string;
  path: string;
  icon: IconName;
  /** The second key of `g …`. */
  key: string;
  /** Who sees it; the node decides on each call all the same. */
  role?: "operator" | "admin";
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
    ],
  },
  {
    label: "Operate",
    entries: [
      { label: "Actor systems", path: "/systems", icon: "systems", key: "s" },
      { label: "Cluster", path: "/cluster", icon: "cluster", key: "c" },
      { label: "Dead letters", path: "/dead-letters", icon: "letters", key: "d" },
    ],
  },
  {
    label: "Control",
    entries: [
      { label: "Audit", path: "/audit", icon: "audit", key: "u", role: "admin" },
      { label: "API keys", path: "/keys", icon: "keys", key: "k", role: "admin" },
    ],
  },
];
