import { type Action, actionsOfScope, concernsWhole, hasRole, roleFor } from "./actions.ts";
import { fitsPattern } from "./name_pattern.ts";
import { isNarrowed, type Resource, type Rights } from "./principal.ts";

/** Why something is not allowed. */
export type AccessCode =
  | "ROLE_INSUFFICIENT"
  | "SCOPE_MISSING"
  | "PART_ONLY"
  | "OTHER_TENANT"
  | "WORKFLOW_NOT_ALLOWED"
  | "TAG_NOT_ALLOWED";

/** A verdict, with its reason: verb first, no final stop. */
export type AccessDecision =
  | { isAllowed: true; code: null; reason: null }
  | { isAllowed: false; code: AccessCode; reason: string };

const ALLOWED: AccessDecision = { isAllowed: true, code: null, reason: null };

/**
 * Whether somebody may do something. What depends on who asks is said before what depends on the
 * resource, so that a refusal for want of a role does not tell whether a thing exists.
 *
 * @param resource left out: whether it may be done at all; lists are asked so, and each of their
 *   items with what it is
 */
export function decideAccess(
  rights: Rights,
  action: Action,
  resource: Resource = {},
): AccessDecision {
  return refuseRole(rights, action) ?? refuseScope(rights, action) ?? refusePart(rights, action) ??
    refuseTenant(rights, resource) ?? refuseWorkflow(rights, resource) ??
    refuseTags(rights, resource) ?? ALLOWED;
}

function refuseRole({ role }: Rights, action: Action): AccessDecision | null {
  const wanted = roleFor(action);
  if (hasRole(role, wanted)) return null;
  return refuse("ROLE_INSUFFICIENT", `Cannot do "${action}" as ${role}: it takes role "${wanted}"`);
}

function refuseScope({ scopes }: Rights, action: Action): AccessDecision | null {
  if (scopes === null || scopes.some((scope) => actionsOfScope(scope).includes(action))) {
    return null;
  }
  return refuse("SCOPE_MISSING", `Cannot do "${action}": no scope of the key has it`);
}

function refusePart(rights: Rights, action: Action): AccessDecision | null {
  if (!concernsWhole(action) || !isNarrowed(rights)) return null;
  return refuse("PART_ONLY", `Cannot do "${action}" with a key for a tenant, workflow or tag only`);
}

function refuseTenant({ tenant }: Rights, resource: Resource): AccessDecision | null {
  if (tenant === null || resource.tenant === undefined || resource.tenant === tenant) return null;
  return refuse("OTHER_TENANT", `Cannot reach what is not of tenant "${tenant}"`);
}

function refuseWorkflow({ workflows }: Rights, { workflow }: Resource): AccessDecision | null {
  if (workflows === null || workflow === undefined) return null;
  if (workflow !== null && fitsAny(workflow, workflows)) return null;
  const which = workflow === null ? "what is of no workflow" : `workflow "${workflow}"`;
  return refuse("WORKFLOW_NOT_ALLOWED", `Cannot reach ${which} with a key for other workflows`);
}

function refuseTags({ tags }: Rights, resource: Resource): AccessDecision | null {
  if (tags === null || resource.tags === undefined) return null;
  if (resource.tags.some((tag) => fitsAny(tag, tags))) return null;
  return refuse("TAG_NOT_ALLOWED", "Cannot reach what has none of the tags of the key");
}

/** Whether one of the patterns fits. */
function fitsAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fitsPattern(name, pattern));
}

function refuse(code: AccessCode, reason: string): AccessDecision {
  return { isAllowed: false, code, reason };
}

/**
 * Which rights `wanted` has that `giver` lacks, as the name of the member; `null`: none. Nobody
 * gives away more than they have.
 */
export function findExcess(wanted: Rights, giver: Rights): keyof Rights | null {
  if (!hasRole(giver.role, wanted.role)) return "role";
  if (giver.tenant !== null && wanted.tenant !== giver.tenant) return "tenant";
  if (!isWithin(scopedActions(wanted), scopedActions(giver), (a, b) => a === b)) return "scopes";
  if (!isWithin(wanted.workflows, giver.workflows, fitsPattern)) return "workflows";
  return isWithin(wanted.tags, giver.tags, fitsPattern) ? null : "tags";
}

function scopedActions({ scopes }: Rights): readonly string[] | null {
  return scopes === null ? null : scopes.flatMap(actionsOfScope);
}

function isWithin(
  inner: readonly string[] | null,
  outer: readonly string[] | null,
  fits: (one: string, other: string) => boolean,
): boolean {
  if (outer === null) return true;
  return inner !== null && inner.every((one) => outer.some((other) => fits(one, other)));
}
