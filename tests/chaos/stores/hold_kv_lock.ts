/**
 * `deno run -A hold_kv_lock.ts FILE MS`: locks a Deno KV file against writers, as any other program
 * may that has it open, and says so in one line.
 *
 * A process of its own, because SQLite's locks are those of a process: a second connection in ours
 * would give them up.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const [path, ms] = Deno.args;
const database = new DatabaseSync(path!);
database.exec("PRAGMA busy_timeout = 10000");
database.exec("BEGIN EXCLUSIVE");
console.log("locked");
await sleep(Number(ms));
database.exec("ROLLBACK");
database.close();
