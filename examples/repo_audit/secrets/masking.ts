/**
 * What may be shown of a secret.
 *
 * @module
 */

/** Secrets shorter than this are not shown in part, and nothing is derived from them. */
const LENGTH_MIN = 20;

/** `ghp_****`: at most four characters, and none of a secret that is short. */
export function maskSecret(secret: string, isGuessable: boolean): string {
  return secret.length < LENGTH_MIN || isGuessable ? "****" : `${secret.slice(0, 4)}****`;
}

/**
 * 64 bits of a SHA-256 by which equal secrets can be told, or `null` where somebody could find the
 * secret by trying: a short or a chosen one.
 */
export async function fingerprintSecret(
  secret: string,
  isGuessable: boolean,
): Promise<string | null> {
  if (isGuessable || secret.length < LENGTH_MIN) return null;
  const bytes = new TextEncoder().encode(`denizen repo-audit secret\0${secret}`);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest, 0, 8).toHex();
}
