/**
 * PostgreSQL under faults: connections cut amid writes, answers lost, processes at odds, a server
 * that is not there, altered rows.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ActorStore } from "../../core/actor_ports.ts";
import { DenizenError, InvariantError, UnavailableError } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { MIGRATIONS } from "../../runtime/store/postgres/migrations.ts";
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";
import { startPostgres } from "./postgres_server.ts";
import { type Schema, useSchemas } from "./schemas.ts";

type RunEvent = { type: string; n: number };
type LogEvent = { n: number; text?: string };

const { withSchema, withStores } = useSchemas<RunEvent, LogEvent>();
const holder = (nodeId: string) => ({
  nodeId,
  host: "h",
  pid: 1,
  processStart: "s",
});

const isUnavailable = (error: unknown) =>
  error instanceof UnavailableError && error.code === "STORE_UNAVAILABLE" &&
  error.retryAfterMs > 0;

/**
 * Ends every connection of stores, again and again, until `work` is done; answers how many.
 * `work` may ask how many they are by now: a slow machine kills fewer in the same time.
 */
async function whileKilling(
  { sql }: Schema,
  work: (killedByNow: () => number) => Promise<void>,
): Promise<number> {
  const done = new AbortController();
  const { signal } = done;
  let killed = 0;
  const killing = (async () => {
    while (!signal.aborted) {
      const startedAt = performance.now();
      const rows = await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'denizen'`;
      killed += rows.length;
      // On a busy machine it also takes longer to connect anew.
      const tookMs = performance.now() - startedAt;
      const pauseMs = (5 + 20 * Math.random()) * Math.max(1, tookMs / 3);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
  })();
  try {
    await work(() => killed);
  } finally {
    done.abort();
    await killing;
  }
  return killed;
}

async function eventsOf(store: Store<RunEvent>): Promise<RunEvent[]> {
  const segments = await Array.fromAsync(store.read(0, 1));
  assert.deepEqual(
    segments.map(({ seq }) => seq),
    segments.map((_, at) => at + 1),
  );
  return segments.flatMap(({ records }) => records.flatMap(({ events }) => events));
}

Deno.test("appends go on while connections are killed, each done once", () =>
  withStores(async ({ runs }, schema) => {
    const fence = await runs.claim(0, holder("a"), 0);
    const events: RunEvent[] = [];
    const killed = await whileKilling(schema, async (killedByNow) => {
      for (let n = 0; n < 120 || (killedByNow() <= 5 && n < 5_000); n += 1) {
        const event = { type: "Tick", n };
        events.push(event);
        await runs.append(fence, { records: [{ runId: "r", events: [event] }] });
      }
    });
    assert.deepEqual(await eventsOf(runs), events);
    assert.ok(killed > 5, `only ${killed} connections were killed`);
  }));

/** What must hold at any time: the state, the topic and the log tell the same. */
async function checkPrefix(actors: ActorStore<LogEvent>): Promise<number> {
  const log = (await Array.fromAsync(actors.readLog("s"))).flatMap((
    { events },
  ) => events);
  const last = log.length;
  assert.deepEqual(log.map(({ n }) => n), log.map((_, at) => at + 1));
  const [state] = await actors.states("s", ["actor://counter/main"]);
  assert.equal(
    state?.version ?? 0,
    last,
    "the state is that of the last event",
  );
  assert.equal(
    (await actors.historyBounds("s", "counts")).next,
    last === 0 ? 0 : last + 1,
  );
  return last;
}

/** A unit that needs several statements: 3 MiB that no compression makes shorter. */
function largeUnit(n: number) {
  const noise = new Uint8Array(1_600_000);
  for (let at = 0; at < noise.length; at += 65_536) {
    crypto.getRandomValues(noise.subarray(at, at + 65_536));
  }
  const text = noise.toBase64();
  return {
    log: [{ n, text }],
    states: [
      {
        address: "actor://counter/main",
        version: n,
        state: JSON.stringify({ n }),
      },
      {
        address: "actor://counter/other",
        version: n,
        state: JSON.stringify(text),
      },
      {
        address: "actor://counter/third",
        version: n,
        state: JSON.stringify(text),
      },
    ],
    history: [{ topic: "counts", offset: n, message: n }],
  };
}

Deno.test("a write whose connection is killed is there whole or not at all", () =>
  withSchema(async (schema) => {
    const open = () =>
      openPostgresStores<RunEvent, LogEvent>(schema.url, {
        patienceMs: 0,
        openPatienceMs: 10_000,
      });
    await (await open()).close();
    let failed = 0;
    let last = 0;
    for (let round = 0; round < 12 || (failed <= 2 && round < 100); round++) {
      // What a killed store leaves is read by another one.
      const { actors, close } = await open();
      const led = await actors.systemHolder("s");
      const fence = await actors.claimSystem("s", holder(`n${round}`), led);
      await whileKilling(schema, async () => {
        await sleep(0);
        for (let n = last + 1; n <= last + 3; n++) {
          await actors.commit(fence, { units: [largeUnit(n)] });
        }
      }).catch((error) => {
        assert.ok(isUnavailable(error), `${error}`);
        failed++;
      });
      await close();
      const heir = await open();
      last = await checkPrefix(heir.actors);
      await heir.close();
    }
    assert.ok(failed > 2, `only ${failed} commits were broken off`);
  }));

Deno.test("a deposed leader writes nothing of a commit of several statements", () =>
  withStores(async ({ actors }) => {
    const first = await actors.claimSystem("s", holder("a"), null);
    await actors.commit(first, { units: [largeUnit(1)] });
    await actors.claimSystem("s", holder("b"), holder("a"));
    const stale = { units: [largeUnit(2), largeUnit(3)], tree: { stale: true }, trimTo: 2 };
    await assert.rejects(actors.commit(first, stale), { code: "FENCED" });
    assert.equal(await checkPrefix(actors), 1);
    assert.equal(await actors.tree("s"), null);
    assert.equal(await actors.lowWater("s"), 1);
  }));

Deno.test("an append that was cut off and is done late is done once", () =>
  withSchema(async (schema) => {
    await (await openPostgresStores(schema.url)).close();
    const { runs, close } = await openPostgresStores<RunEvent, LogEvent>(schema.url, {
      tryMs: 500,
    });
    const fence = await runs.claim(0, holder("a"), 0);
    let appending: Promise<number> | undefined;
    await schema.sql.begin(async (transaction) => {
      await transaction`select 1 from ${transaction(`${schema.name}.partition`)} for update`;
      const event = { type: "Tick", n: 1 };
      appending = runs.append(fence, {
        records: [{ runId: "r", events: [event] }],
        runs: [],
      });
      // The copies of several tries wait for the row now: their clients are gone already.
      for (let waiting = 0; waiting < 3;) {
        await sleep(20);
        const rows = await schema.sql`select 1 from pg_stat_activity
          where application_name = 'denizen' and wait_event_type = 'Lock'`;
        waiting = rows.length;
      }
    });
    assert.equal(await appending, 1);
    await runs.append(fence, {
      records: [{ runId: "r", events: [{ type: "Tick", n: 2 }] }],
    });
    assert.deepEqual((await eventsOf(runs)).map(({ n }) => n), [1, 2]);
    await close();
  }));

async function runScript(name: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(import.meta.dirname!, name), ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("two processes that race for a partition never write side by side", () =>
  withStores(async ({ runs }, schema) => {
    const folder = await Deno.makeTempDir();
    const outputs = await Promise.all(
      ["a", "b"].map((name) => runScript("append_in_turns.ts", [schema.url, name, "60", folder])),
    );
    await Deno.remove(folder, { recursive: true });
    const told = outputs.map((output) => JSON.parse(output));
    const segments = await Array.fromAsync(runs.read(0, 1));
    const written = segments.map((
      { term, records },
    ) => [term, records[0]!.events[0]!.n]);
    const acknowledged: [number, number][] = told.flatMap((one) => one.acknowledged);
    acknowledged.sort(([a, n], [b, m]) => a - b || n - m);
    assert.deepEqual(written, acknowledged);
    assert.ok(
      told[0].fenced + told[1].fenced > 5,
      "no leader was ever deposed",
    );
  }));

Deno.test("four processes that open a new schema at once do each step once", () =>
  withSchema(async ({ url, name, sql }) => {
    await Promise.all([1, 2, 3, 4].map(() => runScript("open_once.ts", [url])));
    const steps = await sql`select step from ${sql(`${name}.migration`)} order by step`;
    assert.deepEqual(
      steps.map(({ step }) => step),
      steps.map((_, at) => at + 1),
    );
    assert.ok(steps.length >= 1);
  }));

Deno.test("a schema of the first step of migration is read on after the next ones", () =>
  withSchema(async ({ url, name, sql }) => {
    await sql.begin(async (transaction) => {
      await transaction`create schema ${sql(name)}`;
      await transaction`set local search_path to ${sql(name)}`;
      await transaction.unsafe(MIGRATIONS[0]!);
      await transaction`create table migration (
        step int primary key, done_at timestamptz not null default now()
      )`;
      await transaction`insert into migration (step) values (1)`;
      await transaction`insert into partition
        values (0, 3, 'token', 'a', ${JSON.stringify(holder("a"))}, 5, 1, 1)`;
      await transaction`insert into inbox (partition, run_id, type, reason)
        values (0, 'r1', 'cancel', 'why'), (0, 'r2', 'pause', null)`;
    });
    const { runs, close } = await openPostgresStores<RunEvent, LogEvent>(url);
    try {
      const led = { partition: 0, term: 3, holder: holder("a"), heir: null };
      assert.deepEqual(await runs.term(0), led);
      await runs.send(0, [{ runId: "r3", type: "lose", body: { attempts: [] } }]);
      const wishes = (await runs.inbox(0)).map(({ id: _, ...wish }) => wish);
      assert.deepEqual(wishes, [
        { runId: "r1", type: "cancel", body: { reason: "why" } },
        { runId: "r2", type: "pause", body: {} },
        { runId: "r3", type: "lose", body: { attempts: [] } },
      ]);
      assert.equal((await runs.claim(0, holder("b"), 3)).term, 4);
    } finally {
      await close();
    }
  }));

/** Opens what cannot be opened, and answers with the error. */
async function refusalOf(url: string): Promise<DenizenError> {
  try {
    await (await openPostgresStores(url, { openPatienceMs: 200 })).close();
  } catch (error) {
    assert.ok(error instanceof DenizenError, `${error}`);
    assert.ok(
      !JSON.stringify([error.message, error.hint, error.details]).includes(
        "s3cret",
      ),
    );
    return error;
  }
  throw new Error(`${url} was opened`);
}

Deno.test("openPostgresStores() tells a stranger what is wrong", () =>
  withSchema(async ({ url, name, sql }) => {
    const { host } = new URL(url);
    await sql`create role stranger login password 's3cret-right'`;
    try {
      const told = async (login: string, place: string) => {
        const { code, message } = await refusalOf(
          `postgres://${login}@${place}?schema=${name}`,
        );
        return `${code}: ${message}`;
      };
      const right = "stranger:s3cret-right";
      assert.match(
        await told("postgres:s3cret", `${host}/postgres`),
        /^STORE_ACCESS_REFUSED.*pass/,
      );
      assert.match(
        await told(right, `${host}/nowhere`),
        /^STORE_ACCESS_REFUSED.*"nowhere"/,
      );
      assert.match(
        await told(right, `${host}/postgres`),
        /^STORE_ACCESS_REFUSED.*permission/,
      );
      assert.match(
        await told(right, "127.0.0.1:1/postgres"),
        /^STORE_UNAVAILABLE.*127\.0\.0\.1/,
      );
      assert.match(
        await told(right, "nowhere.invalid/postgres"),
        /^STORE_UNAVAILABLE/,
      );
      const secured = (await refusalOf(`${url}&sslmode=require`)).code;
      assert.match(secured, /^STORE_/);
      // With a schema of its own it needs no more rights.
      await sql`create schema ${sql(name)} authorization stranger`;
      const stores = await openPostgresStores(
        `postgres://${right}@${host}/postgres?schema=${name}`,
      );
      await stores.close();
      await sql`insert into ${sql(`${name}.migration`)} (step) values (999)`;
      assert.match(
        await told(right, `${host}/postgres`),
        /^STORE_VERSION_WRONG.*999/,
      );
    } finally {
      await sql`drop owned by stranger cascade`;
      await sql`drop role stranger`;
    }
  }));

Deno.test("a server that went away is told within the time of patience", async () => {
  const server = await startPostgres();
  const options = { patienceMs: 400, openPatienceMs: 10_000 };
  const stores = await openPostgresStores<RunEvent, LogEvent>(server.url, options);
  try {
    const fence = await stores.runs.claim(0, holder("a"), 0);
    await server.stop();
    const records = [{ runId: "r", events: [{ type: "Tick", n: 1 }] }];
    const startedAt = performance.now();
    await assert.rejects(stores.runs.append(fence, { records }), isUnavailable);
    await assert.rejects(stores.runs.term(0), isUnavailable);
    const wish = { runId: "r", type: "pause", body: {} };
    await assert.rejects(stores.runs.send(0, [wish]), isUnavailable);
    assert.ok(performance.now() - startedAt < 30_000);
  } finally {
    await stores.close();
    await server.stop();
  }
});

const isCorrupt = (error: unknown) =>
  error instanceof InvariantError && /^(VALUE|BLOB)_CORRUPT$/.test(error.code);

Deno.test("one altered byte of any value is found", () =>
  withStores(async ({ runs, actors }, { sql, name }) => {
    const fence = await runs.claim(0, holder("a"), 0);
    await runs.append(fence, {
      records: [{ runId: "r", events: [{ type: "Tick", n: 1 }] }],
    });
    const sha256 = await runs.putBlob(new Uint8Array(100_000).fill(7));
    const system = await actors.claimSystem("s", holder("a"), null);
    const unit = {
      log: [{ n: 1 }],
      states: [{ address: "x", version: 1, state: '{"n":1}' }],
      dead: [{ id: "d", letter: { n: 1 } }],
      history: [{ topic: "t", offset: 0, message: { n: 1 } }],
    };
    await actors.commit(system, { units: [unit], tree: { n: 1 } });
    await actors.wish("s", { n: 1 });
    const reads: Record<string, () => Promise<unknown>> = {
      journal: () => eventsOf(runs),
      blob: () => runs.getBlob(sha256),
      actor_log: () => Array.fromAsync(actors.readLog("s")),
      actor_state: () => actors.states("s", ["x"]),
      actor_tree: () => actors.tree("s"),
      dead_letter: () => actors.deadLetters(null, { limit: 9 }),
      topic_message: () => actors.history("s", "t", { last: 9 }),
      wish: () => actors.wishes("s"),
    };
    for (const [table, read] of Object.entries(reads)) {
      const flip = sql`update ${sql(`${name}.${table}`)}
        set bytes = set_byte(bytes, 3, get_byte(bytes, 3) # 1)`;
      await flip;
      await assert.rejects(read(), isCorrupt, table);
      await sql`update ${sql(`${name}.${table}`)}
        set bytes = set_byte(bytes, 3, get_byte(bytes, 3) # 1)`;
      await read();
    }
    await sql`update ${sql(`${name}.actor_state`)} set version = 9`;
    await assert.rejects(actors.states("s", ["x"]), isCorrupt);
    await sql`update ${sql(`${name}.journal`)} set term = 9`;
    await assert.rejects(eventsOf(runs), isCorrupt);
  }));
