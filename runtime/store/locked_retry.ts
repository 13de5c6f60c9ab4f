import { DenizenError, UnavailableError } from "../../core/errors.ts";

const FIRST_DELAY_MS = 2;
const LONGEST_DELAY_MS = 100;

/** How long a locked database is waited for. */
export const PATIENCE_MS = 60_000;

/**
 * Runs `action` until the database is not locked by another process. SQLite refuses a locked write
 * before it changes anything, so trying again is safe.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE` after {@linkcode PATIENCE_MS}, or at once when the
 *   file cannot be used: no room, no rights, damaged
 */
export async function retryWhileLocked<T>(
  action: () => Promise<T>,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (let delayMs = FIRST_DELAY_MS;; delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)) {
    try {
      return await action();
    } catch (error) {
      if (!isLocked(error)) throw isOwnFault(error) ? error : broken(error);
      if (performance.now() > giveUpAt) throw unavailable(error, patienceMs);
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random())));
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error &&
    /database (table )?is (locked|busy)|SQLITE_BUSY/i.test(error.message);
}

function unavailable(cause: unknown, patienceMs: number): UnavailableError {
  return new UnavailableError("STORE_UNAVAILABLE", {
    message: `Could not write to the store: another process kept it locked for ${patienceMs} ms`,
    hint: "Find the process that holds the file (for instance with lsof) and end it",
    cause,
  });
}

/**
 * A value that the store does not take, or a store that was closed, is a bug and no outage. What a
 * store over the network says for itself is left as it is.
 */
function isOwnFault(error: unknown): boolean {
  if (error instanceof Deno.errors.BadResource || error instanceof DenizenError) return true;
  return error instanceof TypeError && !/disk|database|I\/O|readonly|SQLite/i.test(error.message);
}

function broken(cause: unknown): UnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UnavailableError("STORE_UNAVAILABLE", {
    message: `Could not use the store: ${reason}`,
    hint: "Check room and rights of the data directory with: deno task denizen doctor",
    cause,
  });
}
