/**
 * The stores in a PostgreSQL database: for many machines.
 *
 * @module
 */
export {
  openExistingPostgresStores,
  openPostgresStores,
  type PostgresStores,
} from "./postgres_stores.ts";
export { type PostgresReport, probePostgres } from "./probe_postgres.ts";
