import { crc32 } from "node:zlib";
import { ConflictError } from "../../../core/errors.ts";
import type {
  Append,
  Fence,
  Holder,
  InboxCommand,
  Reservation,
  RunEntry,
  Segment,
  Store,
  Term,
} from "../../../core/ports.ts";
import { BlobKeeper, type Epoch } from "../blob_keeper.ts";
import { corrupt } from "../packed_text.ts";
import { decodeSegment, encodeSegments } from "../segment_codec.ts";
import { byteaArray, numberArray, textArray } from "./array_literal.ts";
import type { Database } from "./database.ts";
import { Leadership, type Statement } from "./leadership.ts";
import type { Sql } from "./pool.ts";
import { PostgresBlobs } from "./postgres_blobs.ts";

/** Segments of up to 60 KiB, and lines of the run list, that one statement takes. */
const SEGMENTS_MAX = 64;
const ENTRIES_MAX = 2_000;
const PAGE = 50;
const INBOX_PAGE = 100;

interface Session {
  leadership: Leadership;
  nextSeq: number;
}

/** What one statement of an append writes. */
interface Slice {
  firstSeq: number;
  segments: readonly Uint8Array[];
  entries: readonly RunEntry[];
  handled: readonly string[];
  lowWater: number | null;
}

interface SegmentRow {
  seq: number;
  term: number;
  crc: number;
  bytes: Uint8Array;
}

type TermRow = Omit<Term, "holder"> & { holder: string | null };

type RunRow = Omit<RunEntry, "packageHash" | "tenant" | "tags"> & {
  packageHash: string | null;
  tenant: string | null;
  /** JSON text of a list. */
  tags: string | null;
};

interface InboxRow {
  id: number;
  runId: string;
  type: string;
  /** JSON text; `null` in rows of the first step of migration, which have a reason at most. */
  body: string | null;
  reason: string | null;
}

/** Runs in a schema. */
export class PostgresStore<Event> implements Store<Event> {
  readonly #db: Database;
  readonly #isFenced: boolean;
  /** By token: claims made through this store. */
  readonly #sessions = new Map<string, Session>();
  /** Through which its blobs are put, and whatever names them is written. */
  readonly keeper: BlobKeeper<Epoch>;

  /** `isFenced: false` only shows what fencing is for: appends of deposed leaders are written. */
  constructor(db: Database, { isFenced = true }: { isFenced?: boolean } = {}) {
    this.#db = db;
    this.#isFenced = isFenced;
    this.keeper = new BlobKeeper(new PostgresBlobs(db));
  }

  async claim(partition: number, holder: Holder, seenTerm: number): Promise<Fence> {
    const token = crypto.randomUUID();
    const term = seenTerm + 1;
    const claimed = await this.#db.repeat((sql) =>
      this.#claim(sql, { partition, term, token, holder })
    );
    if (claimed === null) {
      throw new ConflictError("PARTITION_TAKEN", {
        message: `Could not claim partition ${partition}: another node was first`,
        hint: "Choose another partition, or ask the node that holds it",
      });
    }
    const { commits, nextSeq } = claimed;
    const claim = { table: "partition", column: "partition", key: partition } as const;
    const leadership = new Leadership(this.#db, { ...claim, token, commits });
    this.#sessions.set(token, { leadership, nextSeq });
    return { partition, term, token };
  }

  /** The token makes a second try of the same claim find its own first one. */
  async #claim(
    sql: Sql,
    { partition, term, token, holder }: Fence & { holder: Holder },
  ): Promise<{ commits: number; nextSeq: number } | null> {
    const t = this.#db.tables;
    const [row] = await sql<[{ commits: number; nextSeq: number }?]>`
      insert into ${t.partition} as p
        (partition, term, token, node_id, holder, commits, next_seq, low_water)
      select ${partition}::int, ${term}::bigint, ${token}, ${holder.nodeId}::text,
        ${JSON.stringify(holder)}::text, 0, 1, 1
      where ${term}::bigint = 1
        or exists (select 1 from ${t.partition} where partition = ${partition})
      on conflict (partition) do update set term = excluded.term, token = excluded.token,
        node_id = excluded.node_id, holder = excluded.holder, heir = null
      where p.token = excluded.token or p.term = excluded.term - 1
      returning commits, next_seq as "nextSeq"`;
    return row ?? null;
  }

  async release({ partition, token }: Fence, heir?: string): Promise<void> {
    this.#sessions.delete(token);
    await this.#db.repeat((sql) =>
      sql`update ${this.#db.tables.partition}
        set token = '', node_id = null, holder = null, heir = ${heir ?? null}
        where partition = ${partition} and token = ${token}`
    );
  }

  async term(partition: number): Promise<Term> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[TermRow?]>`select partition, term, holder, heir from ${this.#db.tables.partition}
        where partition = ${partition}`
    );
    return toTerm(row ?? { partition, term: 0, holder: null, heir: null });
  }

  async terms(): Promise<Term[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<TermRow[]>`select partition, term, holder, heir from ${this.#db.tables.partition}
        order by partition`
    );
    return rows.map(toTerm);
  }

  async append(fence: Fence, append: Append<Event>): Promise<number> {
    const segments = await encodeSegments(append.records, (bytes) => this.putBlob(bytes));
    const session = this.#sessions.get(fence.token);
    if (session === undefined) throw fenced(fence);
    return await session.leadership.inTurn(async () => {
      const firstSeq = session.nextSeq;
      const slices = slice(append, segments, firstSeq);
      const isWritten = await this.keeper.write(segments, (epoch) => {
        const last = epoch.number + 1;
        return session.leadership.write(
          slices.map((one): Statement => (sql, commits) =>
            this.#append(sql, fence, one, { commits, lastEpoch: last })
          ),
        );
      });
      if (!isWritten) {
        this.#sessions.delete(fence.token);
        throw fenced(fence);
      }
      session.nextSeq += segments.length;
      return firstSeq;
    });
  }

  /** One statement: the row of the partition is locked, checked and raised before all else. */
  #append(
    sql: Sql,
    fence: Fence,
    slice: Slice,
    { commits, lastEpoch }: { commits: number; lastEpoch: number },
  ): Promise<readonly unknown[]> {
    const { partition, token } = fence;
    return sql`
      with lead as (
        update ${this.#db.tables.partition} set commits = commits + 1,
          next_seq = ${slice.firstSeq + slice.segments.length},
          low_water = coalesce(${slice.lowWater}::bigint, low_water)
        where partition = ${partition} and ${this.#isOn(sql, lastEpoch)}
          ${this.#isFenced ? sql`and token = ${token} and commits = ${commits}` : sql``}
        returning partition, term
      )
      ${slice.segments.length === 0 ? sql`` : this.#putSegments(sql, fence, slice)}
      ${slice.entries.length === 0 ? sql`` : this.#putEntries(sql, slice.entries)}
      ${slice.handled.length === 0 ? sql`` : this.#dropHandled(sql, slice.handled)}
      select 1 from lead`;
  }

  /** Whether blobs that were put in the epoch before this one are safe still. */
  #isOn(sql: Sql, lastEpoch: number) {
    return sql`(select epoch from ${this.#db.tables.blob_epoch}) <= ${lastEpoch}`;
  }

  #putSegments(sql: Sql, { partition, term }: Fence, { segments, firstSeq }: Slice) {
    const seqs = segments.map((_, at) => firstSeq + at);
    const crcs = segments.map((bytes, at) =>
      segmentChecksum(bytes, { partition, seq: seqs[at]!, term })
    );
    return sql`, segments as (
      insert into ${this.#db.tables.journal} (partition, seq, term, crc, bytes)
      select lead.partition, s.seq, ${term}::bigint, s.crc, s.bytes from lead, unnest(
        ${numberArray(seqs)}::bigint[], ${numberArray(crcs)}::bigint[],
        ${byteaArray(segments)}::bytea[]
      ) s(seq, crc, bytes)
      ${
      this.#isFenced ? sql`` : sql`on conflict (partition, seq) do update
        set term = excluded.term, crc = excluded.crc, bytes = excluded.bytes`
    }
    )`;
  }

  #putEntries(sql: Sql, entries: readonly RunEntry[]) {
    const texts = (of: (entry: RunEntry) => string | null) => textArray(entries.map(of));
    const numbers = (of: (entry: RunEntry) => number | null) => numberArray(entries.map(of));
    return sql`, entries as (
      insert into ${this.#db.tables.run} (run_id, workflow, version, status, submitted_at,
        finished_at, partition, first_seq, package_hash, tenant, tags)
      select e.* from lead, unnest(
        ${texts((entry) => entry.runId)}::text[], ${texts((entry) => entry.workflow)}::text[],
        ${texts((entry) => entry.version)}::text[], ${texts((entry) => entry.status)}::text[],
        ${numbers((entry) => entry.submittedAt)}::bigint[],
        ${numbers((entry) => entry.finishedAt)}::bigint[],
        ${numbers((entry) => entry.partition)}::int[],
        ${numbers((entry) => entry.firstSeq)}::bigint[],
        ${texts((entry) => entry.packageHash ?? null)}::text[],
        ${texts((entry) => entry.tenant ?? null)}::text[],
        ${texts(({ tags }) => tags === undefined ? null : JSON.stringify(tags))}::text[]
      ) e
      on conflict (run_id) do update set workflow = excluded.workflow, version = excluded.version,
        status = excluded.status, submitted_at = excluded.submitted_at,
        finished_at = excluded.finished_at, partition = excluded.partition,
        first_seq = excluded.first_seq, package_hash = excluded.package_hash,
        tenant = excluded.tenant, tags = excluded.tags
    )`;
  }

  #dropHandled(sql: Sql, handled: readonly string[]) {
    const ids = handled.filter((id) => /^\d+$/.test(id)).map(Number);
    return sql`, handled as (
      delete from ${this.#db.tables.inbox} i using lead
      where i.partition = lead.partition and i.id = any(${numberArray(ids)}::bigint[])
    )`;
  }

  async *read(partition: number, from: number, to?: number): AsyncIterable<Segment<Event>> {
    const last = to ?? Number.MAX_SAFE_INTEGER;
    for (let next = from; next <= last;) {
      const page = await this.#db.repeat((sql) =>
        sql<SegmentRow[]>`
          select seq, term, crc, bytes from ${this.#db.tables.journal}
          where partition = ${partition} and seq between ${next} and ${last}
          order by seq limit ${PAGE}`
      );
      for (const { seq, term, crc, bytes } of page) {
        if (segmentChecksum(bytes, { partition, seq, term }) !== crc) {
          throw corrupt(`journal ${partition} ${seq}`, "its checksum does not match");
        }
        const records = await decodeSegment<Event>(bytes, (sha256) => this.getBlob(sha256));
        yield { seq, term, records };
        next = seq + 1;
      }
      if (page.length < PAGE) return;
    }
  }

  async lowWater(partition: number): Promise<number> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ low_water: number }?]>`
        select low_water from ${this.#db.tables.partition} where partition = ${partition}`
    );
    return row?.low_water ?? 1;
  }

  async run(runId: string): Promise<RunEntry | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<RunRow[]>`select ${this.#runColumns(sql)} from ${this.#db.tables.run}
        where run_id = ${runId}`
    );
    return row === undefined ? null : entryOf(row);
  }

  async runs(options: { limit: number; cursor?: string }): Promise<RunEntry[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<RunRow[]>`select ${this.#runColumns(sql)} from ${this.#db.tables.run}
        ${options.cursor === undefined ? sql`` : sql`where run_id < ${options.cursor}`}
        order by run_id desc limit ${options.limit}`
    );
    return rows.map(entryOf);
  }

  #runColumns(sql: Sql) {
    return sql`run_id as "runId", workflow, version, status, submitted_at as "submittedAt",
      finished_at as "finishedAt", partition, first_seq as "firstSeq",
      package_hash as "packageHash", tenant, tags`;
  }

  reserve(
    key: string,
    wish: Reservation,
    isGone: (holder: Holder) => boolean,
  ): Promise<Reservation> {
    return this.#db.repeat(async (sql) => {
      for (;;) {
        const reserved = await this.#tryReserve(sql, key, { wish, isGone });
        if (reserved !== null) return reserved;
      }
    });
  }

  /** `null` when somebody else came in between. */
  async #tryReserve(
    sql: Sql,
    key: string,
    { wish, isGone }: { wish: Reservation; isGone: (holder: Holder) => boolean },
  ): Promise<Reservation | null> {
    const { reservation } = this.#db.tables;
    const [row] = await sql<[{ run_id: string; node_id: string; holder: string }?]>`
      select run_id, node_id, holder from ${reservation} where key = ${key}`;
    const found = row && { runId: row.run_id, holder: JSON.parse(row.holder) as Holder };
    if (found !== undefined && !isGone(found.holder)) return found;
    const { holder } = wish;
    const reserved = { runId: found?.runId ?? wish.runId, holder };
    const text = JSON.stringify(holder);
    const written = row === undefined
      ? await sql`insert into ${reservation} (key, run_id, node_id, holder)
          values (${key}, ${wish.runId}, ${holder.nodeId}, ${text})
          on conflict (key) do nothing returning 1`
      : await sql`update ${reservation} set node_id = ${holder.nodeId}, holder = ${text}
          where key = ${key} and node_id = ${row.node_id} returning 1`;
    return written.length === 1 ? reserved : null;
  }

  /**
   * Senders to one partition take turns, so that ids are in the order of commits: what a reader has
   * gone past can get no company.
   */
  async send(partition: number, commands: readonly Omit<InboxCommand, "id">[]): Promise<void> {
    if (commands.length === 0) return;
    const texts = (of: (command: Omit<InboxCommand, "id">) => string) =>
      textArray(commands.map(of));
    const { inbox } = this.#db.tables;
    const bodies = commands.map(({ body }) => JSON.stringify(body));
    await this.keeper.write(bodies, async (epoch) => {
      const sent = await this.#db.repeat((sql) =>
        sql`
        with turn as materialized (
          select pg_advisory_xact_lock(${
          inboxLock(this.#db.address.schema)
        }::int, ${partition}::int)
        )
        insert into ${inbox} (partition, run_id, type, body)
        select ${partition}::int, c.run_id, c.type, c.body from turn, unnest(
          ${texts(({ runId }) => runId)}::text[], ${texts(({ type }) => type)}::text[],
          ${textArray(bodies)}::text[]
        ) with ordinality c(run_id, type, body, place)
        where ${this.#isOn(sql, epoch.number + 1)} order by c.place returning 1`
      );
      return sent.length > 0;
    });
  }

  async inbox(partition: number, after?: string): Promise<InboxCommand[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<InboxRow[]>`
        select id, run_id as "runId", type, body, reason from ${this.#db.tables.inbox}
        where partition = ${partition} and id > ${Number(after ?? 0)}
        order by id limit ${INBOX_PAGE}`
    );
    return rows.map(toCommand);
  }

  putBlob(bytes: Uint8Array, known?: string): Promise<string> {
    return this.keeper.put(bytes, known);
  }

  getBlob(sha256: string): Promise<Uint8Array> {
    return this.keeper.get(sha256);
  }

  close(): void {
    void this.#db.close();
  }
}

/** Usually one; all of them go into one transaction. */
function slice<Event>(
  append: Append<Event>,
  segments: readonly Uint8Array[],
  firstSeq: number,
): Slice[] {
  // The last line of a run stands for those before it.
  const byRun = new Map(append.runs?.map((run) => [run.runId, run]));
  const entries = [...byRun.values()]
    .map((run) => ({ ...run, firstSeq: run.firstSeq || firstSeq }));
  const count = Math.max(
    1,
    Math.ceil(segments.length / SEGMENTS_MAX),
    Math.ceil(entries.length / ENTRIES_MAX),
  );
  return Array.from({ length: count }, (_, at) => {
    const isLast = at === count - 1;
    return {
      firstSeq: firstSeq + Math.min(at * SEGMENTS_MAX, segments.length),
      segments: segments.slice(at * SEGMENTS_MAX, (at + 1) * SEGMENTS_MAX),
      entries: entries.slice(at * ENTRIES_MAX, (at + 1) * ENTRIES_MAX),
      handled: isLast ? append.handled ?? [] : [],
      lowWater: isLast ? append.lowWater ?? null : null,
    };
  });
}

function toTerm({ partition, term, holder, heir }: TermRow): Term {
  return { partition, term, holder: holder === null ? null : JSON.parse(holder), heir };
}

function toCommand({ id, runId, type, body, reason }: InboxRow): InboxCommand {
  const old = reason === null ? {} : { reason };
  const found = body === null ? old : JSON.parse(body);
  return { id: String(id).padStart(20, "0"), runId, type, body: found };
}

/** Tells the locks of one schema's inboxes from those of others; a clash only costs time. */
function inboxLock(schema: string): number {
  return crc32(`inbox ${schema}`) | 0;
}

/** What a line lacks is null in its row. */
function entryOf({ packageHash, tenant, tags, ...entry }: RunRow): RunEntry {
  return {
    ...entry,
    ...(packageHash === null ? {} : { packageHash }),
    ...(tenant === null ? {} : { tenant }),
    ...(tags === null ? {} : { tags: JSON.parse(tags) }),
  };
}

/** What a segment is checked by when it is read. */
export function segmentChecksum(
  bytes: Uint8Array,
  { partition, seq, term }: { partition: number; seq: number; term: number },
): number {
  return crc32(bytes, crc32(`journal ${partition} ${seq} ${term}`));
}

function fenced({ partition, term }: Fence): ConflictError {
  return new ConflictError("FENCED", {
    message: `Refused a write of term ${term}: another node leads partition ${partition}`,
    hint: "Nothing was written; the other node goes on with these runs",
  });
}
