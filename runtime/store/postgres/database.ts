import { setTimeout as sleep } from "node:timers/promises";
import { Interruption, readError } from "./postgres_errors.ts";
import { openPool, type Pool, type PoolOptions, type Sql } from "./pool.ts";
import type { PostgresAddress } from "./postgres_url.ts";
import { nameTables, type Tables } from "./tables.ts";

export interface DatabaseOptions {
  /** How long a server that is gone is waited for. Default 60 s. */
  patienceMs?: number;
  /** How long one try may take before its connection counts as broken. Default 15 s. */
  tryMs?: number;
  pool?: PoolOptions;
}

const PATIENCE_MS = 60_000;
const TRY_MS = 15_000;
const FIRST_DELAY_MS = 20;
const LONGEST_DELAY_MS = 1_000;

/**
 * A database on one of several servers. When a connection breaks, all connections are given up and
 * the next host is tried.
 */
export class Database {
  readonly address: PostgresAddress;
  readonly tables: Tables;
  readonly #patienceMs: number;
  readonly #tryMs: number;
  readonly #poolOptions: PoolOptions | undefined;
  /** Tries that are under way, by pool. */
  readonly #tries = new Map<Pool, number>();
  #pool: Pool;
  #hostAt = 0;

  constructor(address: PostgresAddress, options: DatabaseOptions = {}) {
    this.address = address;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.#tryMs = options.tryMs ?? TRY_MS;
    this.#poolOptions = options.pool;
    this.#pool = this.#openPool();
    this.tables = nameTables(this.#pool.sql, address.schema);
  }

  /**
   * Does `work`, again and again while connections break: for what may be done twice.
   *
   * @throws {UnavailableError} `STORE_UNAVAILABLE` when patience is at its end
   */
  repeat<T>(
    work: (sql: Pool["sql"]) => Promise<T>,
    patienceMs: number = this.#patienceMs,
  ): Promise<T> {
    return this.#loop(work, { patienceMs, isRepeatable: true });
  }

  /**
   * Does `work`, again only where the server has not seen it.
   *
   * @throws {UnavailableError} `STORE_UNAVAILABLE` also when it is unknown whether it was done
   */
  once<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#loop(work, { patienceMs: this.#patienceMs, isRepeatable: false });
  }

  async #loop<T>(
    work: (sql: Pool["sql"]) => Promise<T>,
    { patienceMs, isRepeatable }: { patienceMs: number; isRepeatable: boolean },
  ): Promise<T> {
    const giveUpAt = performance.now() + patienceMs;
    for (let delayMs = FIRST_DELAY_MS;; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
      try {
        return await this.#try(work);
      } catch (error) {
        if (!(error instanceof Interruption)) throw error;
        const isHopeless = error.isOutcomeUnknown && !isRepeatable;
        if (isHopeless || performance.now() + delayMs > giveUpAt) {
          throw error.unavailable(this.address.display);
        }
      }
      await sleep(delayMs * (0.5 + Math.random()));
    }
  }

  async #try<T>(work: (sql: Pool["sql"]) => Promise<T>): Promise<T> {
    const pool = this.#usablePool();
    this.#tries.set(pool, (this.#tries.get(pool) ?? 0) + 1);
    // What hangs is cut off, so that it fails as if the server had gone.
    const timer = setTimeout(() => pool.destroy(), this.#tryMs);
    try {
      return await pool.during(work(pool.sql));
    } catch (error) {
      const read = readError(error, this.address.display);
      if (read instanceof Interruption && read.isBroken) this.#replace(pool);
      throw read;
    } finally {
      clearTimeout(timer);
      this.#leave(pool);
    }
  }

  /** A worn pool does what it has begun, and no more. */
  #usablePool(): Pool {
    const pool = this.#pool;
    if (!pool.isWorn()) return pool;
    this.#pool = this.#openPool();
    if (!this.#tries.has(pool)) pool.destroy();
    return this.#pool;
  }

  #leave(pool: Pool): void {
    const left = this.#tries.get(pool)! - 1;
    if (left > 0) {
      this.#tries.set(pool, left);
      return;
    }
    this.#tries.delete(pool);
    if (pool !== this.#pool) pool.destroy();
  }

  /** Others may have found out first. */
  #replace(pool: Pool): void {
    if (this.#pool !== pool) return;
    const { hosts } = this.address;
    this.#hostAt = (this.#hostAt + 1) % hosts.length;
    this.#pool = this.#openPool();
    pool.destroy();
  }

  #openPool(): Pool {
    return openPool(this.address, this.address.hosts[this.#hostAt]!, this.#poolOptions);
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    // The driver would wait for what a closed connection has not answered.
    if (pool.isWorn() && !this.#tries.has(pool)) pool.destroy();
    else await pool.close();
  }
}
