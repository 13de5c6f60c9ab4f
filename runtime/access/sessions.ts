/**
 * Sessions of browsers, kept in the store as digests.
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import { z } from "zod";
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Clock } from "../../core/ports.ts";
import type { KeyStamp } from "./api_keys.ts";
import { DocumentTable } from "./document_table.ts";
import { rightsSchema } from "./rights_schema.ts";
import { digestOf, drawSecret, isSameText, macOf, SecretText } from "./secret_text.ts";
import type { LinkHolder } from "./sign_in_links.ts";

const sessionSchema = z.object({
  id: z.string(),
  digest: z.string(),
  /** The key that it was opened with: what that one may, it may. */
  stamp: z.object({ keyId: z.string(), generation: z.number() }).nullable(),
  /** Who signed in by a link. */
  holder: rightsSchema.extend({ principalId: z.string(), name: z.string() }).nullable(),
  createdAt: z.number(),
  /** Within {@linkcode USE_NOTED_EVERY_MS}. */
  lastUsedAt: z.number(),
  endedAt: z.number().nullable(),
});

/** A session as it is stored; instants in epoch milliseconds. */
export type StoredSession = z.infer<typeof sessionSchema>;
/** By what a session is opened. */
export type SessionOrigin = { stamp: KeyStamp } | { holder: LinkHolder };
/** What came of a look at a session. */
export type SessionVerdict =
  | { isValid: true; session: StoredSession; expiresAt: number }
  | { isValid: false; reason: "malformed" | "unknown" | "wrong" | "ended" | "expired" };

const IDLE_MS = 12 * 3_600_000;
const LIFE_MS = 7 * 24 * 3_600_000;
const USE_NOTED_EVERY_MS = 5 * 60_000;
/** How long one that is over is known as over. */
const KEPT_MS = 24 * 3_600_000;
const TEXT = new SecretText("dns");

export class Sessions {
  readonly #table: DocumentTable<StoredSession>;
  readonly #clock: Clock;
  readonly #draw = monotonicFactory();

  constructor(documents: DocumentStore, clock: Clock) {
    this.#table = new DocumentTable(documents, "sessions", sessionSchema);
    this.#clock = clock;
  }

  /** Always another one, so that nobody can plant a session of theirs before a sign-in. */
  async open(origin: SessionOrigin): Promise<{ text: string; session: StoredSession }> {
    const now = this.#clock.now();
    await this.#table.sweep((one) => endOf(one) + KEPT_MS <= now);
    const secret = drawSecret();
    const session: StoredSession = {
      id: this.#draw(now).toLowerCase(),
      digest: digestOf(secret),
      stamp: "stamp" in origin ? { ...origin.stamp } : null,
      holder: "holder" in origin ? { ...origin.holder } : null,
      createdAt: now,
      lastUsedAt: now,
      endedAt: null,
    };
    await this.#table.insert(session.id, session);
    return { text: TEXT.format(session.id, secret), session };
  }

  async check(text: string): Promise<SessionVerdict> {
    const parts = TEXT.parse(text);
    if (parts === null) return { isValid: false, reason: "malformed" };
    const session = await this.#table.get(parts.id);
    if (session === null) return { isValid: false, reason: "unknown" };
    if (!isSameText(digestOf(parts.secret), session.digest)) {
      return { isValid: false, reason: "wrong" };
    }
    if (session.endedAt !== null) return { isValid: false, reason: "ended" };
    const expiresAt = endOf(session);
    if (expiresAt <= this.#clock.now()) return { isValid: false, reason: "expired" };
    return { isValid: true, session, expiresAt };
  }

  /** Notes now and then that a session is used, which lets it live on. */
  async noteUse({ id, lastUsedAt }: StoredSession): Promise<void> {
    const now = this.#clock.now();
    if (now - lastUsedAt < USE_NOTED_EVERY_MS) return;
    await this.#table.update(
      id,
      (one) => one.endedAt === null ? { ...one, lastUsedAt: now } : null,
    );
  }

  /** Ends it for every node. */
  async end(id: string): Promise<void> {
    const endedAt = this.#clock.now();
    await this.#table.update(id, (one) => one.endedAt === null ? { ...one, endedAt } : null);
  }
}

/** When it is over if it is not used again. */
function endOf({ createdAt, lastUsedAt, endedAt }: StoredSession): number {
  return endedAt ?? Math.min(createdAt + LIFE_MS, lastUsedAt + IDLE_MS);
}

/**
 * What a page must send along with a change, which only a page of this origin can read: a MAC under
 * the session's own text, so that nothing is kept for it.
 */
export function csrfTokenOf(sessionText: string): string {
  return macOf(sessionText, "csrf");
}
