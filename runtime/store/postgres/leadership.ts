import { UnavailableError } from "../../../core/errors.ts";
import type { Database } from "./database.ts";
import type { Pool, Sql } from "./pool.ts";
import type { TableName } from "./tables.ts";
import { inTransaction } from "./transaction.ts";

/** What a claim gives: the right to write below one row of `partition` or `actor_system`. */
export interface Claim {
  table: TableName & ("partition" | "actor_system");
  /** Column that names the row, and its value. */
  column: "partition" | "system";
  key: number | string;
  /** Drawn for each claim. */
  token: string;
  /** Writes so far, by whomever. */
  commits: number;
}

/**
 * One statement of a write. It must begin by raising `commits` of the claimed row from the number
 * given to the next one, and answer with one row when that went well, or none.
 */
export type Statement = (sql: Sql, commits: number) => Promise<readonly unknown[]>;

/** What a claimed row says now. */
interface Standing {
  commits: number;
}

/**
 * Writes of one leader, one after the other. Each raises the number of the row that it claimed by
 * compare-and-set; so a write whose answer was lost is looked up by that number, and one that is
 * still on its way when it is repeated can be done only once.
 */
export class Leadership {
  readonly #db: Database;
  readonly #claim: Claim;
  #commits: number;
  #isLost = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(db: Database, claim: Claim) {
    this.#db = db;
    this.#claim = claim;
    this.#commits = claim.commits;
  }

  /** Does one piece of work after the other, those of other callers included. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => {});
    return done;
  }

  /**
   * Does the statements, all or none; to be called in turn.
   *
   * @returns `false` when nothing was written: another process claimed the row, an earlier write
   *   failed, or something else that a statement asks for was not so; then it may be tried again
   * @throws {UnavailableError} `STORE_UNAVAILABLE`; whether it was written is unknown then
   */
  async write(statements: readonly Statement[]): Promise<boolean> {
    if (this.#isLost) return false;
    try {
      const isWritten = await this.#settle(statements);
      if (isWritten) this.#commits += statements.length;
      else this.#isLost = await this.#db.repeat((sql) => this.#look(sql)) !== this.#commits;
      return isWritten;
    } catch (error) {
      this.#isLost = true;
      throw error;
    }
  }

  async #settle(statements: readonly Statement[]): Promise<boolean> {
    const before = this.#commits;
    const after = before + statements.length;
    let tries = 0;
    return await this.#db.repeat(async (sql) => {
      if (tries++ === 0) return await this.#try(sql, statements);
      if (await this.#look(sql) === before && await this.#try(sql, statements)) return true;
      // Done by the first copy, before this one or while this one waited for it?
      const now = await this.#look(sql);
      if (now === after || now === before) return now === after;
      throw this.#unknown();
    });
  }

  async #try(sql: Pool["sql"], statements: readonly Statement[]): Promise<boolean> {
    const [first] = statements;
    if (statements.length === 1) return (await first!(sql, this.#commits)).length === 1;
    return await inTransaction(sql, async (transaction) => {
      for (const [at, statement] of statements.entries()) {
        if ((await statement(transaction, this.#commits + at)).length === 0) return false;
      }
      return true;
    });
  }

  /** Commits of our claim as they are now; `null` when it is not ours any more. */
  async #look(sql: Sql): Promise<number | null> {
    const { table, column, key, token } = this.#claim;
    const [row] = await sql<Standing[]>`
      select commits from ${this.#db.tables[table]}
      where ${sql(column)} = ${key} and token = ${token}`;
    return row?.commits ?? null;
  }

  #unknown(): UnavailableError {
    const { column, key } = this.#claim;
    return new UnavailableError("STORE_UNAVAILABLE", {
      message: `Lost the connection to the store, and then ${column} "${key}" to another process`,
      hint: "Whether the last write is there is unknown; the other process goes on from what is",
      details: { [column]: key },
    });
  }
}
