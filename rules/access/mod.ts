/**
 * Who may do what: roles, scopes, attribute rules and token buckets, decided without any I/O.
 *
 * @module
 */
export {
  type Action,
  ACTIONS,
  actionsOfScope,
  concernsWhole,
  hasRole,
  isAction,
  isScope,
  isWrite,
  type Role,
  roleFor,
  ROLES,
} from "./actions.ts";
export { type AccessCode, type AccessDecision, decideAccess, findExcess } from "./decide_access.ts";
export { fitsPattern, isNamePattern } from "./name_pattern.ts";
export { isNarrowed, type Principal, type Resource, type Rights } from "./principal.ts";
export { scopesInVain } from "./scopes_in_vain.ts";
export { type Bucket, type BucketPolicy, type BucketVerdict, takeTokens } from "./token_bucket.ts";
