import postgres from "postgres";
import { openPostgresStores, type PostgresStores } from "../../runtime/store/postgres/mod.ts";
import { type PostgresServer, startPostgres } from "./postgres_server.ts";

type AnySql = postgres.Sql<Record<string, unknown>>;

/** What a test of one schema has. */
export interface Schema {
  /** Of the schema: for `openPostgresStores`, `--store`. */
  url: string;
  name: string;
  /** A connection of the test's own, as superuser. */
  sql: AnySql;
}

/**
 * A server for all tests of a file: it is started before the first and stopped after the last.
 * To be called once, at the top of the file.
 */
export function useSchemas<RunEvent, LogEvent>(
  settings: readonly string[] = [],
) {
  let server: PostgresServer | null = null;
  let sql: AnySql;
  let count = 0;
  Deno.test.beforeAll(async () => {
    server = await startPostgres(settings);
    sql = postgres(server.url, { max: 2, onnotice: () => {} }) as AnySql;
    // Both connections, so that none is opened amid a test.
    await Promise.all([sql`select pg_sleep(0.05)`, sql`select pg_sleep(0.05)`]);
  });
  Deno.test.afterAll(async () => {
    await sql?.end();
    await server?.stop();
  });

  /** An empty schema for the time of `test`. */
  async function withSchema<T>(
    test: (schema: Schema) => Promise<T>,
  ): Promise<T> {
    const name = `test_${++count}`;
    try {
      return await test({ url: `${server!.url}?schema=${name}`, name, sql });
    } finally {
      await sql`drop schema if exists ${sql(name)} cascade`;
    }
  }

  /** Stores in an empty schema for the time of `test`. */
  function withStores(
    test: (
      stores: PostgresStores<RunEvent, LogEvent>,
      schema: Schema,
    ) => Promise<void>,
  ): Promise<void> {
    return withSchema(async (schema) => {
      const stores = await openPostgresStores<RunEvent, LogEvent>(schema.url);
      try {
        await test(stores, schema);
      } finally {
        await stores.close();
      }
    });
  }

  return { withSchema, withStores };
}
