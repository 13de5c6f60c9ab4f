import { setTimeout as sleep } from "node:timers/promises";
import { DenizenError } from "../../../core/errors.ts";
import {
  closed,
  Interruption,
  RequestRefused,
  tokenRefused,
  unavailable,
} from "./kv_connect_errors.ts";
import { askMetadata, type Metadata, readMetadata } from "./metadata.ts";

export interface ConnectionOptions {
  /** How long a server that is gone is waited for. Default 60 s. */
  patienceMs?: number;
  /** How long one try may take. Default 15 s. */
  tryMs?: number;
  /** How long a server may be silent that watches keys; it says something each 5 s. Default 15 s. */
  silenceMs?: number;
}

const PATIENCE_MS = 60_000;
const TRY_MS = 15_000;
const SILENCE_MS = 15_000;
const FIRST_DELAY_MS = 10;
const LONGEST_DELAY_MS = 1_000;

/**
 * HTTP to one KV Connect server. Deno's own client is not used: it tries again for ever, prints to
 * standard error, cannot tell whether a write whose answer was lost was done, and a lone request
 * over a kilobyte takes it 45 ms. See `docs/decisions/0011-kv-connect.md`.
 */
export class Connection {
  /** Without user and password. */
  readonly url: string;
  readonly #target: URL;
  readonly #token: string;
  readonly #patienceMs: number;
  readonly #tryMs: number;
  readonly silenceMs: number;
  // HTTP/1.1: a commit is one request, and nothing waits behind another one in its connection.
  readonly #client = Deno.createHttpClient({ http1: true, http2: false });
  readonly #end = new AbortController();
  #metadata: (Metadata & { until: number }) | null = null;

  constructor(url: URL, token: string, options: ConnectionOptions = {}) {
    this.#target = url;
    this.url = url.href;
    this.#token = token;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#tryMs = options.tryMs ?? TRY_MS;
    this.silenceMs = options.silenceMs ?? SILENCE_MS;
  }

  /** Aborted when the connection is closed. */
  get closing(): AbortSignal {
    return this.#end.signal;
  }

  /**
   * Does `work`, again and again while it is interrupted: for what may be done twice.
   *
   * @throws {UnavailableError} `STORE_UNAVAILABLE` when patience is at its end, or the store closed
   */
  async repeat<T>(
    work: () => Promise<T>,
    { patienceMs = this.#patienceMs, isWrite = false } = {},
  ): Promise<T> {
    const giveUpAt = performance.now() + patienceMs;
    for (let delayMs = FIRST_DELAY_MS;; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      if (this.closing.aborted) throw closed(this.url);
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        if (this.closing.aborted) throw closed(this.url);
        if (performance.now() > giveUpAt) throw unavailable(this.url, error, isWrite);
      }
      await this.#pause(delayMs * (0.5 + Math.random()));
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.closing }).catch(() => {});
  }

  /**
   * One request of the data path, one try.
   *
   * @throws {Interruption} when no answer came, or none that helps
   * @throws {RequestRefused} when the server refuses the request as such
   */
  async post(method: string, body: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    return await this.#attempt(async (signal) => {
      const response = await this.#request(method, body, signal);
      return new Uint8Array(await response.arrayBuffer());
    });
  }

  /** A request whose answer has no end: as it comes. Throws as {@linkcode post} does. */
  async stream(
    method: string,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<ReadableStream<Uint8Array>> {
    return await this.#attempt(async (signal) => {
      const response = await this.#request(method, body, signal);
      return response.body ?? new Blob().stream();
    });
  }

  /** The server is there and takes the token. One try; throws as `readMetadata` does. */
  async greet(): Promise<void> {
    await this.#attempt((signal) => this.#ask(signal));
  }

  close(): void {
    this.#end.abort();
    this.#client.close();
  }

  async #attempt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const late = () => limit.abort(new Error(`no answer within ${this.#tryMs} ms`));
    const timer = setTimeout(late, this.#tryMs);
    const stop = () => limit.abort(new Error("the store was closed"));
    this.closing.addEventListener("abort", stop);
    try {
      return await work(limit.signal);
    } catch (error) {
      throw interruptionOf(limit.signal.aborted ? limit.signal.reason : error);
    } finally {
      clearTimeout(timer);
      this.closing.removeEventListener("abort", stop);
    }
  }

  async #request(
    method: string,
    body: Uint8Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Response> {
    const { endpoint, headers } = await this.#ask(signal);
    const init = { method: "POST", headers, body, signal, client: this.#client };
    const response = await fetch(`${endpoint}/${method}`, init);
    if (response.status !== 200) await this.#refuse(response);
    return response;
  }

  async #refuse(response: Response): Promise<never> {
    const { status } = response;
    const reason = (await response.text()).trim().slice(0, 200);
    // Whatever the server said of itself may be out of date.
    this.forget();
    if (status >= 500 || status === 429) throw new Interruption(`it answers ${status}: ${reason}`);
    if (status === 401 || status === 403) throw tokenRefused(this.url, reason);
    throw new RequestRefused(`The store refuses a request with status ${status}: ${reason}`);
  }

  /** Lets the next request ask the server what it says of itself. */
  forget(): void {
    this.#metadata = null;
  }

  async #ask(signal: AbortSignal): Promise<Metadata> {
    const known = this.#metadata;
    if (known !== null && performance.now() < known.until) return known;
    const init = { ...askMetadata(this.#token), signal, client: this.#client };
    const metadata = await readMetadata(this.url, await fetch(this.#target, init));
    const until = performance.now() + metadata.lifeMs / 2;
    this.#metadata = { ...metadata, until };
    return metadata;
  }
}

/** `fetch` tells by a `TypeError` that no answer came; ours are thrown after one came. */
function interruptionOf(error: unknown): unknown {
  if (!(error instanceof Error)) return new Interruption(String(error));
  const isOurs = error instanceof Interruption || error instanceof DenizenError ||
    error instanceof RequestRefused;
  return isOurs ? error : new Interruption(innermost(error));
}

/** `Connection refused`, rather than the three errors around it. */
function innermost(error: Error): string {
  const text = error.cause instanceof Error ? error.cause.message : error.message;
  return text.replace(/^.*error[^:]*: /, "");
}
