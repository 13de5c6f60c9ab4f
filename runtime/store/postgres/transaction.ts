import postgres from "postgres";
import type { Pool, Sql } from "./pool.ts";
import { Interruption, readError } from "./postgres_errors.ts";

/**
 * Does `work` in a transaction, which is rolled back when it answers with `false` or throws.
 *
 * @throws what `work` throws, and what the driver says of a connection that breaks
 */
export async function inTransaction(
  sql: Pool["sql"],
  work: (transaction: Sql) => Promise<boolean>,
): Promise<boolean> {
  const refused = Symbol();
  try {
    await sql.begin((transaction) =>
      work(transaction).then((isDone) => {
        if (!isDone) throw refused;
      }, waitForItsEnd)
    );
    return true;
  } catch (error) {
    if (error === refused) return false;
    throw error;
  }
}

/**
 * On a connection that is gone the driver would write `rollback`, which ends the process by an error
 * that nobody can catch. It does not while `work` goes on; that the connection was closed is told to
 * whoever waits for the transaction all the same.
 */
function waitForItsEnd(error: unknown): Promise<void> {
  const read = readError(error, "");
  const isAlive = error instanceof postgres.PostgresError && error.severity === "ERROR";
  if (read instanceof Interruption && read.isBroken && !isAlive) return new Promise(() => {});
  throw error;
}
