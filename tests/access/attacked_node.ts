/**
 * A node with everything that people reach it by, full of what attackers want: keys of every kind,
 * sessions, tokens, and runs of two tenants.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditEntry } from "../../core/audit_log.ts";
import { readAudit } from "../../runtime/audit/mod.ts";
import { cookieName } from "../../runtime/access/mod.ts";
import { type Server, startServer } from "../../runtime/server/mod.ts";
import { agentModule } from "../workflow_folder.ts";
import { type RawAnswer, type RawPart, sendRaw } from "./raw_http.ts";

/** A key as the API hands it out. */
export interface IssuedKey {
  id: string;
  key: string;
}

/** A browser's session. */
export interface IssuedSession {
  cookie: string;
  csrfToken: string;
}

/** Tokens as the API hands them out. */
export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
}

/** Two runs of one tenant: one that has written a file and ended, one that waits. */
export interface TenantRuns {
  ended: string;
  waiting: string;
}

const WRITER = {
  source: `name: writer
agents:
  scribe: { module: ./scribe.ts, permissions: { write: [./out] } }
tasks:
  write: { agent: scribe }
output: { report: "\${{ tasks.write.output.report }}", trap: "\${{ tasks.write.output.trap }}" }
`,
  files: {
    "scribe.ts": agentModule(`
    await Deno.mkdir("out", { recursive: true });
    await Deno.writeTextFile("out/report.html", "<script>alert(1)</script>");
    return { report: "out/report.html", trap: "../secret.txt" };`),
  },
};
const WAITER = `name: waiter
tasks:
  news: { wait: { signal: go } }
`;

/** Wide enough for a suite that comes from one address; narrow ones have a test of their own. */
const BUDGETS = {
  failures: { capacity: 10_000, perS: 10_000 },
  rates: { auth: { capacity: 10_000, perS: 10_000 } },
};

export class AttackedNode implements AsyncDisposable {
  readonly server: Server;
  readonly folder: string;
  readonly keys: Readonly<Record<string, IssuedKey>>;
  readonly runs: Readonly<Record<"acme" | "umbrella", TenantRuns>>;
  readonly session: IssuedSession;
  readonly viewerSession: IssuedSession;
  readonly tokens: IssuedTokens;
  /** What the app said of failures that should not be. */
  readonly faults: unknown[];

  private constructor(
    parts: Omit<
      AttackedNode,
      "ask" | "send" | "url" | "address" | "auditSince" | "auditSeq" | "cookieName"
    >,
  ) {
    this.server = parts.server;
    this.folder = parts.folder;
    this.keys = parts.keys;
    this.runs = parts.runs;
    this.session = parts.session;
    this.viewerSession = parts.viewerSession;
    this.tokens = parts.tokens;
    this.faults = parts.faults;
  }

  static async start(): Promise<AttackedNode> {
    const folder = await Deno.makeTempDir({ prefix: "denizen-access-" });
    const faults: unknown[] = [];
    const server = await startServer({
      dataDir: join(folder, "data"),
      version: "0.0.0",
      host: "127.0.0.1",
      port: 0,
      drainMs: 1_000,
      hasExamples: false,
      budgets: BUDGETS,
      onFault: (error) => void faults.push(error),
    });
    try {
      const setUp = new SetUp(server, folder);
      return new AttackedNode({ server, folder, faults, ...await setUp.fill() } as AttackedNode);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  get url(): string {
    return this.server.url;
  }

  get address(): { hostname: string; port: number } {
    const { hostname, port } = new URL(this.url);
    return { hostname, port: Number(port) };
  }

  get cookieName(): string {
    return cookieName({ isSecure: false, port: this.address.port });
  }

  /** Sends bytes as they are, to a node that takes work: on a busy machine it may not for a moment. */
  async send(parts: readonly RawPart[], options?: { patienceMs?: number }): Promise<RawAnswer> {
    while (!this.server.node.isReady()) await sleep(10);
    return await sendRaw(this.address, parts, options);
  }

  /** Number of the last entry of the audit log, with everything noted so far. */
  async auditSeq(): Promise<number> {
    await this.server.node.audit.flush();
    return (await this.server.node.stores.audit.head()).seq;
  }

  /** What was written since, oldest first. */
  async auditSince(seq: number): Promise<AuditEntry[]> {
    await this.server.node.audit.flush();
    return await readAudit(this.server.node.stores.audit, { from: seq + 1, limit: 1_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Fills a node by its own API. */
class SetUp {
  readonly #server: Server;
  readonly #folder: string;
  readonly #admin: string;

  constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
    this.#admin = server.firstKey!.text;
  }

  async fill() {
    const keys = await this.#makeKeys();
    await Deno.writeTextFile(join(this.#folder, "secret.txt"), "top secret");
    await this.#post("/workflows", WRITER, 201);
    await this.#post("/workflows", { source: WAITER }, 201);
    const runs = { acme: await this.#makeRuns("acme"), umbrella: await this.#makeRuns("umbrella") };
    return {
      keys,
      runs,
      session: await this.#openSession(this.#admin),
      viewerSession: await this.#openSession(keys.viewer!.key),
      tokens: await this.issueTokens(keys.operator!.key),
    };
  }

  async #makeKeys(): Promise<Record<string, IssuedKey>> {
    const wishes: Record<string, object> = {
      viewer: { role: "viewer" },
      operator: { role: "operator" },
      acmeAdmin: { role: "admin", tenant: "acme" },
      acme: { role: "operator", tenant: "acme" },
      umbrella: { role: "operator", tenant: "umbrella" },
      reader: { role: "admin", scopes: ["runs:read"] },
      repoOnly: { role: "operator", workflows: ["repo-*"] },
      repoAdmin: { role: "admin", workflows: ["repo-*"] },
      nightlyOnly: { role: "operator", tags: ["nightly"] },
      revoked: { role: "admin" },
      rotated: { role: "admin" },
    };
    const keys: Record<string, IssuedKey> = { admin: { id: "0".repeat(26), key: this.#admin } };
    for (const [name, wish] of Object.entries(wishes)) {
      keys[name] = await this.#post("/keys", { name, ...wish }, 201) as IssuedKey;
    }
    await this.#ask("DELETE", `/keys/${keys.revoked!.id}`, undefined, 200);
    await this.#post(`/keys/${keys.rotated!.id}/rotate`, {}, 200);
    keys.brief = await this.#makeBriefKey(2_000);
    return keys;
  }

  /** A key that has expired; on a busy machine its end may be over before it is made. */
  async #makeBriefKey(briefMs: number): Promise<IssuedKey> {
    const expiresAt = Date.now() + briefMs;
    const wish = { name: "brief", role: "admin", expiresAt: new Date(expiresAt).toISOString() };
    const made = await this.#post("/keys", wish, 201).catch((error) => {
      if (briefMs > 60_000 || !String(error).includes("KEY_INVALID")) throw error;
      return this.#makeBriefKey(2 * briefMs);
    });
    await sleep(Math.max(0, expiresAt - Date.now()) + 50);
    return made as IssuedKey;
  }

  async #makeRuns(tenant: string): Promise<TenantRuns> {
    const workDir = join(this.#folder, tenant);
    await Deno.mkdir(workDir);
    const submit = async (workflow: string) => {
      const run = await this.#post("/runs", { workflow, tenant, workDir }, 202);
      return (run as { runId: string }).runId;
    };
    const runs = { ended: await submit("writer"), waiting: await submit("waiter") };
    await this.#until(runs.ended, "completed");
    await this.#until(runs.waiting, "waiting");
    return runs;
  }

  async #until(runId: string, wanted: string): Promise<void> {
    for (let tries = 0; tries < 1_200; tries++) {
      const { status } = await this.#ask("GET", `/runs/${runId}`, undefined, 200) as {
        status: string;
      };
      if (status === wanted) return;
      assert.ok(status !== "failed", `run ${runId} failed`);
      await sleep(50);
    }
    throw new Error(`Run ${runId} never came to ${wanted}`);
  }

  async #openSession(apiKey: string): Promise<IssuedSession> {
    const response = await fetch(`${this.#server.url}/api/v1/auth/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ apiKey }),
    });
    assert.equal(response.status, 200);
    const { csrfToken } = await response.json();
    const cookie = response.headers.get("set-cookie")!.split(";")[0]!;
    return { cookie, csrfToken };
  }

  /** Tokens for a key. */
  async issueTokens(key: string): Promise<IssuedTokens> {
    const response = await fetch(`${this.#server.url}/api/v1/auth/token`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
    });
    assert.equal(response.status, 200);
    return await response.json();
  }

  #post(path: string, body: unknown, status: number): Promise<unknown> {
    return this.#ask("POST", path, body, status);
  }

  /** A node that is not ready yet, or too busy, is asked again, as it wishes. */
  async #ask(method: string, path: string, body: unknown, status: number): Promise<unknown> {
    for (let tries = 1;; tries++) {
      const response = await fetch(`${this.#server.url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#admin}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const retryAfterS = Number(response.headers.get("retry-after"));
      if (response.status === 503 && retryAfterS > 0 && tries < 30) {
        await sleep(retryAfterS * 1_000);
        continue;
      }
      assert.equal(response.status, status, `${method} ${path}: ${text}`);
      return JSON.parse(text);
    }
  }
}
