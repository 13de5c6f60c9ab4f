import { Buffer } from "node:buffer";
import { FORMER_HOLDER } from "../node/process_identity.ts";
import { INLINE_BYTES_MAX } from "../store/actor_batch.ts";
import { KEYS, LABELS } from "../store/actor_keys.ts";
import { packPart } from "../store/archive_history.ts";
import { digest } from "../store/blob_digest.ts";
import { FencedWriter, type Mutation } from "../store/fenced_writer.ts";
import { KvBlobs } from "../store/kv_blobs.ts";
import { packText } from "../store/packed_text.ts";
import { cut } from "../store/stored_value.ts";
import type { BackupRecord, RecordOf } from "./backup_record.ts";

/** As the stores cut them: see `kv_store.ts`. */
const BODY_CHARS_MAX = 16 * 1024;
/** Messages of a topic that go under one key. */
const GROUP_BYTES = 32 * 1024;
const GROUP_MESSAGES_MAX = 100;
/** About what a value takes beside its texts. */
const VALUE_BYTES = 400;

/** Nobody writes this key: it stands for the fence of a file that nobody else has open. */
const NOBODY: Deno.AtomicCheck = { key: ["restore"], versionstamp: null };

type Message = RecordOf<"message">;

/** Fills a new KV file, which nobody else has open, with records in the order of a backup. */
export class KvTarget {
  readonly #kv: Deno.Kv;
  readonly #writer: FencedWriter;
  readonly #blobs: KvBlobs;
  #group: Message[] = [];
  #groupBytes = 0;
  #parts = 0;
  /** Blobs that the engine needs beside those of the backup. */
  readonly ownBlobs = new Set<string>();

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
    this.#blobs = new KvBlobs(kv);
    this.#writer = new FencedWriter(kv, NOBODY, () => new Error("the file is not new"));
  }

  async write(record: BackupRecord): Promise<void> {
    if (record.kind === "message") return await this.#addMessage(record);
    await this.#flushGroup();
    await this.#write(record);
  }

  async finish(): Promise<void> {
    await this.#flushGroup();
    await this.#writer.flush();
  }

  #write(record: Exclude<BackupRecord, Message>): Promise<void> {
    switch (record.kind) {
      case "settings":
        return this.#set(["cluster"], JSON.parse(decode(record.bytes)));
      case "partition":
        return this.#partition(record);
      case "segment":
        return this.#segment(record);
      case "archive": {
        const { partition, upTo, moving } = record;
        return this.#set(["compacted", partition], { upTo, moving });
      }
      case "history":
        return this.#history(record);
      case "open-run": {
        const { partition, runId, upTo, events } = record;
        return this.#set(["open", partition, runId], { upTo, events });
      }
      case "run": {
        const { kind: _, ...entry } = record;
        return this.#set(["run", record.runId], entry, 2 * JSON.stringify(entry).length);
      }
      case "command":
        return this.#command(record);
      case "reservation":
        return this.#reservation(record);
      case "system":
        return this.#system(record);
      case "log": {
        const { system, segment, term } = record;
        const label = LABELS.log(system, segment, term);
        const place = { key: KEYS.log(system, segment), owner: `log ${segment}`, label };
        return this.#text(record, { ...place, more: { term } });
      }
      case "state": {
        const { system, address, version } = record;
        const label = LABELS.state(system, address, version);
        const place = { key: KEYS.state(system, address), owner: `state ${address}`, label };
        return this.#text(record, { ...place, more: { version } });
      }
      case "tree": {
        const { system } = record;
        return this.#text(record, {
          key: KEYS.tree(system),
          owner: "tree",
          label: LABELS.tree(system),
        });
      }
      case "letter": {
        const { system, id } = record;
        const label = LABELS.letter(system, id);
        return this.#text(record, { key: KEYS.letter(system, id), owner: `letter ${id}`, label });
      }
      case "topic":
        return this.#topic(record);
      case "wish":
        return this.#wish(record);
      case "document":
        return this.#document(record);
      case "audit-head": {
        const { seq, hash } = record;
        return this.#set(["audit-head"], { seq, hash });
      }
      case "audit-line":
        return this.#set(["audit", record.seq], record.bytes, record.bytes.length);
      case "blob":
        return this.#blob(record.sha256, record.bytes);
    }
  }

  async #set(key: Deno.KvKey, value: unknown, bytes = VALUE_BYTES): Promise<void> {
    await this.#writer.add([{ key, value, bytes }]);
  }

  async #partition(record: RecordOf<"partition">): Promise<void> {
    const { partition, term, lowWater, isLed } = record;
    const holder = isLed ? FORMER_HOLDER : null;
    await this.#set(["term", partition], { term, holder, heir: null });
    await this.#set(["mark", partition], lowWater);
  }

  async #reservation({ key, runId }: RecordOf<"reservation">): Promise<void> {
    await this.#set(["key", key], { runId, holder: FORMER_HOLDER });
    await this.#set(["key-of", runId], key);
  }

  #segment({ partition, seq, term, bytes }: RecordOf<"segment">): Promise<void> {
    return this.#set(["journal", partition, seq], { term, bytes }, bytes.length);
  }

  async #history({ runId, firstSeq, lastSeq, bytes }: RecordOf<"history">): Promise<void> {
    const packed = await packPart(runId, firstSeq, decode(bytes));
    const value = { lastSeq, ...packed };
    await this.#set(["history", runId, firstSeq], value, packed.bytes.length + VALUE_BYTES);
  }

  /** Ids come from commits, one each; what was sent before must be there first. */
  async #command({ partition, runId, type, bytes }: RecordOf<"command">): Promise<void> {
    const text = decode(bytes);
    const body = text.length <= BODY_CHARS_MAX
      ? { body: text }
      : { blob: await this.#ownBlob(bytes) };
    await this.#append(["inbox", partition], { runId, type, ...body });
  }

  async #wish({ system, bytes }: RecordOf<"wish">): Promise<void> {
    const packed = await packText(decode(bytes), LABELS.wish(system), Infinity);
    await this.#append(["wish", system], packed);
  }

  async #append(prefix: Deno.KvKey, value: unknown): Promise<void> {
    const key = [...prefix, this.#kv.commitVersionstamp()];
    await this.#kv.atomic().set(key, value).commit();
  }

  async #ownBlob(bytes: Uint8Array): Promise<string> {
    const sha256 = await digest(bytes);
    this.ownBlobs.add(sha256);
    await this.#blob(sha256, bytes);
    return sha256;
  }

  /** As if they were put in the first epoch. */
  #blob(sha256: string, bytes: Uint8Array): Promise<void> {
    return this.#blobs.put(sha256, bytes, 1);
  }

  #document({ collection, key, bytes }: RecordOf<"document">): Promise<void> {
    return this.#set(["document", collection, key], bytes, bytes.length);
  }

  async #system({ system, term, lowWater }: RecordOf<"system">): Promise<void> {
    await this.#set(KEYS.system(system), { term, holder: null });
    await this.#set(KEYS.logMark(system), lowWater);
  }

  async #topic({ system, topic, lowMark }: RecordOf<"topic">): Promise<void> {
    // Where it goes on is behind the last message, or at the mark when there is none.
    await this.#set(KEYS.topicMark(system, topic), lowMark);
  }

  /** Messages of a topic stand together, as one commit would have left them. */
  async #addMessage(message: Message): Promise<void> {
    const [first] = this.#group;
    const isSame = first?.system === message.system && first.topic === message.topic;
    const isFull = this.#groupBytes + message.bytes.length > GROUP_BYTES ||
      this.#group.length === GROUP_MESSAGES_MAX;
    if (!isSame || isFull) await this.#flushGroup();
    this.#group.push(message);
    this.#groupBytes += message.bytes.length;
  }

  async #flushGroup(): Promise<void> {
    const group = this.#group;
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined) return;
    this.#group = [];
    this.#groupBytes = 0;
    const { system, topic, position } = first;
    const texts = group.map(({ position, bytes }) => `[${position},${decode(bytes)}]`);
    await this.#text({ system, bytes: Buffer.from(`[${texts.join(",")}]`) }, {
      key: KEYS.topic(system, topic, position),
      owner: `topic ${topic} ${position}`,
      label: LABELS.topic(system, topic, position, last!.position),
      more: { last: last!.position },
    });
  }

  /** A value of an actor system: short in its key, long in parts. */
  async #text(
    { system, bytes }: { system: string; bytes: Uint8Array },
    { key, owner, label, more }: {
      key: Deno.KvKey;
      owner: string;
      label: string;
      more?: { version: number } | { term: number } | { last: number };
    },
  ): Promise<void> {
    const packed = await packText(decode(bytes), label);
    if (packed.bytes.length <= INLINE_BYTES_MAX) {
      return await this.#set(key, { ...packed, ...more }, packed.bytes.length + VALUE_BYTES);
    }
    const pieces = cut(packed.bytes);
    // Leaders name parts by their term, which is never 0.
    const parts = { id: `0-${++this.#parts}`, count: pieces.length };
    const mutations: Mutation[] = pieces.map((value, at) => (
      { key: KEYS.part(system, parts.id, at), value, bytes: value.length }
    ));
    for (const mutation of mutations) await this.#writer.add([mutation]);
    await this.#set(KEYS.parts(system, parts.id), { count: parts.count, owner });
    await this.#set(key, { ...packed, bytes: null, parts, ...more });
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
