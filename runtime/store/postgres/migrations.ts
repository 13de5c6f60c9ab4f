/**
 * The tables, as steps that are never changed once they were released: a new step is added at the
 * end. Each store of a schema has done a prefix of them.
 *
 * Texts are ordered by bytes (collation "C"), as names are everywhere else.
 *
 * @module
 */

/** What a packed text takes: see `packed_text.ts`. */
const PACKED = "bytes bytea not null, is_deflated boolean not null, size int not null, " +
  "crc bigint not null";

/** Who leads, and how far the leader has written. A row that changes often has room to do so. */
const LEADER = "term bigint not null, token text not null, node_id text, holder text, " +
  "commits bigint not null";
const BUSY = "with (fillfactor = 40)";

export const MIGRATIONS: readonly string[] = [
  `
  create table partition (
    partition int primary key, ${LEADER},
    next_seq bigint not null, low_water bigint not null
  ) ${BUSY};
  create table journal (
    partition int, seq bigint, term bigint not null, crc bigint not null, bytes bytea not null,
    primary key (partition, seq)
  );
  create table run (
    run_id text collate "C" primary key, workflow text not null, version text,
    status text not null, submitted_at bigint not null, finished_at bigint,
    partition int not null, first_seq bigint not null
  );
  create table reservation (
    key text collate "C" primary key, run_id text not null, node_id text not null,
    holder text not null
  );
  create table inbox (
    id bigint generated always as identity primary key, partition int not null,
    run_id text not null, type text not null, reason text
  );
  create index inbox_by_partition on inbox (partition, id);
  create table blob (sha256 text collate "C" primary key, bytes bytea not null);

  create table actor_system (
    system text collate "C" primary key, ${LEADER},
    next_segment bigint not null, low_water bigint not null
  ) ${BUSY};
  create table actor_log (
    system text collate "C", segment bigint, term bigint not null, ${PACKED},
    primary key (system, segment)
  );
  create table actor_state (
    system text collate "C", address text collate "C", version bigint not null, ${PACKED},
    primary key (system, address)
  );
  create table actor_tree (system text collate "C" primary key, ${PACKED});
  create table dead_letter (
    system text collate "C", id text collate "C", ${PACKED},
    primary key (system, id)
  );
  create index dead_letter_by_id on dead_letter (id);
  create table topic (
    system text collate "C", topic text collate "C", low_mark bigint not null,
    next_position bigint not null,
    primary key (system, topic)
  ) ${BUSY};
  create table topic_message (
    system text collate "C", topic text collate "C", position bigint, ${PACKED},
    primary key (system, topic, position)
  );
  create table wish (
    id bigint generated always as identity primary key, system text collate "C" not null, ${PACKED}
  );
  create index wish_by_system on wish (system, id);

  create table audit_head (
    is_only boolean primary key default true check (is_only), seq bigint not null,
    hash text not null
  );
  create table audit_line (seq bigint primary key, text text not null);

  -- What is long is compressed before it is sent, or does not get smaller.
  alter table actor_log alter column bytes set storage external;
  alter table actor_state alter column bytes set storage external;
  alter table actor_tree alter column bytes set storage external;
  alter table dead_letter alter column bytes set storage external;
  alter table topic_message alter column bytes set storage external;
  alter table wish alter column bytes set storage external;
  `,
  `
  alter table partition add column heir text;
  -- What was sent before has a reason at most, and no body.
  alter table inbox add column body text;
  `,
  `
  create table member (
    node_id text collate "C" primary key, boot text not null, text text not null
  ) ${BUSY};
  create table cluster (
    is_only boolean primary key default true check (is_only), text text not null
  );
  create table letter (
    id bigint generated always as identity primary key, node_id text collate "C" not null,
    text text not null
  );
  create index letter_by_node on letter (node_id, id);
  `,
  `
  create table archive_mark (partition int primary key, up_to bigint not null, moving bigint);
  create table history (
    run_id text collate "C", first_seq bigint, last_seq bigint not null, ${PACKED},
    primary key (run_id, first_seq)
  );
  create table open_run (
    partition int, run_id text collate "C", up_to bigint not null, events bigint not null,
    primary key (partition, run_id)
  );
  create table snapshot (
    partition int, run_id text collate "C", events bigint not null,
    seq bigint not null, ${PACKED},
    primary key (partition, run_id)
  );
  create table struck_run (
    partition int, run_id text collate "C",
    primary key (partition, run_id)
  );
  alter table run add column package_hash text;
  create index reservation_by_run on reservation (run_id);
  alter table history alter column bytes set storage external;
  alter table snapshot alter column bytes set storage external;
  `,
  `
  create table blob_epoch (
    is_only boolean primary key default true check (is_only), epoch bigint not null,
    begun_at bigint not null
  );
  insert into blob_epoch (epoch, begun_at) values (1, 0);
  alter table blob add column epoch bigint not null default 0;
  alter table blob add column may_name boolean not null default true;
  `,
  `
  create table document (
    collection text collate "C", key text collate "C", version text not null, text text not null,
    primary key (collection, key)
  ) ${BUSY};
  alter table run add column tenant text;
  -- JSON text of a list.
  alter table run add column tags text;
  `,
];
