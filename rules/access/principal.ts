import type { Role } from "./actions.ts";

/** What somebody may do at most, and with what. `null` stands for no such limit. */
export interface Rights {
  role: Role;
  /** Scopes (`runs:read`, `runs:*`, `*:read`, `*`); they narrow the role. */
  scopes: string[] | null;
  /** The only tenant that is seen. */
  tenant: string | null;
  /** Patterns of workflow names, `*` for any text. */
  workflows: string[] | null;
  /** Patterns of tags; a run needs one that fits. */
  tags: string[] | null;
}

/** Who asks, as the node knows it. */
export interface Principal extends Rights {
  /** Of the key that all of it comes from; stays the same for its sessions and tokens. */
  id: string;
  /** For people: what the key is called. */
  name: string;
  /** How it was shown who asks. */
  via: "key" | "jwt" | "session";
}

/** What an action is about. What is left out does not matter to it; `null`: it has none. */
export interface Resource {
  workflow?: string | null;
  tags?: readonly string[];
  tenant?: string | null;
}

/** Whether somebody sees only a part of what a node does. */
export function isNarrowed({ tenant, workflows, tags }: Rights): boolean {
  return tenant !== null || workflows !== null || tags !== null;
}
