import type {
  ClusterSettings,
  ClusterStore,
  Doorbell,
  Letter,
  Member,
} from "../../../core/cluster_ports.ts";
import type { Json } from "../../../core/json.ts";
import { numberArray, textArray } from "./array_literal.ts";
import type { Database } from "./database.ts";

const LETTERS_PAGE = 100;

/** What nodes share of a schema. */
export class PostgresClusterStore implements ClusterStore {
  readonly bell: Doorbell;
  readonly #db: Database;

  constructor(db: Database, bell: Doorbell) {
    this.#db = db;
    this.bell = bell;
  }

  async beat(member: Member, predecessors: readonly string[] = []): Promise<boolean> {
    const { nodeId, boot } = member;
    const rows = await this.#db.repeat((sql) =>
      sql`insert into ${this.#db.tables.member} as m (node_id, boot, text)
        values (${nodeId}, ${boot}, ${JSON.stringify(member)})
        on conflict (node_id) do update set boot = excluded.boot, text = excluded.text
          where m.boot = any(${textArray([boot, ...predecessors])}::text[])
        returning 1`
    );
    return rows.length === 1;
  }

  async members(): Promise<Member[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<{ text: string }[]>`select text from ${this.#db.tables.member} order by node_id`
    );
    return rows.map(({ text }) => JSON.parse(text));
  }

  async leave(nodeId: string, boot: string): Promise<void> {
    const { member, letter } = this.#db.tables;
    await this.#db.repeat((sql) =>
      sql`
        with gone as (
          delete from ${member} where node_id = ${nodeId} and boot = ${boot} returning node_id
        )
        delete from ${letter} l using gone where l.node_id = gone.node_id`
    );
  }

  async settings(wish: ClusterSettings): Promise<ClusterSettings> {
    await this.#db.repeat((sql) =>
      sql`insert into ${this.#db.tables.cluster} (text) values (${JSON.stringify(wish)})
        on conflict (is_only) do nothing`
    );
    return (await this.knownSettings())!;
  }

  async knownSettings(): Promise<ClusterSettings | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ text: string }?]>`select text from ${this.#db.tables.cluster}`
    );
    return row === undefined ? null : JSON.parse(row.text);
  }

  async post(nodeId: string, bodies: readonly Json[]): Promise<void> {
    if (bodies.length === 0) return;
    const texts = textArray(bodies.map((body) => JSON.stringify(body)));
    await this.#db.repeat((sql) =>
      sql`insert into ${this.#db.tables.letter} (node_id, text)
        select ${nodeId}::text, b.text from unnest(${texts}::text[]) with ordinality b(text, place)
        order by b.place`
    );
  }

  async letters(nodeId: string): Promise<Letter[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<{ id: number; text: string }[]>`select id, text from ${this.#db.tables.letter}
        where node_id = ${nodeId} order by id limit ${LETTERS_PAGE}`
    );
    return rows.map(({ id, text }) => ({ id: String(id), body: JSON.parse(text) }));
  }

  async discard(nodeId: string, ids: readonly string[]): Promise<void> {
    const numbers = numberArray(ids.filter((id) => /^\d+$/.test(id)).map(Number));
    await this.#db.repeat((sql) =>
      sql`delete from ${this.#db.tables.letter}
        where node_id = ${nodeId} and id = any(${numbers}::bigint[])`
    );
  }
}
