/**
 * API keys: `dnz_<id>_<secret>`. The store has a digest of the secret alone.
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import { z } from "zod";
import type { DocumentStore } from "../../core/document_ports.ts";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import type { Rights } from "../../rules/access/mod.ts";
import { DocumentTable } from "./document_table.ts";
import { rightsSchema } from "./rights_schema.ts";
import { digestOf, drawSecret, isSameText, SecretText } from "./secret_text.ts";

const keySchema = rightsSchema.extend({
  id: z.string(),
  name: z.string(),
  digest: z.string(),
  /** Counts rotations. What was made by an earlier secret counts as long as that one does. */
  generation: z.number(),
  /** The secret before the last rotation, and how long it counts. */
  previous: z.object({ digest: z.string(), until: z.number() }).nullable(),
  createdAt: z.number(),
  createdBy: z.string().nullable(),
  expiresAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
  /** Within {@linkcode USE_NOTED_EVERY_MS}. */
  lastUsedAt: z.number().nullable(),
});

/** A key as it is stored; instants in epoch milliseconds. */
export type StoredKey = z.infer<typeof keySchema>;
/** What may be shown of a key. */
export type KeyView = Omit<StoredKey, "digest" | "previous" | "generation">;
/** With which secret of a key something was made. */
export interface KeyStamp {
  keyId: string;
  generation: number;
}
/** A key with its text, which can be shown this once. */
export interface NewKey {
  key: KeyView;
  text: string;
}

/** What a new key is to be. */
export interface KeyWish extends Rights {
  name: string;
  expiresAt: number | null;
}

/** What came of a look at a key. */
export type KeyVerdict =
  | { isValid: true; key: StoredKey; stamp: KeyStamp }
  | {
    isValid: false;
    reason: "malformed" | "unknown" | "wrong" | "rotated" | "revoked" | "expired";
    id: string | null;
  };

/** The key that is made at the first start of a store has the least of all ids. */
const FIRST_ID = "0".repeat(26);
const USE_NOTED_EVERY_MS = 10 * 60_000;
const GRACE_MS_MAX = 7 * 24 * 3_600_000;
/** How long one that is over is shown. The audit log tells of it for ever. */
const KEPT_MS = 90 * 24 * 3_600_000;
const TEXT = new SecretText("dnz");

export class ApiKeys {
  readonly #table: DocumentTable<StoredKey>;
  readonly #clock: Clock;
  readonly #draw = monotonicFactory();

  constructor(documents: DocumentStore, clock: Clock) {
    this.#table = new DocumentTable(documents, "api-keys", keySchema);
    this.#clock = clock;
  }

  /** Whether a text is meant to be a key. */
  static isOne(text: string): boolean {
    return TEXT.isOne(text);
  }

  /** @param createdBy principal, as the audit log names it */
  async create(wish: KeyWish, createdBy: string | null): Promise<NewKey> {
    const now = this.#clock.now();
    // Most keys have no end: those that have one may stand behind any number of them.
    await this.#table.sweep((key) => endOf(key) + KEPT_MS <= now, Infinity);
    const id = this.#draw(now).toLowerCase();
    return (await this.#insert(id, wish, createdBy))!;
  }

  /** Makes the first key of a store; `null` when it has keys, whoever made them. */
  async createFirst(): Promise<NewKey | null> {
    if ((await this.#table.list({ limit: 1 })).length > 0) return null;
    const all: Rights = { role: "admin", scopes: null, tenant: null, workflows: null, tags: null };
    return await this.#insert(FIRST_ID, { ...all, name: "first key", expiresAt: null }, null);
  }

  async #insert(id: string, wish: KeyWish, createdBy: string | null): Promise<NewKey | null> {
    const { name, role, scopes, tenant, workflows, tags, expiresAt } = wish;
    const secret = drawSecret();
    const key: StoredKey = {
      ...{ id, name, role, scopes, tenant, workflows, tags, expiresAt, createdBy },
      digest: digestOf(secret),
      generation: 0,
      previous: null,
      createdAt: this.#clock.now(),
      revokedAt: null,
      lastUsedAt: null,
    };
    if (!await this.#table.insert(id, key)) return null;
    return { key: viewOf(key), text: TEXT.format(id, secret) };
  }

  /** Who a text belongs to, and whether it counts now. */
  async check(text: string): Promise<KeyVerdict> {
    const parts = TEXT.parse(text);
    if (parts === null) return { isValid: false, reason: "malformed", id: null };
    const { id, secret } = parts;
    const key = await this.#table.get(id);
    if (key === null) return { isValid: false, reason: "unknown", id };
    const digest = digestOf(secret);
    const isCurrent = isSameText(digest, key.digest);
    const isPrevious = key.previous !== null && isSameText(digest, key.previous.digest);
    if (!isCurrent && !isPrevious) return { isValid: false, reason: "wrong", id };
    return this.#inForce(key, isCurrent ? key.generation : key.generation - 1);
  }

  /** Whether what was made by a key still counts. */
  async checkStamp({ keyId, generation }: KeyStamp): Promise<KeyVerdict> {
    const key = await this.#table.get(keyId);
    return key === null
      ? { isValid: false, reason: "unknown", id: keyId }
      : this.#inForce(key, generation);
  }

  #inForce(key: StoredKey, generation: number): KeyVerdict {
    const { id, revokedAt, expiresAt, previous } = key;
    const now = this.#clock.now();
    const isPrevious = generation === key.generation - 1 && previous !== null &&
      previous.until > now;
    const refuse = (reason: "rotated" | "revoked" | "expired"): KeyVerdict => {
      return { isValid: false, reason, id };
    };
    if (revokedAt !== null) return refuse("revoked");
    if (generation !== key.generation && !isPrevious) return refuse("rotated");
    if (expiresAt !== null && expiresAt <= now) return refuse("expired");
    return { isValid: true, key, stamp: { keyId: id, generation } };
  }

  /** Notes now and then that a key is used. */
  async noteUse({ id, lastUsedAt }: StoredKey): Promise<void> {
    const now = this.#clock.now();
    const isRecent = (at: number | null) => at !== null && now - at < USE_NOTED_EVERY_MS;
    if (isRecent(lastUsedAt)) return;
    await this.#table.update(
      id,
      (key) => isRecent(key.lastUsedAt) ? null : { ...key, lastUsedAt: now },
    );
  }

  /** @throws {InvalidInputError} `KEY_NOT_FOUND` */
  async get(id: string): Promise<KeyView> {
    const key = await this.#table.get(id);
    if (key === null) throw keyNotFound(id);
    return viewOf(key);
  }

  /** Newest first. @param options `after`: id of the last one that is known */
  async list(options: { after?: string; limit: number }): Promise<KeyView[]> {
    return (await this.#table.list({ ...options, isReversed: true })).map(viewOf);
  }

  /**
   * Gives a key another secret.
   *
   * @param graceMs how long the one before counts on; at most seven days
   * @throws {InvalidInputError} `KEY_NOT_FOUND`, `KEY_INVALID`
   * @throws {ConflictError} `KEY_REVOKED`
   */
  async rotate(id: string, graceMs = 0): Promise<NewKey> {
    if (!(graceMs >= 0 && graceMs <= GRACE_MS_MAX)) {
      throw new InvalidInputError("KEY_INVALID", {
        message: `Cannot let the old secret count on for ${graceMs} ms`,
        hint: "Give seven days at most",
      });
    }
    const secret = drawSecret();
    const now = this.#clock.now();
    const key = await this.#change(id, (before) => ({
      ...before,
      digest: digestOf(secret),
      generation: before.generation + 1,
      // Known even when it counts no more, so that its use shows as what it is.
      previous: { digest: before.digest, until: now + graceMs },
    }));
    return { key: viewOf(key), text: TEXT.format(id, secret) };
  }

  /**
   * Lets a key, and all that was made by it, count no more; for good.
   *
   * @throws {InvalidInputError} `KEY_NOT_FOUND`
   * @throws {ConflictError} `KEY_REVOKED`
   */
  async revoke(id: string): Promise<KeyView> {
    const revokedAt = this.#clock.now();
    return viewOf(await this.#change(id, (key) => ({ ...key, revokedAt })));
  }

  /** Lets a key count no more, and nobody see that there was one. */
  async forget(id: string): Promise<void> {
    await this.#table.delete(id);
  }

  async #change(id: string, change: (key: StoredKey) => StoredKey): Promise<StoredKey> {
    let isRevoked = false;
    const changed = await this.#table.update(id, (key) => {
      isRevoked = key.revokedAt !== null;
      return isRevoked ? null : change(key);
    });
    if (changed !== null) return changed;
    if (!isRevoked) throw keyNotFound(id);
    throw new ConflictError("KEY_REVOKED", {
      message: `Cannot change key "${id}": it was revoked`,
      hint: "Make another one",
    });
  }
}

function viewOf({ digest: _, previous: __, generation: ___, ...view }: StoredKey): KeyView {
  return view;
}

/** Since when, or from when on, it counts no more. */
function endOf({ revokedAt, expiresAt }: StoredKey): number {
  return Math.min(revokedAt ?? Infinity, expiresAt ?? Infinity);
}

export function keyNotFound(id: string): InvalidInputError {
  return new InvalidInputError("KEY_NOT_FOUND", {
    message: `Cannot find key "${id}"`,
    hint: "List the keys to see their ids",
  });
}
