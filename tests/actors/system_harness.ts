/**
 * A real actor system from sources in a test: a folder, a system file, cells, a KV file.
 *
 * @module
 */
import { join } from "node:path";
import { stringify } from "yaml";
import type { SystemInput } from "../../actors/system/mod.ts";
import type { ActorSystem, SystemNews } from "../../runtime/actors/mod.ts";
import { hostActorSystem, type HostedActorSystem } from "../../runtime/node/host_actor_system.ts";
import { withPatientAsks } from "../patient_asks.ts";

const LIBRARY = `import { AgentError, defineActor, defineAgent } from "denizen";
import { z } from "zod";
`;

/** Actors by name: the source of the default export, and the rest of the definition. */
export type ActorSources = Record<string, { source: string } & Record<string, unknown>>;

export class SystemHarness implements AsyncDisposable {
  readonly folder: string;
  readonly news: SystemNews[] = [];
  readonly #open: HostedActorSystem;
  readonly #system: ActorSystem;
  #isClosed = false;

  private constructor(folder: string, open: HostedActorSystem, news: SystemNews[]) {
    this.folder = folder;
    this.#open = open;
    this.#system = withPatientAsks(open.system);
    this.news = news;
  }

  /** Starts a system; `folder` is that of an earlier one, to go on with what it left. */
  static async start(
    actors: ActorSources,
    rest: Partial<SystemInput> = {},
    folder?: string,
  ): Promise<SystemHarness> {
    const dir = folder ?? await Deno.makeTempDir({ prefix: "denizen-actors-" });
    const definitions: Record<string, unknown> = {};
    for (const [name, { source, ...definition }] of Object.entries(actors)) {
      await Deno.writeTextFile(join(dir, `${name}.ts`), LIBRARY + source);
      definitions[name] = { module: `./${name}.ts`, ...definition };
    }
    const file = join(dir, "system.yaml");
    await Deno.writeTextFile(file, stringify({ system: "test", actors: definitions, ...rest }));
    const news: SystemNews[] = [];
    try {
      const open = await hostActorSystem(file, {
        dataDir: join(dir, "data"),
        onNews: (each) => news.push(each),
      });
      return new SystemHarness(dir, open, news);
    } catch (error) {
      if (folder === undefined) await Deno.remove(dir, { recursive: true });
      throw error;
    }
  }

  get system(): ActorSystem {
    return this.#system;
  }

  get open(): HostedActorSystem {
    return this.#open;
  }

  /** Process ids of the cells that hold the definition. */
  pidsOf(name: string): number[] {
    return this.#open.cells.inspect().filter(({ agent, state }) =>
      agent === name && state === "ready"
    ).map(({ pid }) => pid);
  }

  newsOf<T extends SystemNews["type"]>(type: T): Extract<SystemNews, { type: T }>[] {
    return this.news.filter((each): each is Extract<SystemNews, { type: T }> => each.type === type);
  }

  /** Code of the error of an ask, or `null` when there was an answer. */
  async codeOf(to: string, type: string, payload: unknown = null, timeoutMs?: number) {
    try {
      await this.system.ask(to, type, payload as null, { timeoutMs });
      return null;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  }

  /** Stops in order and starts anew on the same folder. */
  async restart(actors: ActorSources, rest: Partial<SystemInput> = {}): Promise<SystemHarness> {
    await this.close();
    return await SystemHarness.start(actors, rest, this.folder);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#open.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }
}

/** Waits until `condition` holds. Throws after a minute. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = "the condition",
): Promise<void> {
  const endsAt = performance.now() + 60_000;
  while (!await condition()) {
    if (performance.now() > endsAt) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
