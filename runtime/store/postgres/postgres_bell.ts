/**
 * The doorbell of a schema: NOTIFY and LISTEN ("Asynchronous Notification" in the manual of
 * PostgreSQL). A payload is a JSON list of topics.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "node:zlib";
import type { BellTopic, Doorbell } from "../../../core/cluster_ports.ts";
import { textArray } from "./array_literal.ts";
import { Database } from "./database.ts";
import { openPool, type Pool } from "./pool.ts";
import type { PostgresAddress, PostgresHost } from "./postgres_url.ts";

/** A payload takes less than 8,000 bytes. */
const PAYLOAD_BYTES_MAX = 7_900;
/** How long the server may take to answer. */
const ANSWER_MS = 2_000;
/** How often a connection that is silent is asked whether it is still there. */
const CHECK_EVERY_MS = 5_000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;

/** Connects when it is first rung or listened to; `close` ends both. */
export class PostgresBell implements Doorbell {
  readonly #address: PostgresAddress;
  readonly #channel: string;
  readonly #listeners = new Set<(topic: BellTopic) => void>();
  readonly #waiting = new Set<BellTopic>();
  readonly #closing = new AbortController();
  #ringer: Database | undefined;
  #ringing: Promise<void> | undefined;
  #listening: Promise<void> | undefined;
  #line: Pool | undefined;

  constructor(address: PostgresAddress) {
    this.#address = address;
    // A name takes 63 bytes, and so does that of a schema.
    this.#channel = `denizen_${crc32(address.schema).toString(16)}`;
  }

  /** Topics of one turn, and those that come while the bell rings, go together. */
  ring(topics: readonly BellTopic[]): void {
    if (this.#closing.signal.aborted) return;
    for (const topic of topics) this.#waiting.add(topic);
    this.#ringing ??= this.#ringAll().finally(() => this.#ringing = undefined);
  }

  async #ringAll(): Promise<void> {
    // The rings of this turn are yet to come.
    await sleep(0);
    // Also when it is being closed: who rings and leaves wants to be heard.
    while (this.#waiting.size > 0) {
      const payloads = textArray(payloadsOf([...this.#waiting]));
      this.#waiting.clear();
      try {
        await this.#ringerOf().once((sql) =>
          sql`select pg_notify(${this.#channel}, p) from unnest(${payloads}::text[]) p`
        );
      } catch {
        // A hint: whoever waits for it looks by itself as well.
      }
    }
  }

  /** Of its own: a ring waits neither for the disk nor behind writes. */
  #ringerOf(): Database {
    return this.#ringer ??= new Database(this.#address, {
      patienceMs: ANSWER_MS,
      tryMs: ANSWER_MS,
      pool: { connectionsMax: 1, settings: { synchronous_commit: "off" } },
    });
  }

  listen(onRing: (topic: BellTopic) => void): () => void {
    // The same function may listen twice, and each is ended by itself.
    const tell = (topic: BellTopic) => onRing(topic);
    this.#listeners.add(tell);
    this.#listening ??= this.#listenAlways();
    return () => this.#listeners.delete(tell);
  }

  /** Until the bell is closed: when the connection breaks, another one at the next host. */
  async #listenAlways(): Promise<void> {
    const { hosts } = this.#address;
    const { signal } = this.#closing;
    let delayMs = FIRST_DELAY_MS;
    for (let at = 0; !signal.aborted; at = (at + 1) % hosts.length) {
      const wasHeard = await this.#listenAt(hosts[at]!);
      delayMs = wasHeard ? FIRST_DELAY_MS : Math.min(2 * delayMs, LONGEST_DELAY_MS);
      await sleep(delayMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    }
  }

  /** Ends when the connection does; `true` when there was one. */
  async #listenAt(host: PostgresHost): Promise<boolean> {
    const line = openPool(this.#address, host, {
      connectionsMax: 1,
      isKept: true,
      onNotify: (payload) => this.#tell(payload),
    });
    this.#line = line;
    let isThere = false;
    try {
      await limit(line, line.sql`listen ${line.sql(this.#channel)}`);
      for (isThere = true; await isStill(line);) {
        await limit(line, line.sql`select 1`);
      }
    } catch {
      // The caller tries again.
    }
    line.destroy();
    return isThere;
  }

  #tell(payload: string): void {
    const topics: BellTopic[] = JSON.parse(payload);
    for (const topic of topics) {
      for (const tell of this.#listeners) tell(topic);
    }
  }

  /** Nobody is told any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#listeners.clear();
    await Promise.all([this.#line?.close(), this.#ringing]);
    await Promise.all([this.#listening, this.#ringer?.close()]);
  }
}

/** Cuts off a server that does not answer, so that the query fails. */
async function limit(line: Pool, query: PromiseLike<unknown>): Promise<void> {
  const timer = setTimeout(() => line.destroy(), ANSWER_MS);
  try {
    await query;
  } finally {
    clearTimeout(timer);
  }
}

/** `true` after a while without news; `false` as soon as the connection is closed. */
function isStill(line: Pool): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), CHECK_EVERY_MS);
    line.worn.then(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

/** Lists of topics, each no longer than a payload may be. A topic that is longer is left out. */
export function payloadsOf(topics: readonly BellTopic[]): string[] {
  const payloads: string[] = [];
  let texts: string[] = [];
  let bytes = 0;
  const flush = () => {
    if (texts.length > 0) payloads.push(`[${texts.join(",")}]`);
    texts = [];
    bytes = 2;
  };
  flush();
  for (const topic of topics) {
    const text = JSON.stringify(topic);
    const size = Buffer.byteLength(text) + 1;
    if (size + 2 > PAYLOAD_BYTES_MAX) continue;
    if (bytes + size > PAYLOAD_BYTES_MAX) flush();
    texts.push(text);
    bytes += size;
  }
  flush();
  return payloads;
}
