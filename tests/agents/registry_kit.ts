/**
 * A registry over real cells and a real store, for tests.
 *
 * @module
 */
import { type AgentRegistry, openAgentRegistry } from "../../runtime/agents/mod.ts";
import { type AuditLog, openAudit, readAudit } from "../../runtime/audit/mod.ts";
import { type Cells, createCells } from "../../runtime/cells/mod.ts";
import { openStores, type Stores } from "../../runtime/node/open_store.ts";

/** Somebody without a tenant. */
export const ADMIN = { by: "key:admin", tenant: null };

export class RegistryHarness implements AsyncDisposable {
  private constructor(
    readonly dataDir: string,
    readonly isOwner: boolean,
    readonly stores: Stores,
    readonly cells: Cells,
    readonly audit: AuditLog,
    readonly registry: AgentRegistry,
  ) {}

  /** @param options `beside`: another node whose store it shares */
  static async start(
    options: {
      beside?: RegistryHarness;
      idleMs?: number;
      abandonedMs?: number;
      letGoAfterMs?: number;
    } = {},
  ) {
    const { beside, idleMs, abandonedMs, letGoAfterMs } = options;
    const dataDir = beside?.dataDir ?? await Deno.makeTempDir({ prefix: "denizen-agents-" });
    const stores = await openStores({ dataDir });
    const cells = createCells({ spares: 0, idleMs });
    const clock = { now: () => Date.now() };
    const audit = openAudit(stores.audit, clock);
    const registry = await openAgentRegistry({
      documents: stores.documents,
      blobs: stores.runs,
      cells,
      dataDir,
      now: clock.now,
      audit,
      handshake: { attemptMs: 5_000, bidMs: 1_000, totalMs: 10_000 },
      abandonedMs,
      letGoAfterMs,
    });
    return new RegistryHarness(
      dataDir,
      beside === undefined,
      stores,
      cells,
      audit,
      registry,
    );
  }

  /** Codes on the audit log that concern the agent, oldest first. */
  async audited(ref: string): Promise<string[]> {
    await this.audit.flush();
    return (await readAudit(this.stores.audit, { limit: 1_000 })).filter(({ to }) => to === ref)
      .map(({ code }) => code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry.close();
    await this.cells.close();
    await this.audit.close();
    await this.stores.close();
    if (this.isOwner) await Deno.remove(this.dataDir, { recursive: true });
  }
}

/** Source of a module; `parts` are members of the agent beside its name and version. */
export function agentSource(name: string, version: string, parts: string, top = ""): string {
  return `import { defineAgent } from "denizen";
import { z } from "zod";
${top}
export default defineAgent({ name: ${JSON.stringify(name)}, version: ${JSON.stringify(version)},
  ${parts} } as never);`;
}

/** An agent that counts words, as it should. */
export function counter(version = "1.0.0", more = ""): string {
  return agentSource(
    "counter",
    version,
    `capabilities: { "words.count": {
      input: z.object({ text: z.string() }), output: z.number(), isA: "count", partOf: "audit",
      examples: [{ input: { text: "a b" }, output: 2 }, { input: { text: "" } }],
    } },
    ${more}
    run: ({ text }) => text.split(" ").length,`,
  );
}
