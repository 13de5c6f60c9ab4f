/**
 * The actor system of `systems/traffic.yaml`, and what is measured of it while messages flow.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { SystemNews } from "../runtime/actors/mod.ts";
import { cpuTicks } from "../runtime/cells/proc.ts";
import { KEYS } from "../runtime/store/actor_keys.ts";
import { hostActorSystem, type HostedActorSystem } from "../runtime/node/host_actor_system.ts";

const FILE = fileURLToPath(new URL("systems/traffic.yaml", import.meta.url));
const LOOK_MS = 1_000;
/** Looks for messages that are still on their way. */
const LOOKS_MAX = 10_000;
/** What went wrong is told so often. */
const FAULTS_MAX = 5;
/** A clock tick of `/proc`. */
const TICK_US = 10_000;
const MB = 1024 * 1024;

/** Where messages go, and how. */
export interface Flow {
  /** Keys of the senders. */
  senders: string[];
  /** Addresses; each sender sends to all of them in turn. */
  receivers: string[];
  durable: boolean;
  seconds: number;
}

/** What came of a flow. Only messages that were handled count. */
export interface FlowResult {
  handled: number;
  /** Messages a second, from the first to the moment when the last was handled. */
  perS: number;
  /** The same of each second. */
  perSecond: number[];
  /** Of each process, of the state file and of the log in it. */
  sizes: Record<string, Sizes>;
  /** Processor time of each process, in microseconds a message. */
  cpuUs: Record<string, number>;
}

/** A size over time. */
export interface Sizes {
  unit: "MB" | "segments";
  start: number;
  max: number;
  end: number;
}

/** A running system with its data in `dataDir`. */
export class Traffic {
  readonly #open: HostedActorSystem;
  readonly #dataDir: string;
  readonly #faults: string[];
  /** The state file, as others see it. */
  readonly #kv: Deno.Kv;

  private constructor(
    parts: { open: HostedActorSystem; dataDir: string; faults: string[]; kv: Deno.Kv },
  ) {
    this.#open = parts.open;
    this.#dataDir = parts.dataDir;
    this.#faults = parts.faults;
    this.#kv = parts.kv;
  }

  static async open(dataDir: string): Promise<Traffic> {
    const faults: string[] = [];
    const onNews = (news: SystemNews) => {
      if (news.type !== "tree" && faults.length < FAULTS_MAX) faults.push(JSON.stringify(news));
    };
    const open = await hostActorSystem(FILE, { dataDir, onNews });
    return new Traffic({ open, dataDir, faults, kv: await Deno.openKv(`${dataDir}/denizen.kv`) });
  }

  async close(): Promise<void> {
    this.#kv.close();
    await this.#open.close();
  }

  /** Milliseconds of each of `count` asks of one actor to another, one after the other. */
  async askMs(count: number): Promise<number[]> {
    const payload = { to: "actor://receiver/main", count };
    const options = { timeoutMs: 600_000 };
    const times = await this.#open.system.ask("actor://sender/1", "ask", payload, options);
    return times as number[];
  }

  /** Sends for so long, and waits until all is handled. */
  async flow({ senders, receivers, durable, seconds }: Flow): Promise<FlowResult> {
    const { system } = this.#open;
    const before = await this.#count(receivers);
    const ticks = this.#ticks();
    const startMs = performance.now();
    const watch = this.#watch(receivers);
    const payload = { to: receivers, forMs: seconds * 1_000, durable };
    const options = { timeoutMs: (seconds + 600) * 1_000 };
    const sent = await Promise.all(
      senders.map((key) => system.ask(`actor://sender/${key}`, "flood", payload, options)),
    );
    const all = (sent as number[]).reduce((sum, one) => sum + one, 0);
    for (let turn = 0; await this.#count(receivers) < before + all; turn++) {
      if (turn > LOOKS_MAX || this.#faults.length > 0) {
        const handled = await this.#count(receivers) - before;
        throw new Error(`Of ${all} messages ${handled} were handled: ${this.#faults.join(", ")}`);
      }
      await sleep(5);
    }
    const perS = all / (performance.now() - startMs) * 1000;
    return { handled: all, perS, cpuUs: this.#cpuUsSince(ticks, all), ...await watch() };
  }

  async #count(receivers: string[]): Promise<number> {
    const counts = await Promise.all(
      receivers.map((to) => this.#open.system.ask(to, "count", null, { lane: "high" })),
    );
    return (counts as number[]).reduce((sum, one) => sum + one, 0);
  }

  /** Looks once a second; the result ends it. */
  #watch(receivers: string[]): () => Promise<Pick<FlowResult, "perSecond" | "sizes">> {
    const perSecond: number[] = [];
    const sizes: Record<string, Sizes> = {};
    const stop = new AbortController();
    const look = async () => {
      for (const [name, size] of Object.entries(this.#sizes())) note(sizes, name, size, "MB");
      note(sizes, "log", await this.#countSegments(), "segments");
    };
    const looks = async () => {
      let [count, countedMs] = [await this.#count(receivers), performance.now()];
      while (!stop.signal.aborted) {
        await look();
        await sleep(LOOK_MS, null, { signal: stop.signal }).catch(() => {});
        if (stop.signal.aborted) return;
        const [now, nowMs] = [await this.#count(receivers), performance.now()];
        perSecond.push((now - count) / (nowMs - countedMs) * 1000);
        [count, countedMs] = [now, nowMs];
      }
    };
    const ended = looks();
    return async () => {
      stop.abort();
      await ended;
      await look();
      return { perSecond, sizes };
    };
  }

  #ticks(): Record<string, number> {
    const ticks: Record<string, number> = { node: cpuTicks(Deno.pid) ?? 0 };
    for (const { agent, pid } of this.#open.cells.inspect()) {
      if (agent !== null) ticks[`${agent} cell`] = cpuTicks(pid) ?? 0;
    }
    return ticks;
  }

  #cpuUsSince(before: Record<string, number>, messages: number): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.#ticks()).map(([name, ticks]) => [
        name,
        (ticks - (before[name] ?? 0)) * TICK_US / messages,
      ]),
    );
  }

  /** Of the log of durable messages: what is trimmed does not count. */
  async #countSegments(): Promise<number> {
    const [start, end] = [0, Number.MAX_SAFE_INTEGER].map((at) =>
      KEYS.log(this.#open.system.name, at)
    ) as [string[], string[]];
    const edge = async (reverse: boolean) => {
      for await (const { key } of this.#kv.list({ start, end }, { limit: 1, reverse })) {
        return Number(key.at(-1));
      }
    };
    const first = await edge(false);
    return first === undefined ? 0 : (await edge(true))! - first + 1;
  }

  #sizes(): Record<string, number> {
    const sizes: Record<string, number> = { node: Deno.memoryUsage().rss / MB };
    for (const { agent, rssBytes } of this.#open.cells.inspect()) {
      if (agent !== null) sizes[`${agent} cell`] = rssBytes / MB;
    }
    let bytes = 0;
    for (const { name } of Deno.readDirSync(this.#dataDir)) {
      if (name.startsWith("denizen.kv")) bytes += Deno.statSync(`${this.#dataDir}/${name}`).size;
    }
    sizes["state file"] = bytes / MB;
    return sizes;
  }
}

/** Adds a look at one thing. */
function note(
  sizes: Record<string, Sizes>,
  name: string,
  size: number,
  unit: Sizes["unit"],
): void {
  const known = sizes[name];
  if (known === undefined) sizes[name] = { unit, start: size, max: size, end: size };
  else {
    known.end = size;
    known.max = Math.max(known.max, size);
  }
}
