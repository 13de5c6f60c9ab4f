/**
 * Far more virtual actors than may be resident: every message numbered by its sender, every number
 * checked by its receiver, and the receivers' states read from the store at the end.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import type { ActorStore } from "../../core/actor_ports.ts";
import { loadSystem } from "../../runtime/actors/mod.ts";
import { hostActorSystem, type HostedActorSystem } from "../../runtime/node/host_actor_system.ts";
import { openKvStores } from "../../runtime/store/mod.ts";
import type { RunEvent } from "../../workflows/mod.ts";

export interface VisitOptions {
  /** Empty. */
  dataDir: string;
  /** Virtual actors. */
  books: number;
  residentMax: number;
  /** Messages of each of the visitors to each of the books. */
  rounds: number;
  /** Called about once a second. */
  onProgress?: (line: string) => void;
}

export interface VisitReport {
  messages: number;
  seconds: number;
  /** Messages that no state knows of. */
  lost: number;
  /** What the receivers found wrong. */
  faults: string[];
  /** What the system refused, and actors that broke. */
  troubles: string[];
  /** Most virtual actors that were resident at once, of those looks that were taken. */
  residentsMax: number;
  /** Milliseconds from sending to handling of every message, in order. */
  latenciesMs: number[];
  /** Resident memory, in MB. */
  nodeMbMax: number;
  cellMbMax: Record<string, number>;
  stateFileMb: number;
}

export const VISITORS = 5;
const FILE = fileURLToPath(new URL("visits/system.yaml", import.meta.url));
const LOOK_MS = 200;
const TROUBLES_MAX = 20;
const MB = 1024 * 1024;
const WALK_MS_MAX = 3 * 3_600_000;

/** Lets the visitors go through all books, and counts in the store what came of it. */
export async function runVisits(options: VisitOptions): Promise<VisitReport> {
  const { dataDir, residentMax } = options;
  const loaded = await loadSystem(FILE, { cacheDir: `${dataDir}/bundles` });
  const definition = { ...loaded.definition, residentMax };
  const troubles: string[] = [];
  const open = await hostActorSystem({ ...loaded, definition }, {
    dataDir,
    onNews: (news) => {
      if (news.type !== "tree" && troubles.length < TROUBLES_MAX) {
        troubles.push(JSON.stringify(news));
      }
    },
  });
  const watch = new Watch(open, options);
  const startMs = performance.now();
  try {
    await walk(open, options, watch);
  } finally {
    // Stopping in order lets the books finish what was told to them.
    await open.close();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const messages = VISITORS * options.books * options.rounds;
  return { messages, seconds, troubles, ...watch.report, ...await readBooks(options) };
}

async function walk(
  { system }: HostedActorSystem,
  { books, rounds }: VisitOptions,
  watch: Watch,
): Promise<void> {
  const walks = Array.from({ length: VISITORS }, (_, i) =>
    system.ask(
      `actor://visitor/${i + 1}`,
      "walk",
      // Each begins elsewhere, so that they seldom meet.
      { books, rounds, first: Math.floor(i * books / VISITORS) },
      { timeoutMs: WALK_MS_MAX },
    ));
  const watching = watch.start();
  try {
    await Promise.all(walks);
  } finally {
    watch.stop();
    await watching;
  }
}

/** Looks at a running system again and again. */
class Watch {
  readonly report = {
    residentsMax: 0,
    nodeMbMax: 0,
    cellMbMax: {} as Record<string, number>,
  };
  readonly #open: HostedActorSystem;
  readonly #options: VisitOptions;
  readonly #stop = new AbortController();
  #toldMs = performance.now();

  constructor(open: HostedActorSystem, options: VisitOptions) {
    this.#open = open;
    this.#options = options;
  }

  async start(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#look();
      await sleep(LOOK_MS, null, { signal: this.#stop.signal }).catch(() => {});
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  #look(): void {
    const { report } = this;
    const { residents, active } = this.#open.system.stats();
    report.residentsMax = Math.max(report.residentsMax, residents);
    report.nodeMbMax = Math.max(report.nodeMbMax, Deno.memoryUsage().rss / MB);
    let attempts = 0;
    for (const cell of this.#open.cells.inspect()) {
      if (cell.agent === null) continue;
      const known = report.cellMbMax[cell.agent] ?? 0;
      report.cellMbMax[cell.agent] = Math.max(known, cell.rssBytes / MB);
      if (cell.agent === "book") attempts += cell.attempts;
    }
    if (performance.now() - this.#toldMs < 1_000) return;
    this.#toldMs = performance.now();
    const { books, rounds, onProgress } = this.#options;
    onProgress?.(
      `${attempts} starts, messages and stops so far, for ${VISITORS * books * rounds} messages; ` +
        `${residents} resident, ${active} active, node ${Math.round(report.nodeMbMax)} MB`,
    );
  }
}

interface Book {
  last: Record<string, number>;
  ms: number[];
  faults: string[];
}

/** What the books hold, by the store alone. */
async function readBooks(
  { dataDir, books, rounds }: VisitOptions,
): Promise<Pick<VisitReport, "lost" | "faults" | "latenciesMs" | "stateFileMb">> {
  const path = `${dataDir}/denizen.kv`;
  const stateFileMb = Deno.statSync(path).size / MB;
  const stores = await openKvStores<RunEvent, DeliveryEvent>(path);
  try {
    const latencies: number[] = [];
    const faults: string[] = [];
    let lost = VISITORS * books * rounds;
    for await (const { address, book } of statesOf(stores.actors, books)) {
      latencies.push(...book.ms);
      faults.push(...book.faults.map((fault) => `${address}: ${fault}`));
      for (const [sender, last] of Object.entries(book.last)) {
        if (last > rounds) faults.push(`${address}: ${last} visits of ${sender}`);
        lost -= last;
      }
      if (book.ms.length !== VISITORS * rounds) {
        faults.push(`${address}: handled ${book.ms.length} messages`);
      }
    }
    return { lost, faults, stateFileMb, latenciesMs: latencies.sort((a, b) => a - b) };
  } finally {
    stores.close();
  }
}

async function* statesOf(
  store: ActorStore<DeliveryEvent>,
  books: number,
): AsyncGenerator<{ address: string; book: Book }> {
  const PAGE = 1_000;
  for (let from = 0; from < books; from += PAGE) {
    const count = Math.min(PAGE, books - from);
    const addresses = Array.from({ length: count }, (_, i) => `actor://book/${from + i}`);
    const states = await store.states("visits", addresses);
    for (const [at, state] of states.entries()) {
      const book = state === null ? { last: {}, ms: [], faults: [] } : JSON.parse(state.text);
      yield { address: addresses[at]!, book };
    }
  }
}
