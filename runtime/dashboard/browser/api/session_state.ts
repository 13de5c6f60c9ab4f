import { computed, signal } from "@preact/signals";
import type { Me } from "./documents.ts";

/** `undefined` until the node has told; `null` when nobody is signed in. */
export const session = signal<Me | null | undefined>(undefined);

export const isSignedIn = computed(() => !!session.value);

export function csrfToken(): string | null {
  return session.peek()?.csrfToken ?? null;
}

/** The node no longer knows the session: the shell asks to sign in again. */
export function forgetSession(): void {
  session.value = null;
}

const RANKS = { viewer: 0, operator: 1, admin: 2 };

/**
 * Whether a button should be offered. The node decides anew on each call; this only spares people
 * buttons that would be refused.
 */
export function hasRole(role: keyof typeof RANKS): boolean {
  const own = session.value?.principal.role;
  return own !== undefined && RANKS[own] >= RANKS[role];
}
