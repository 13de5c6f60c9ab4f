import { Database } from "./database.ts";
import { hasTables } from "./migrate.ts";
import { parsePostgresUrl } from "./postgres_url.ts";

/** What a look at a server found. */
export interface PostgresReport {
  /** As the server tells it: `18.4`. */
  version: string;
  schema: string;
  /** Whether a store was ever opened in the schema. */
  hasTables: boolean;
  /** Whether the user may create the schema, or has it. */
  isUsable: boolean;
  /** Settings that decide whether a commit survives a power cut. */
  fsync: string;
  synchronousCommit: string;
  /** Median of some queries without work. */
  roundTripMs: number;
  /** How far the server's clock is from ours; a positive number: ahead. */
  skewMs: number;
}

const ROUND_TRIPS = 9;

/**
 * Looks at a server without changing anything.
 *
 * @throws as `openPostgresStores` does
 */
export async function probePostgres(url: string): Promise<PostgresReport> {
  const address = parsePostgresUrl(url);
  const db = new Database(address, { patienceMs: 0 });
  try {
    const isThere = await hasTables(db, 0);
    const tookMs: number[] = [];
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const startedAt = performance.now();
      await db.repeat((sql) => sql`select 1`);
      tookMs.push(performance.now() - startedAt);
    }
    const roundTripMs = tookMs.sort((a, b) => a - b)[ROUND_TRIPS >> 1]!;
    const [row] = await db.repeat((sql) =>
      sql<[Omit<PostgresReport, "roundTripMs" | "skewMs"> & { now: number }]>`
        select current_setting('server_version') as version, current_setting('fsync') as fsync,
          current_setting('synchronous_commit') as "synchronousCommit",
          coalesce(
            has_schema_privilege(to_regnamespace(${address.schema}), 'create, usage'),
            has_database_privilege(current_database(), 'create')
          ) as "isUsable",
          extract(epoch from clock_timestamp())::float8 * 1000 as now`
    );
    const { now, ...found } = row;
    const skewMs = now + roundTripMs / 2 - Date.now();
    return { ...found, schema: address.schema, hasTables: isThere, roundTripMs, skewMs };
  } finally {
    await db.close();
  }
}
