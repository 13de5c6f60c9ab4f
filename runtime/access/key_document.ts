import type { KeyView } from "./api_keys.ts";

/** A key as the API and the command line show it: instants are ISO 8601 in UTC. */
export function toKeyDocument(
  { createdAt, expiresAt, revokedAt, lastUsedAt, ...key }: KeyView,
) {
  return {
    ...key,
    createdAt: instant(createdAt),
    expiresAt: expiresAt === null ? null : instant(expiresAt),
    revokedAt: revokedAt === null ? null : instant(revokedAt),
    lastUsedAt: lastUsedAt === null ? null : instant(lastUsedAt),
  };
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
