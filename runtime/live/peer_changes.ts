import { setTimeout as sleep } from "node:timers/promises";
import { isJsonObject, type Json } from "../../core/json.ts";
import { FrameLog } from "./frame_log.ts";
import type { ListenerTurns } from "./listener_turns.ts";
import type { LiveNode } from "./live_node.ts";
import { mergeChanges, type RunChange } from "./run_change.ts";

/** Method of the link by which nodes ask each other what changed. */
const METHOD = "live.changes";
/** An ask is answered after so long, also when nothing changed. */
const HOLD_MS = 8_000;
const ASK_MS = 10_000;
const AGAIN_MS = 1_000;
/** How often it is looked who there is to ask. */
const LOOK_MS = 1_000;
const LIMITS = { entriesMax: 64, charsMax: Infinity };
/** Changes that one answer tells of; whoever is further behind hears that it misses some. */
const CHANGES_MAX = 2_000;

export interface PeerChangesOptions {
  node: Pick<LiveNode, "nodeId" | "members" | "link">;
  /** Changes of runs that another node leads. */
  onChanges: (changes: RunChange[]) => void;
  /** Runs changed elsewhere that nobody tells of: before another node was asked, or too many. */
  onGap: () => void;
  /** Another node wants to hear of changes from now on. */
  onAsked: () => void;
  /** Nodes that wait to hear of changes are woken in their turn. */
  turns: ListenerTurns;
  onError: (error: unknown) => void;
}

/** What another node tells. */
interface Answer {
  session: string;
  next: number;
  changes: RunChange[];
  /** Others changed as well since the one who asks has heard of any. */
  hasGap: boolean;
}

/** What changed elsewhere, and for others what changed here. */
export class PeerChanges {
  readonly #options: PeerChangesOptions;
  readonly #session = crypto.randomUUID();
  readonly #own: FrameLog<RunChange[]>;
  readonly #closing = new AbortController();
  /** Nodes that are being asked, by name and boot. */
  readonly #asking = new Map<string, { stop: AbortController; done: Promise<void> }>();
  #looking: ReturnType<typeof setInterval> | undefined;
  #askedAt = -Infinity;

  constructor(options: PeerChangesOptions) {
    this.#options = options;
    this.#own = new FrameLog<RunChange[]>({ limits: LIMITS, turns: options.turns });
    options.node.link.handle(METHOD, (body, { signal }) => this.#answer(body, signal));
  }

  /** Whether another node wants to hear of changes. */
  get isAsked(): boolean {
    return performance.now() - this.#askedAt < 2 * ASK_MS;
  }

  /** Tells other nodes what changed here. */
  tell(changes: RunChange[]): void {
    if (changes.length > 0) this.#own.push(changes, 0);
  }

  /** Asks the other nodes from now on, until {@linkcode stop}. */
  start(): void {
    if (this.#looking !== undefined) return;
    this.#lookAround();
    this.#looking = setInterval(() => this.#lookAround(), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#looking);
    this.#looking = undefined;
    const asked = [...this.#asking.values()];
    for (const { stop } of asked) stop.abort();
    await Promise.all(asked.map(({ done }) => done));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#own.close();
    await this.stop();
  }

  #lookAround(): void {
    const { node } = this.#options;
    const peers = new Map(
      node.members()
        .filter(({ nodeId, state, url }) => nodeId !== node.nodeId && state !== "gone" && url)
        .map(({ nodeId, boot, url }) => [`${nodeId}/${boot}`, url!]),
    );
    for (const [name, { stop }] of this.#asking) if (!peers.has(name)) stop.abort();
    for (const [name, url] of peers) {
      if (this.#asking.has(name)) continue;
      const stop = new AbortController();
      const done = this.#askOn(url, stop.signal).finally(() => this.#asking.delete(name));
      this.#asking.set(name, { stop, done });
    }
  }

  async #askOn(url: string, signal: AbortSignal): Promise<void> {
    let place: { session: string; after: number } | null = null;
    while (!signal.aborted) {
      try {
        const options = { timeoutMs: ASK_MS, signal };
        const { session, next, changes, hasGap } = readAnswer(
          await this.#options.node.link.call(url, METHOD, place ?? {}, options),
        );
        if (signal.aborted) return;
        place = { session, after: next };
        if (hasGap) this.#options.onGap();
        if (changes.length > 0) this.#options.onChanges(changes);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onError(error);
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #answer(body: Json, signal: AbortSignal): Promise<Json> {
    this.#askedAt = performance.now();
    this.#options.onAsked();
    const { session, after } = isJsonObject(body) ? body : {};
    // Whoever asks for the first time is answered at once: from here on it misses nothing.
    if (session !== this.#session || typeof after !== "number") return this.#since(null);
    const patience = AbortSignal.any([signal, this.#closing.signal, AbortSignal.timeout(HOLD_MS)]);
    using reader = this.#own.reader(patience);
    await reader.changed(after);
    return this.#since(after);
  }

  /** What changed since; `null`: whoever asks knows nothing. */
  #since(after: number | null): Json {
    const from = Math.max(after ?? this.#own.next, this.#own.first);
    const changes = new Map<string, RunChange>();
    const { next } = this.#own;
    for (let index = from; index < next; index++) {
      for (const change of this.#own.at(index) ?? []) {
        changes.set(change.runId, mergeChanges(changes.get(change.runId), change));
      }
    }
    const newest = [...changes.values()].slice(-CHANGES_MAX);
    const hasGap = from !== after || newest.length < changes.size;
    return { session: this.#session, next, changes: newest, hasGap } as unknown as Json;
  }
}

function readAnswer(answer: Json): Answer {
  if (isJsonObject(answer) && Array.isArray(answer.changes)) return answer as unknown as Answer;
  throw new TypeError(`Got no answer to "${METHOD}" but ${JSON.stringify(answer).slice(0, 80)}`);
}
