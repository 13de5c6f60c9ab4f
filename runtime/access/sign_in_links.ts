/**
 * One-time links by which a browser signs in, without a password.
 *
 * @module
 */
import { monotonicFactory } from "ulid";
import { z } from "zod";
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Clock } from "../../core/ports.ts";
import type { Rights } from "../../rules/access/mod.ts";
import { DocumentTable } from "./document_table.ts";
import { rightsSchema } from "./rights_schema.ts";
import { digestOf, drawSecret, isSameText, SecretText } from "./secret_text.ts";

const linkSchema = rightsSchema.extend({
  digest: z.string(),
  principalId: z.string(),
  name: z.string(),
  expiresAt: z.number(),
  usedAt: z.number().nullable(),
});
type Link = z.infer<typeof linkSchema>;

/** Who signs in by a link. */
export interface LinkHolder extends Rights {
  /** Stays the same from link to link, so that what it has saved is found again. */
  principalId: string;
  name: string;
}

/** What came of a link. */
export type LinkVerdict =
  | { isValid: true; holder: LinkHolder }
  | { isValid: false; reason: "malformed" | "unknown" | "wrong" | "used" | "expired" };

const LINK_MS = 10 * 60_000;
/** How long a used one is known as used. */
const KEPT_MS = 24 * 3_600_000;
const TEXT = new SecretText("dnl");

export class SignInLinks {
  readonly #table: DocumentTable<Link>;
  readonly #clock: Clock;
  readonly #draw = monotonicFactory();

  constructor(documents: DocumentStore, clock: Clock) {
    this.#table = new DocumentTable(documents, "sign-in-links", linkSchema);
    this.#clock = clock;
  }

  /** Text of a new one: it counts ten minutes, once. */
  async create(holder: LinkHolder): Promise<string> {
    const now = this.#clock.now();
    await this.#table.sweep(({ expiresAt }) => expiresAt + KEPT_MS <= now);
    const id = this.#draw(now).toLowerCase();
    const secret = drawSecret();
    const { principalId, name, role, scopes, tenant, workflows, tags } = holder;
    const rights = { role, scopes, tenant, workflows, tags };
    const expiresAt = now + LINK_MS;
    const digest = digestOf(secret);
    await this.#table.insert(id, { ...rights, digest, principalId, name, expiresAt, usedAt: null });
    return TEXT.format(id, secret);
  }

  /** Uses a link up. Of several at the same time, on whatever nodes, one gets it. */
  async use(text: string): Promise<LinkVerdict> {
    const parts = TEXT.parse(text);
    if (parts === null) return { isValid: false, reason: "malformed" };
    const digest = digestOf(parts.secret);
    const usedAt = this.#clock.now();
    let reason: "unknown" | "wrong" | "used" | "expired" = "unknown";
    const link = await this.#table.update(parts.id, (found) => {
      const isRight = isSameText(digest, found.digest);
      reason = !isRight ? "wrong" : found.usedAt !== null ? "used" : "expired";
      return isRight && found.usedAt === null && found.expiresAt > usedAt
        ? { ...found, usedAt }
        : null;
    });
    if (link === null) return { isValid: false, reason };
    const { digest: _, expiresAt: __, usedAt: ___, ...holder } = link;
    return { isValid: true, holder };
  }
}
