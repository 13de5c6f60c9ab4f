import { computed, signal } from "@preact/signals";

/** Who is signed in, as `GET /auth/me` tells. */
export interface Session {
  principal: {
    id: string;
    name: string;
    role: "viewer" | "operator" | "admin";
    tenant: string | null;
    scopes: string[] | null;
    via: string;
  };
  csrfToken: string | null;
  /** ISO 8601. */
  expiresAt: string | null;
}

/** `undefined` until the node has told; `null` when nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);

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
