/** Everything that can be asked of the control plane, as `subject:verb`. */
export const ACTIONS = [
  "agents:read",
  "agents:write",
  "audit:read",
  "cluster:read",
  "dead-letters:read",
  "dead-letters:write",
  "keys:read",
  "keys:write",
  "knowledge:read",
  "metrics:read",
  "overview:read",
  "runs:read",
  "runs:write",
  "systems:read",
  "views:read",
  "views:write",
  "workflows:read",
  "workflows:write",
] as const;

/** One of {@linkcode ACTIONS}. */
export type Action = typeof ACTIONS[number];

/** From the least rights to all of them. */
export const ROLES = ["viewer", "operator", "admin"] as const;

/** Who may do what: each role may all that the one before it may. */
export type Role = typeof ROLES[number];

/** What is read by admins alone: it tells of others, and of how to get in. */
const READ_BY_ADMINS: ReadonlySet<Action> = new Set(["audit:read", "keys:read"]);
const WRITTEN_BY_OPERATORS: ReadonlySet<Action> = new Set([
  "dead-letters:write",
  "runs:write",
  "views:write",
]);

/**
 * What concerns a node or a cluster as a whole, and so everybody's work on it: nothing for those who
 * may see only a part.
 */
const WHOLE: ReadonlySet<Action> = new Set([
  "audit:read",
  "cluster:read",
  "dead-letters:read",
  "dead-letters:write",
  "metrics:read",
  "systems:read",
]);

/** The least role that may do it. */
export function roleFor(action: Action): Role {
  if (WRITTEN_BY_OPERATORS.has(action)) return "operator";
  return action.endsWith(":read") && !READ_BY_ADMINS.has(action) ? "viewer" : "admin";
}

/** Whether `role` may all that `wanted` may. */
export function hasRole(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted);
}

/** Whether it shows or changes what belongs to no single tenant, workflow or tag. */
export function concernsWhole(action: Action): boolean {
  return WHOLE.has(action);
}

/** Whether it changes something: such grants are written down. */
export function isWrite(action: Action): boolean {
  return action.endsWith(":write");
}

/** Whether a text is one of {@linkcode ACTIONS}. */
export function isAction(text: string): text is Action {
  return (ACTIONS as readonly string[]).includes(text);
}

/** Whether a text is a scope: an action, `subject:*`, `*:verb` or `*`. */
export function isScope(text: string): boolean {
  return text === "*" || ACTIONS.some((action) => {
    const [subject, verb] = action.split(":");
    return text === action || text === `${subject}:*` || text === `*:${verb}`;
  });
}

/** The actions that a scope stands for. */
export function actionsOfScope(scope: string): Action[] {
  return ACTIONS.filter((action) => {
    const [subject, verb] = action.split(":");
    return [action, "*", `${subject}:*`, `*:${verb}`].includes(scope);
  });
}
