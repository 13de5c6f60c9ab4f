/**
 * The actor system under attack: neighbours that do no harm, attackers with the bodies of all
 * behaviours as messages, and things outside that nobody may reach.
 *
 * @module
 */
import { join } from "node:path";
import { stringify } from "yaml";
import type { AuditEntry } from "../../../core/audit_log.ts";
import type { Json } from "../../../core/json.ts";
import type { ActorSystem, SystemNews } from "../../../runtime/actors/mod.ts";
import { type AuditReader, openAuditReader } from "../../../runtime/node/audit_reader.ts";
import {
  hostActorSystem,
  type HostedActorSystem,
} from "../../../runtime/node/host_actor_system.ts";
import { isRunning } from "../../cells/cell_harness.ts";
import type { Behaviour } from "./behaviour.ts";
import { LatencyProbe } from "./latency_probe.ts";
import { attackerSource, neighbourSource } from "./modules.ts";

/** The neighbour in another cell of another definition. */
export const NEIGHBOUR = "actor://neighbour/main";
/** The neighbour in another cell of the attacker's own definition. */
export const TWIN = "actor://villain/twin";
/** What nobody may read. */
export const SECRET = "the secret of the node";

/** Times of the attackers, as the rows state them. */
export const HEARTBEAT_MS = 1_000;
export const HANDLE_MS = 2_000;

const LIMITS = {
  isolation: "own",
  replicas: { min: 0, max: 8 },
  idle: "3s",
  timeout: { handle: `${HANDLE_MS}ms`, heartbeat: `${HEARTBEAT_MS}ms` },
  deliver: { maxAttempts: 3, poisonAfter: 2, backoff: { initial: "50ms", jitter: "none" } },
  mailbox: { messages: 1_000 },
};

export class Arena implements AsyncDisposable {
  readonly folder: string;
  readonly news: SystemNews[] = [];
  /** Connections that reached the control plane: there may be none. */
  connections = 0;
  #open!: HostedActorSystem;
  #audit!: AuditReader;
  #listener!: Deno.TcpListener;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(behaviours: readonly Behaviour[]): Promise<Arena> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "denizen-hostile-" }));
    Deno.env.set("DENIZEN_ACTOR_KEYS", JSON.stringify({ team: [newKey()] }));
    const arena = new Arena(folder);
    await arena.#prepare(behaviours);
    const file = join(folder, "system.yaml");
    arena.#open = await hostActorSystem(file, {
      dataDir: arena.dataDir,
      workDir: folder,
      onNews: (news) => arena.news.push(news),
    });
    arena.#audit = await openAuditReader({ dataDir: arena.dataDir });
    return arena;
  }

  async #prepare(behaviours: readonly Behaviour[]): Promise<void> {
    const { folder } = this;
    const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
    await Deno.mkdir(join(folder, "granted"));
    await write("secret.txt", SECRET);
    await write("secret.ts", `export default ${JSON.stringify(SECRET)};`);
    await Deno.symlink(join(folder, "secret.txt"), join(folder, "granted", "link"));
    await write("neighbour.ts", neighbourSource());
    const [agents, actors] = [true, false].map((isAgent) =>
      behaviours.filter(({ by }) => (by === "agent") === isAgent)
    );
    await write("villain.ts", attackerSource(actors!, "actor"));
    await write("hoarder.ts", attackerSource(actors!, "keeper"));
    await write("agent.ts", attackerSource(agents!, "agent"));
    await write("system.yaml", stringify(systemFile()));
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void this.#count();
  }

  /** The control plane of this test: it only counts who comes. */
  async #count(): Promise<void> {
    for await (const connection of this.#listener) {
      this.connections++;
      connection.close();
    }
  }

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  get system(): ActorSystem {
    return this.#open.system;
  }

  /** Process ids of all cells, spares included. */
  pids(): number[] {
    return this.#open.cells.inspect().map(({ pid }) => pid).filter(isRunning);
  }

  /** Process ids of the cells of a definition. */
  pidsOf(name: string): number[] {
    return this.#open.cells.inspect().filter(({ agent }) => agent === name).map(({ pid }) => pid);
  }

  /** Begins to measure how well the neighbours and the node's event loop answer. */
  probe(): LatencyProbe {
    return new LatencyProbe(
      [NEIGHBOUR, TWIN],
      (to, type, payload, options) => this.system.ask(to, type, payload, options),
    );
  }

  async ask(to: string, type: string, payload: Json = null, timeoutMs = 30_000): Promise<Json> {
    return await this.system.ask(to, type, payload, { timeoutMs });
  }

  /** Number of the newest entry of the audit log. */
  async auditHead(): Promise<number> {
    await this.#open.audit.flush();
    return (await this.#audit.list({ limit: 1 }))[0]?.seq ?? 0;
  }

  async auditFrom(seq: number): Promise<AuditEntry[]> {
    await this.#open.audit.flush();
    return await this.#audit.list({ from: seq, limit: 5_000 });
  }

  async isAuditWhole(): Promise<boolean> {
    return (await this.#audit.verify()).broken === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#audit.close();
    this.#listener.close();
    await this.#open.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** 32 bytes in base64. */
function newKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}

function systemFile() {
  const villain = { module: "./villain.ts", ...LIMITS };
  const neighbour = { module: "./neighbour.ts" };
  return {
    system: "hostile",
    actors: {
      neighbour,
      victim: { ...neighbour },
      lobby: { ...neighbour, accept: { from: ["external"] } },
      cashier: {
        ...neighbour,
        accept: { from: ["actor://neighbour/*"], messages: ["echo", "note"] },
      },
      vault: { ...neighbour, encrypt: { key: "team" } },
      villain,
      mob: { ...villain, isolation: "shared", replicas: { min: 0, max: 1 } },
      hoarder: { ...villain, module: "./hoarder.ts" },
      runner: { ...villain, permissions: { run: ["/bin/sleep"] } },
      writer: { ...villain, permissions: { read: ["granted"], write: ["granted"] } },
      agent: { module: "./agent.ts", timeout: LIMITS.timeout, replicas: { min: 0, max: 1 } },
    },
    supervisor: { children: ["neighbour", "lobby", "cashier"] },
    topics: [
      { name: "news.*", retain: { messages: 100 } },
      { name: "staff.*", publish: ["actor://neighbour/*"] },
    ],
    subscriptions: [
      { topic: "news.*", to: NEIGHBOUR, message: "note" },
      { topic: "staff.*", to: NEIGHBOUR, message: "note" },
      { topic: "desk.*", to: "actor://cashier/main", message: "note" },
    ],
  };
}
