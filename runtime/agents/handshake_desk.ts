/**
 * Tries agents out, and keeps what came of it.
 *
 * @module
 */
import { toPlainText } from "../../actors/frames.ts";
import { DenizenError, UnavailableError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { AuditLog } from "../audit/mod.ts";
import type { Cells, ManifestChange } from "../cells/mod.ts";
import type { AgentHead, AgentRecord, AgentRecords, StoredAgentHead } from "./agent_records.ts";
import { agentChanged } from "./agent_reference.ts";
import type { RosterAgent } from "./agent_roster.ts";
import { HANDSHAKE_LIMITS, type HandshakeLimits, shakeHands } from "./handshake.ts";
import { HandshakeTurns } from "./handshake_turns.ts";
import type { NodeRoster } from "./node_roster.ts";
import type { AgentFinding } from "./registered_agent.ts";
import { cellManifestOf, refOf } from "./roster_member.ts";

/** What a {@linkcode HandshakeDesk} works with. */
export interface HandshakeDeskOptions {
  records: AgentRecords;
  roster: NodeRoster;
  cells: Cells;
  /** Epoch milliseconds. */
  now: () => number;
  audit: Pick<AuditLog, "record">;
  onError: (error: unknown) => void;
  handshake?: HandshakeLimits;
  /** Handshakes that were left alone for so long are begun anew. Default 3 minutes. */
  abandonedMs?: number;
}

/** More than a handshake and the start of its cell may take. */
const ABANDONED_MS = 180_000;
/** At most so long between looks for handshakes that nobody goes on with. */
const LOOK_MS_MAX = 10_000;
/** Others may write between a read and a write so often in a row. */
const TRIES_MAX = 5;
const FINDING_CHARS_MAX = 300;

/** The handshakes of one node. */
export class HandshakeDesk {
  readonly #options: HandshakeDeskOptions;
  readonly #turns = new HandshakeTurns();
  readonly #endWatch: () => void;
  /** Handshakes of this node that have not ended, by the hash of what is tried. */
  readonly #inHand = new Set<string>();
  /** What goes on though nobody waits for it. */
  readonly #background = new Set<Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;

  constructor(options: HandshakeDeskOptions) {
    this.#options = options;
    this.#endWatch = options.cells.onManifestChange((change) => this.#onManifestChange(change));
  }

  /**
   * Tries an agent out, and keeps and tells what was found.
   *
   * @param by who asked; `null`: the node itself
   * @throws {ConflictError} `AGENT_CHANGED`
   * @throws {UnavailableError} `UNAVAILABLE`
   */
  async check(
    { head }: Pick<StoredAgentHead, "head">,
    record: AgentRecord,
    by: string | null,
  ): Promise<AgentHead> {
    const ref = refOf(head);
    const place = JSON.stringify([ref, head.tenant, head.recordHash]);
    this.#inHand.add(place);
    try {
      const findings = await this.#turns.take(head.tenant, () => this.#tryOut(head, record));
      if (this.#options.cells.fleet.isClosed) throw stopped();
      const settled = await this.#settle(head, findings);
      await this.#options.roster.refresh();
      this.#tellFindings(ref, findings, by);
      return settled;
    } finally {
      this.#inHand.delete(place);
    }
  }

  /** Begins handshakes anew whose node is gone, now and then, until {@linkcode close}. */
  follow(): void {
    if (this.#isClosed) return;
    const { abandonedMs = ABANDONED_MS } = this.#options;
    this.#timer = setTimeout(() => {
      this.#goOn(this.#resume().finally(() => this.follow()));
    }, Math.min(LOOK_MS_MAX, abandonedMs));
    // Nobody waits for it: a process may end while the timer runs.
    Deno.unrefTimer(this.#timer);
  }

  /** Ends what it does by itself. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endWatch();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.all(this.#background);
  }

  async #tryOut(head: AgentHead, record: AgentRecord): Promise<AgentFinding[]> {
    const { cells, records, handshake = HANDSHAKE_LIMITS } = this.#options;
    const code = await records.getText(head.codeHash);
    const manifest = cellManifestOf(head, record);
    try {
      // One that is loaded anew: those that are up said the same as before.
      await cells.visit(manifest, code);
    } catch (error) {
      if (!(error instanceof DenizenError)) throw error;
      const message = toPlainText(error.message, FINDING_CHARS_MAX);
      return [{ capability: null, code: error.code, message }];
    }
    const agentKey = cells.register(manifest, code);
    const { declaration } = record;
    return await shakeHands({ cells, agentKey, ref: refOf(head), declaration }, handshake);
  }

  /** Writes what came of a handshake, whoever else wrote meanwhile. */
  async #settle(head: AgentHead, findings: AgentFinding[]): Promise<AgentHead> {
    const { records, now } = this.#options;
    const { name, version, tenant, recordHash } = head;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const known = await records.head(name, version, tenant);
      // Removed, or registered with other grants: what was found holds for it no more.
      if (known === null || known.head.recordHash !== recordHash) break;
      const status = findings.length === 0 ? "ready" as const : "refused" as const;
      const settled: AgentHead = { ...known.head, status, findings, checkedAt: now() };
      if (await records.put(settled, known.etag) !== null) return settled;
    }
    throw agentChanged(refOf(head));
  }

  // --- what was left ---

  /** A node that dies in a handshake leaves the agent as it is: neither ready nor refused. */
  async #resume(): Promise<void> {
    const { abandonedMs = ABANDONED_MS, now, roster } = this.#options;
    const before = now() - abandonedMs;
    for (const head of roster.checking()) {
      const place = JSON.stringify([refOf(head), head.tenant, head.recordHash]);
      if ((head.checkingSince ?? head.registeredAt) > before || this.#inHand.has(place)) continue;
      if (this.#isClosed) return;
      await this.#takeOver(head);
    }
  }

  /** Whoever writes first has it; others look again when that was left alone as well. */
  async #takeOver({ name, version, tenant, checkingSince }: AgentHead): Promise<void> {
    const { records, now } = this.#options;
    const stored = await records.head(name, version, tenant);
    if (stored?.head.status !== "checking" || stored.head.checkingSince !== checkingSince) return;
    const head: AgentHead = { ...stored.head, checkingSince: now() };
    if (await records.put(head, stored.etag) === null) return;
    const record = JSON.parse(await records.getText(head.recordHash)) as AgentRecord;
    // Whoever closes does not wait for it: the next look, of any node, begins it anew.
    this.check({ head }, record, null).catch((error) => this.#tell(error));
  }

  /** A worker of this node loaded a module that now says something else of itself. */
  #onManifestChange({ agentKey, expected, found }: ManifestChange): void {
    const message = "The module says something else of itself than when it was checked";
    for (const agent of this.#options.roster.byKey(agentKey)) {
      if (agent.status === "refused") continue;
      this.#note("MANIFEST_CHANGED", null, agent.ref, `Refused agent "${agent.ref}": ${message}`, {
        ...{ expected, found },
      });
      const finding = { capability: null, code: "MANIFEST_CHANGED", message };
      this.#goOn(this.#refuse(agent, expected, finding));
    }
  }

  async #refuse(
    { name, version, tenant }: RosterAgent,
    manifestHash: string,
    finding: AgentFinding,
  ): Promise<void> {
    const { records, roster } = this.#options;
    const stored = await records.head(name, version, tenant);
    if (stored === null || stored.head.manifestHash !== manifestHash) return;
    await this.#settle(stored.head, [finding]);
    await roster.refresh();
  }

  #goOn(work: Promise<void>): void {
    const done = work.catch((error) => this.#tell(error));
    this.#background.add(done);
    done.finally(() => this.#background.delete(done));
  }

  // --- telling ---

  #tell(error: unknown): void {
    if (!this.#isClosed) this.#options.onError(error);
  }

  #tellFindings(ref: string, findings: readonly AgentFinding[], by: string | null): void {
    if (findings.length === 0) {
      this.#note("CHECKED", by, ref, `Agent "${ref}" keeps what it claims`);
    }
    for (const { code, message, capability } of findings) {
      this.#note(code, by, ref, `Refused agent "${ref}": ${message}`, { capability });
    }
  }

  #note(
    code: string,
    from: string | null,
    to: string,
    message: string,
    details?: JsonObject,
  ): void {
    this.#options.audit.record({ kind: "agent", from, to, code, message, details });
  }
}

function stopped(): UnavailableError {
  return new UnavailableError("UNAVAILABLE", {
    message: "Cannot end the handshake: the node has stopped",
    hint: "Check the agent again once a node is up",
  });
}
