import type { AuditLog } from "../audit/mod.ts";
import type { Principal } from "../../rules/access/mod.ts";
import type { RequestPlace } from "./request_context.ts";

/** What happened to a request, for the audit log. */
export interface AccessNote {
  /** Who asked; left out: nobody knows. */
  principal?: Principal | null;
  place: RequestPlace;
  /** Of the error, or a word for what was granted: `sign-in`, `write`, … */
  code: string;
  message: string;
  /** What it was wanted of; default: method and path. */
  to?: string;
  /** Why, in a word. The caller is not told. */
  reason?: string;
}

/** Writes down who was refused, and who was let in or changed something. */
export class AccessJournal {
  readonly #audit: Pick<AuditLog, "record">;

  constructor(audit: Pick<AuditLog, "record">) {
    this.#audit = audit;
  }

  refuse(note: AccessNote): void {
    this.#record("refusal", note);
  }

  grant(note: AccessNote): void {
    this.#record("access", note);
  }

  #record(kind: "refusal" | "access", { principal, place, code, message, to, reason }: AccessNote) {
    const { remote, method, path } = place;
    const who = principal ?? null;
    this.#audit.record({
      kind,
      from: who === null ? remote : `principal:${who.id}`,
      to: to ?? `${method} ${path}`,
      code,
      message,
      details: {
        ...{ remote, method, path },
        ...(who === null ? {} : { name: who.name, role: who.role, via: who.via }),
        ...(reason === undefined ? {} : { reason }),
      },
    });
  }
}
