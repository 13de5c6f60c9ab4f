import { InvalidInputError } from "../../core/errors.ts";
import { isNamePattern, isScope, type Rights, ROLES } from "../../rules/access/mod.ts";
import type { KeyWish } from "./api_keys.ts";

const NAME = /^[^\p{C}]{1,100}$/u;
const TENANT = /^[^\s\p{C}]{1,100}$/u;
const ITEMS_MAX = 100;

/** A key as it is asked for; what is left out does not narrow it. */
export interface KeyRequest extends Partial<Omit<Rights, "role">> {
  name: string;
  role: Rights["role"];
  /** Epoch milliseconds. */
  expiresAt?: number | null;
}

/** Whether a tenant may be called so. */
export function isTenantName(text: string): boolean {
  return TENANT.test(text);
}

/**
 * The key that is asked for, checked.
 *
 * @param now epoch milliseconds
 * @throws {InvalidInputError} `KEY_INVALID`
 */
export function readKeyRequest(request: KeyRequest, now: number): KeyWish {
  const { name, role } = request;
  const { scopes = null, tenant = null, workflows = null, tags = null, expiresAt = null } = request;
  if (!NAME.test(name)) throw wrong("name", name, "Give 1 to 100 visible characters");
  if (!ROLES.includes(role)) throw wrong("role", role, `Give one of ${ROLES.join(", ")}`);
  if (tenant !== null && !isTenantName(tenant)) {
    throw wrong("tenant", tenant, "Give 1 to 100 visible characters without spaces");
  }
  checkList("scope", scopes, isScope, 'Give actions such as "runs:read", "runs:*" or "*:read"');
  const patterns = "Give names, with * for any text";
  checkList("workflow", workflows, isNamePattern, patterns);
  checkList("tag", tags, isNamePattern, patterns);
  if (expiresAt !== null && !(expiresAt > now)) {
    throw wrong("end", String(expiresAt), "Give an instant that is still to come");
  }
  return { name, role, scopes, tenant, workflows, tags, expiresAt };
}

function checkList(
  what: string,
  items: readonly string[] | null,
  isOne: (item: string) => boolean,
  hint: string,
): void {
  if (items === null) return;
  if (items.length === 0 || items.length > ITEMS_MAX) {
    throw wrong(what, `${items.length} of them`, `Give 1 to ${ITEMS_MAX}, or leave them out`);
  }
  for (const item of items) if (!isOne(item)) throw wrong(what, item, hint);
}

function wrong(what: string, value: string, hint: string): InvalidInputError {
  return new InvalidInputError("KEY_INVALID", {
    message: `Cannot make a key with ${what} "${value}"`,
    hint,
  });
}
