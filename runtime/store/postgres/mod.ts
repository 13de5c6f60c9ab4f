/**
 * The stores in a PostgreSQL database: for many machines.
 *
 * @module
 */
export { openPostgresStores, type PostgresStores } from "./postgres_stores.ts";
export { parsePostgresUrl, type PostgresAddress } from "./postgres_url.ts";
