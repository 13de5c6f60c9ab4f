/**
 * Refresh tokens: each counts once and makes the next one of its family. One that comes twice was
 * stolen, or its owner was robbed of the first answer: the whole family ends (RFC 9700 §4.14.2).
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import { z } from "zod";
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Clock } from "../../core/ports.ts";
import type { KeyStamp } from "./api_keys.ts";
import { DocumentTable } from "./document_table.ts";
import { digestOf, drawSecret, isSameText, SecretText } from "./secret_text.ts";

const familySchema = z.object({
  id: z.string(),
  /** The key that it was made by. */
  stamp: z.object({ keyId: z.string(), generation: z.number() }),
  /** Of the secret that counts. */
  digest: z.string(),
  /** Of those that counted before, the last ones. */
  used: z.array(z.string()),
  createdAt: z.number(),
  lastUsedAt: z.number(),
  revokedAt: z.number().nullable(),
});

/** A family as it is stored; instants in epoch milliseconds. */
export type StoredFamily = z.infer<typeof familySchema>;
/** Why a refresh token is not taken. */
export type RefreshRefusal = "malformed" | "unknown" | "wrong" | "used" | "revoked" | "expired";
/** What came of a refresh token; `text` is the one that counts from now on. */
export type RefreshVerdict =
  | { isValid: true; family: StoredFamily; text: string }
  | { isValid: false; reason: RefreshRefusal; keyId: string | null };

const IDLE_MS = 7 * 24 * 3_600_000;
const LIFE_MS = 30 * 24 * 3_600_000;
const KEPT_MS = 24 * 3_600_000;
const USED_MAX = 500;
/** Of a digest, enough to know it again. */
const USED_CHARS = 22;
const TEXT = new SecretText("dnr");

export class TokenFamilies {
  readonly #table: DocumentTable<StoredFamily>;
  readonly #clock: Clock;
  readonly #draw = monotonicFactory();

  constructor(documents: DocumentStore, clock: Clock) {
    this.#table = new DocumentTable(documents, "token-families", familySchema);
    this.#clock = clock;
  }

  async open(stamp: KeyStamp): Promise<{ family: StoredFamily; text: string }> {
    const now = this.#clock.now();
    await this.#table.sweep((one) => endOf(one) + KEPT_MS <= now);
    const secret = drawSecret();
    const family: StoredFamily = {
      id: this.#draw(now).toLowerCase(),
      stamp: { ...stamp },
      digest: digestOf(secret),
      used: [],
      createdAt: now,
      lastUsedAt: now,
      revokedAt: null,
    };
    await this.#table.insert(family.id, family);
    return { family, text: TEXT.format(family.id, secret) };
  }

  /** Uses a token up and draws the next one; one that was used before ends its family. */
  async rotate(text: string): Promise<RefreshVerdict> {
    const secret = drawSecret();
    const now = this.#clock.now();
    const verdict = await this.#use(text, (family) => ({
      ...family,
      digest: digestOf(secret),
      used: [...family.used, family.digest.slice(0, USED_CHARS)].slice(-USED_MAX),
      lastUsedAt: now,
    }));
    if (!verdict.isValid) return verdict;
    return { ...verdict, text: TEXT.format(verdict.family.id, secret) };
  }

  /** Ends the family of a token that counts, or counted. */
  async revoke(text: string): Promise<RefreshVerdict> {
    const revokedAt = this.#clock.now();
    return await this.#use(text, (family) => ({ ...family, revokedAt }));
  }

  async #use(
    text: string,
    change: (family: StoredFamily) => StoredFamily,
  ): Promise<RefreshVerdict> {
    const parts = TEXT.parse(text);
    if (parts === null) return { isValid: false, reason: "malformed", keyId: null };
    const digest = digestOf(parts.secret);
    const now = this.#clock.now();
    // Said by the last call of the change.
    let reason: RefreshRefusal | null = "unknown";
    let keyId: string | null = null;
    const family = await this.#table.update(parts.id, (found) => {
      reason = refuse(found, digest, now);
      keyId = found.stamp.keyId;
      if (reason === "used" && found.revokedAt === null) return { ...found, revokedAt: now };
      return reason === null ? change(found) : null;
    });
    if (reason !== null) return { isValid: false, reason, keyId };
    return { isValid: true, family: family!, text };
  }

  /** A family whose tokens still count; `null` when they do not. */
  async find(id: string): Promise<StoredFamily | null> {
    const family = await this.#table.get(id);
    return family !== null && endOf(family) > this.#clock.now() ? family : null;
  }
}

function refuse(family: StoredFamily, digest: string, now: number): RefreshRefusal | null {
  if (family.used.includes(digest.slice(0, USED_CHARS))) return "used";
  if (!isSameText(digest, family.digest)) return "wrong";
  if (family.revokedAt !== null) return "revoked";
  return endOf(family) <= now ? "expired" : null;
}

function endOf({ createdAt, lastUsedAt, revokedAt }: StoredFamily): number {
  return revokedAt ?? Math.min(createdAt + LIFE_MS, lastUsedAt + IDLE_MS);
}
