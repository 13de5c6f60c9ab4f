/**
 * Keys that access tokens are signed with: the same for all nodes of a store, another one each month.
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import { z } from "zod";
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Clock } from "../../core/ports.ts";
import { DocumentTable } from "./document_table.ts";
import { drawSecret } from "./secret_text.ts";

const signingKeySchema = z.object({ kid: z.string(), secret: z.string(), createdAt: z.number() });
type StoredSigningKey = z.infer<typeof signingKeySchema>;

/** A key for HS256. */
export interface SigningKey {
  kid: string;
  secret: Uint8Array;
}

const SIGNS_MS = 30 * 24 * 3_600_000;
/** Longer than any token lives. */
const VERIFIES_MS = SIGNS_MS + 24 * 3_600_000;
const KEPT_IN_MEMORY_MAX = 100;
const KID = /^[0-9a-z]{26}$/;

export class SigningKeys {
  readonly #table: DocumentTable<StoredSigningKey>;
  readonly #clock: Clock;
  readonly #draw = monotonicFactory();
  readonly #known = new Map<string, StoredSigningKey>();

  constructor(documents: DocumentStore, clock: Clock) {
    this.#table = new DocumentTable(documents, "signing-keys", signingKeySchema);
    this.#clock = clock;
  }

  /** The newest one; made where there is none that is young enough. */
  async current(): Promise<SigningKey> {
    const now = this.#clock.now();
    const known = [...this.#known.values()].find((key) => now - key.createdAt < SIGNS_MS);
    if (known !== undefined) return toKey(known);
    const [newest] = await this.#table.list({ limit: 1, isReversed: true });
    if (newest !== undefined && now - newest.createdAt < SIGNS_MS) return toKey(this.#keep(newest));
    await this.#table.sweep((key) => now - key.createdAt >= VERIFIES_MS);
    // Two nodes may each make one: both count.
    const kid = this.#draw(now).toLowerCase();
    const key: StoredSigningKey = { kid, secret: drawSecret(), createdAt: now };
    await this.#table.insert(kid, key);
    return toKey(this.#keep(key));
  }

  /** `null` when there is none of that name, or it is too old. */
  async find(kid: string): Promise<SigningKey | null> {
    if (!KID.test(kid)) return null;
    const known = this.#known.get(kid) ?? await this.#table.get(kid);
    if (known === null || this.#clock.now() - known.createdAt >= VERIFIES_MS) return null;
    return toKey(this.#keep(known));
  }

  #keep(key: StoredSigningKey): StoredSigningKey {
    if (this.#known.size >= KEPT_IN_MEMORY_MAX) this.#known.clear();
    this.#known.set(key.kid, key);
    return key;
  }
}

function toKey({ kid, secret }: StoredSigningKey): SigningKey {
  return { kid, secret: new TextEncoder().encode(secret) };
}
