import { actionsOfScope, concernsWhole, hasRole, roleFor } from "./actions.ts";
import { isNarrowed, type Rights } from "./principal.ts";

/** Scopes of which the other rights leave nothing: whoever asked for them meant something else. */
export function scopesInVain(rights: Rights): string[] {
  const isUsable = (scope: string) =>
    actionsOfScope(scope).some((action) =>
      hasRole(rights.role, roleFor(action)) && !(isNarrowed(rights) && concernsWhole(action))
    );
  return (rights.scopes ?? []).filter((scope) => !isUsable(scope));
}
