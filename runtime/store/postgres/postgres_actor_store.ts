import {
  type ActorCommit,
  type ActorStore,
  type HistoryBounds,
  type HistoryEntry,
  type LogSegment,
  type StoredLetter,
  type StoredState,
  type StoredWish,
  type SystemEntry,
  type SystemFence,
  UNIT_LIMITS,
} from "../../../core/actor_ports.ts";
import type { Json } from "../../../core/json.ts";
import type { Holder } from "../../../core/ports.ts";
import { LABELS } from "../actor_keys.ts";
import { COMPRESS_OVER_BYTES, corrupt, packText, unpackText } from "../packed_text.ts";
import { fenced, systemTaken } from "../system_errors.ts";
import { checkSystemName, measure } from "../unit_limits.ts";
import { statementsOf } from "./actor_statements.ts";
import { packCommit } from "./actor_writes.ts";
import { textArray } from "./array_literal.ts";
import type { Database } from "./database.ts";
import { Leadership } from "./leadership.ts";
import { packedOf, type PackedRow } from "./packed_columns.ts";
import type { Sql } from "./pool.ts";

const LOG_PAGE = 20;
const STATES_PAGE = 500;
const WISHES_MAX = 100;

/** What the leader of a system knows of its row. */
interface Session {
  leadership: Leadership;
  nextSegment: number;
  lowWater: number;
}

interface Claimed {
  term: number;
  commits: number;
  nextSegment: number;
  lowWater: number;
}

type LetterRow = PackedRow & { system: string; id: string };
type MessageRow = PackedRow & { position: number };

/** Actor systems in a schema. */
export class PostgresActorStore<Event> implements ActorStore<Event> {
  readonly #db: Database;
  /** By token: claims made through this store. */
  readonly #sessions = new Map<string, Session>();

  constructor(db: Database) {
    this.#db = db;
  }

  async claimSystem(system: string, holder: Holder, expected: Holder | null): Promise<SystemFence> {
    checkSystemName(system);
    const token = crypto.randomUUID();
    const claimed = await this.#db.repeat((sql) =>
      this.#claim(sql, { system, token, holder, expected })
    );
    if (claimed === null) throw systemTaken(system);
    const { term, commits, ...marks } = claimed;
    const claim = { table: "actor_system", column: "system", key: system } as const;
    const leadership = new Leadership(this.#db, { ...claim, token, commits });
    this.#sessions.set(token, { leadership, ...marks });
    return { system, term, token };
  }

  /** The token makes a second try of the same claim find its own first one. */
  async #claim(
    sql: Sql,
    { system, token, holder, expected }: {
      system: string;
      token: string;
      holder: Holder;
      expected: Holder | null;
    },
  ): Promise<Claimed | null> {
    const { actor_system } = this.#db.tables;
    const [seen] = await sql<[{ term: number; node_id: string | null; token: string }?]>`
      select term, node_id, token from ${actor_system} where system = ${system}`;
    const isOwn = seen?.token === token;
    if (!isOwn && (seen?.node_id ?? null) !== (expected?.nodeId ?? null)) return null;
    const term = isOwn ? seen.term : (seen?.term ?? 0) + 1;
    const [row] = await sql<[Omit<Claimed, "term">?]>`
      insert into ${actor_system} as s
        (system, term, token, node_id, holder, commits, next_segment, low_water)
      values (${system}, ${term}, ${token}, ${holder.nodeId}, ${JSON.stringify(holder)}, 0, 1, 1)
      on conflict (system) do update set term = excluded.term, token = excluded.token,
        node_id = excluded.node_id, holder = excluded.holder
      where s.token = excluded.token
        or (s.term = excluded.term - 1 and s.node_id is not distinct from ${
      expected?.nodeId ?? null
    })
      returning commits, next_segment as "nextSegment", low_water as "lowWater"`;
    return row === undefined ? null : { term, ...row };
  }

  async releaseSystem({ system, token }: SystemFence): Promise<void> {
    this.#sessions.delete(token);
    await this.#db.repeat((sql) =>
      sql`update ${this.#db.tables.actor_system} set token = '', node_id = null, holder = null
        where system = ${system} and token = ${token}`
    );
  }

  async systemHolder(system: string): Promise<Holder | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ holder: string | null }?]>`
        select holder from ${this.#db.tables.actor_system} where system = ${system}`
    );
    return row?.holder ? JSON.parse(row.holder) : null;
  }

  async systems(): Promise<SystemEntry[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<{ system: string; term: number; holder: string | null }[]>`
        select system, term, holder from ${this.#db.tables.actor_system} order by system`
    );
    return rows.map(({ system, term, holder }) => ({
      system,
      term,
      holder: holder === null ? null : JSON.parse(holder),
    }));
  }

  async commit(fence: SystemFence, commit: ActorCommit<Event>): Promise<number> {
    const session = this.#sessions.get(fence.token);
    if (session === undefined) throw fenced(fence);
    return await session.leadership.inTurn(() => this.#commit(fence, commit, session));
  }

  async #commit(
    fence: SystemFence,
    commit: ActorCommit<Event>,
    session: Session,
  ): Promise<number> {
    const first = session.nextSegment;
    const options = { nextSegment: first, compressOverBytes: COMPRESS_OVER_BYTES };
    const writes = await packCommit(fence, commit, options);
    const trimTo = Math.min(commit.trimTo ?? 0, writes.nextSegment);
    const lowWater = Math.max(session.lowWater, trimTo);
    const statements = statementsOf(writes, { tables: this.#db.tables, fence, lowWater });
    if (!await session.leadership.write(statements)) {
      this.#sessions.delete(fence.token);
      throw fenced(fence);
    }
    session.nextSegment = writes.nextSegment;
    session.lowWater = lowWater;
    return first;
  }

  async *readLog(system: string, from = 0): AsyncIterable<LogSegment<Event>> {
    let next = Math.max(from, await this.lowWater(system));
    for (;;) {
      const page = await this.#db.repeat((sql) =>
        sql<(PackedRow & { segment: number; term: number })[]>`
          select segment, term, ${packedColumns(sql)} from ${this.#db.tables.actor_log}
          where system = ${system} and segment >= ${next} order by segment limit ${LOG_PAGE}`
      );
      for (const { segment, term, ...row } of page) {
        if (segment !== next) await this.#refuseGap(system, next, segment);
        const text = await unpackText(packedOf(row), LABELS.log(system, segment, term));
        next = segment + 1;
        yield { segment, term, events: JSON.parse(text) };
      }
      if (page.length < LOG_PAGE) return;
    }
  }

  /** Segments may go while somebody reads; but none that a recovery needs. */
  async #refuseGap(system: string, expected: number, found: number): Promise<void> {
    if (await this.lowWater(system) >= found) return;
    throw corrupt(`log ${system} ${expected}`, "it is missing");
  }

  async lowWater(system: string): Promise<number> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ low_water: number }?]>`
        select low_water from ${this.#db.tables.actor_system} where system = ${system}`
    );
    return row?.low_water ?? 1;
  }

  async states(system: string, addresses: readonly string[]): Promise<(StoredState | null)[]> {
    const found: (StoredState | null)[] = [];
    for (let at = 0; at < addresses.length; at += STATES_PAGE) {
      found.push(...await this.#statePage(system, addresses.slice(at, at + STATES_PAGE)));
    }
    return found;
  }

  async #statePage(
    system: string,
    addresses: readonly string[],
  ): Promise<(StoredState | null)[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<(PackedRow & { address: string; version: number })[]>`
        select address, version, ${packedColumns(sql)} from ${this.#db.tables.actor_state}
        where system = ${system} and address = any(${textArray(addresses)}::text[])`
    );
    const byAddress = new Map<string, StoredState>();
    for (const { address, version, ...row } of rows) {
      const text = await unpackText(packedOf(row), LABELS.state(system, address, version));
      byAddress.set(address, { version, text });
    }
    return addresses.map((address) => byAddress.get(address) ?? null);
  }

  async deadLetters(
    system: string | null,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<StoredLetter[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<LetterRow[]>`
        select system, id, ${packedColumns(sql)} from ${this.#db.tables.dead_letter}
        where true ${system === null ? sql`` : sql`and system = ${system}`}
          ${cursor === undefined ? sql`` : sql`and id < ${cursor}`}
        order by id desc limit ${limit}`
    );
    const letters: StoredLetter[] = [];
    for (const row of rows) letters.push(await letterOf(row));
    return letters;
  }

  async deadLetter(id: string): Promise<StoredLetter | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<LetterRow[]>`
        select system, id, ${packedColumns(sql)} from ${this.#db.tables.dead_letter}
        where id = ${id} order by system limit 1`
    );
    return row === undefined ? null : await letterOf(row);
  }

  async history(
    system: string,
    topic: string,
    which: { last: number } | { from: number; limit: number },
  ): Promise<HistoryEntry[]> {
    const t = this.#db.tables;
    const isLast = "last" in which;
    const rows = await this.#db.repeat((sql) =>
      sql<MessageRow[]>`
        select position, ${packedColumns(sql)} from ${t.topic_message} m
        where m.system = ${system} and m.topic = ${topic}
          and position >= ${isLast ? 0 : which.from}
          and position >= coalesce((
            select low_mark from ${t.topic} where system = ${system} and topic = ${topic}
          ), 0)
        order by position ${isLast ? sql`desc` : sql``}
        limit ${isLast ? which.last : which.limit}`
    );
    const messages: HistoryEntry[] = [];
    for (const { position, ...row } of isLast ? rows.toReversed() : rows) {
      const label = LABELS.topic(system, topic, position, position);
      messages.push({
        offset: position,
        message: JSON.parse(await unpackText(packedOf(row), label)),
      });
    }
    return messages;
  }

  async historyBounds(system: string, topic: string): Promise<HistoryBounds> {
    const t = this.#db.tables;
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ from: number | null; next: number }?]>`
        select next_position as next, (
          select min(position) from ${t.topic_message} m
          where m.system = ${system} and m.topic = ${topic} and m.position >= t.low_mark
        ) as from
        from ${t.topic} t where t.system = ${system} and t.topic = ${topic}`
    );
    const next = row?.next ?? 0;
    return { from: row?.from ?? next, next };
  }

  async topics(system: string): Promise<string[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<{ topic: string }[]>`
        select topic from ${this.#db.tables.topic} where system = ${system} order by topic`
    );
    return rows.map(({ topic }) => topic);
  }

  async tree(system: string): Promise<Json | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<PackedRow[]>`
        select ${packedColumns(sql)} from ${this.#db.tables.actor_tree} where system = ${system}`
    );
    if (row === undefined) return null;
    return JSON.parse(await unpackText(packedOf(row), LABELS.tree(system)));
  }

  async wish(system: string, wish: Json): Promise<string> {
    checkSystemName(system);
    const text = JSON.stringify(wish);
    measure(text, "a wish", UNIT_LIMITS.wishBytesMax);
    const { bytes, isDeflated, size, crc } = await packText(text, LABELS.wish(system), Infinity);
    const [row] = await this.#db.once((sql) =>
      sql<[{ id: number }]>`
        insert into ${this.#db.tables.wish} (system, bytes, is_deflated, size, crc)
        values (${system}, ${bytes}, ${isDeflated}, ${size}, ${crc}) returning id`
    );
    return wishId(row.id);
  }

  async wishes(system: string): Promise<StoredWish[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<(PackedRow & { id: number })[]>`
        select id, ${packedColumns(sql)} from ${this.#db.tables.wish}
        where system = ${system} order by id limit ${WISHES_MAX}`
    );
    const wishes: StoredWish[] = [];
    for (const { id, ...row } of rows) {
      const text = await unpackText(packedOf(row), LABELS.wish(system));
      wishes.push({ id: wishId(id), wish: JSON.parse(text) });
    }
    return wishes;
  }
}

function packedColumns(sql: Sql) {
  return sql`bytes, is_deflated, size, crc`;
}

async function letterOf({ system, id, ...row }: LetterRow): Promise<StoredLetter> {
  const text = await unpackText(packedOf(row), LABELS.letter(system, id));
  return { system, id, letter: JSON.parse(text) };
}

/** Texts that sort as the numbers do. */
function wishId(id: number): string {
  return String(id).padStart(20, "0");
}
