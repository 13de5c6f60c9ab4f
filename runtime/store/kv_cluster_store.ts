/**
 * What nodes on one machine share of a KV file.
 *
 * | key | value |
 * | --- | --- |
 * | `member, node` | the node as it described itself last |
 * | `cluster` | settings |
 * | `node-letter, node, versionstamp` | a note: its JSON text, or the name and number of its parts |
 * | `node-letter-part, node, name, number` | bytes of a long note |
 *
 * @module
 */
import type {
  ClusterSettings,
  ClusterStore,
  Doorbell,
  Letter,
  Member,
} from "../../core/cluster_ports.ts";
import type { Json } from "../../core/json.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { corrupt } from "./packed_text.ts";

const LETTERS_PAGE = 100;
/** A longer note is stored in parts, so many in one atomic write: it takes 800 KiB. */
const TEXT_CHARS_MAX = 16 * 1024;
const PART_BYTES = 60 * 1024;
const PARTS_PER_WRITE = 12;
/** Keys that one atomic write deletes. */
const DELETIONS_MAX = 500;

const SETTINGS = ["cluster"];

type StoredLetter = { text: string } | { parts: string; count: number };

/** The cluster in an open KV file, which others may use too; closing it is left to its owner. */
export class KvClusterStore implements ClusterStore {
  /** Deno KV in a file tells no other process: nodes ring each other. */
  readonly bell: Doorbell | null;
  readonly #kv: Deno.Kv;
  readonly #patienceMs: number | undefined;

  /** `patienceMs`: how long a file that another process has locked is waited for. */
  constructor(
    kv: Deno.Kv,
    { patienceMs, bell = null }: { patienceMs?: number; bell?: Doorbell | null } = {},
  ) {
    this.#kv = kv;
    this.bell = bell;
    this.#patienceMs = patienceMs;
  }

  async beat(member: Member, predecessors: readonly string[] = []): Promise<boolean> {
    const key = ["member", member.nodeId];
    for (;;) {
      const found = await this.#retry(() => this.#kv.get<Member>(key));
      const boot = found.value?.boot ?? member.boot;
      if (boot !== member.boot && !predecessors.includes(boot)) return false;
      const written = this.#kv.atomic().check(found).set(key, member);
      if ((await this.#retry(() => written.commit())).ok) return true;
    }
  }

  async members(): Promise<Member[]> {
    return (await this.#list<Member>(["member"])).map(({ value }) => value);
  }

  async leave(nodeId: string, boot: string): Promise<void> {
    const key = ["member", nodeId];
    const found = await this.#retry(() => this.#kv.get<Member>(key));
    if (found.value?.boot !== boot) return;
    const struck = this.#kv.atomic().check(found).delete(key);
    if (!(await this.#retry(() => struck.commit())).ok) return await this.leave(nodeId, boot);
    for (const kind of ["node-letter", "node-letter-part"]) {
      const entries = await this.#list([kind, nodeId]);
      await this.#delete(entries.map((entry) => entry.key));
    }
  }

  async settings(wish: ClusterSettings): Promise<ClusterSettings> {
    const unset = { key: SETTINGS, versionstamp: null };
    const atomic = this.#kv.atomic().check(unset).set(SETTINGS, wish);
    if ((await this.#retry(() => atomic.commit())).ok) return wish;
    return (await this.knownSettings())!;
  }

  async knownSettings(): Promise<ClusterSettings | null> {
    return (await this.#retry(() => this.#kv.get<ClusterSettings>(SETTINGS))).value;
  }

  async post(nodeId: string, bodies: readonly Json[]): Promise<void> {
    for (const body of bodies) {
      const text = JSON.stringify(body);
      const letter = text.length <= TEXT_CHARS_MAX ? { text } : await this.#putParts(nodeId, text);
      const key = ["node-letter", nodeId, this.#kv.commitVersionstamp()];
      await this.#retry(() => this.#kv.atomic().set(key, letter).commit());
    }
  }

  /** The note itself comes after its parts. */
  async #putParts(nodeId: string, text: string): Promise<StoredLetter> {
    const bytes = new TextEncoder().encode(text);
    const parts = crypto.randomUUID();
    const count = Math.ceil(bytes.length / PART_BYTES);
    for (let first = 0; first < count; first += PARTS_PER_WRITE) {
      const atomic = this.#kv.atomic();
      for (let at = first; at < Math.min(count, first + PARTS_PER_WRITE); at++) {
        const part = bytes.slice(at * PART_BYTES, (at + 1) * PART_BYTES);
        atomic.set(["node-letter-part", nodeId, parts, at], part);
      }
      await this.#retry(() => atomic.commit());
    }
    return { parts, count };
  }

  async letters(nodeId: string): Promise<Letter[]> {
    const entries = await this.#list<StoredLetter>(["node-letter", nodeId], LETTERS_PAGE);
    return await Promise.all(entries.map(async ({ key, value }) => {
      const text = "text" in value ? value.text : await this.#readParts(nodeId, value);
      return { id: key[2] as string, body: JSON.parse(text) };
    }));
  }

  async #readParts(
    nodeId: string,
    { parts, count }: { parts: string; count: number },
  ): Promise<string> {
    const found = await this.#list<Uint8Array>(["node-letter-part", nodeId, parts]);
    if (found.length !== count) throw corrupt(`letter ${nodeId} ${parts}`, "a part is missing");
    return await new Blob(found.map(({ value }) => value as Uint8Array<ArrayBuffer>)).text();
  }

  async discard(nodeId: string, ids: readonly string[]): Promise<void> {
    const keys: Deno.KvKey[] = [];
    for (const id of ids) {
      const key = ["node-letter", nodeId, id];
      const { value } = await this.#retry(() => this.#kv.get<StoredLetter>(key));
      keys.push(key);
      if (value === null || "text" in value) continue;
      for (let at = 0; at < value.count; at++) {
        keys.push(["node-letter-part", nodeId, value.parts, at]);
      }
    }
    await this.#delete(keys);
  }

  /** In order: a note goes before its parts, and so is never seen without them. */
  async #delete(keys: readonly Deno.KvKey[]): Promise<void> {
    for (let first = 0; first < keys.length; first += DELETIONS_MAX) {
      const atomic = this.#kv.atomic();
      for (const key of keys.slice(first, first + DELETIONS_MAX)) atomic.delete(key);
      await this.#retry(() => atomic.commit());
    }
  }

  #list<T>(prefix: Deno.KvKey, limit?: number): Promise<Deno.KvEntry<T>[]> {
    const options = limit === undefined ? {} : { limit };
    return this.#retry(() => Array.fromAsync(this.#kv.list<T>({ prefix }, options)));
  }

  #retry<T>(action: () => Promise<T>): Promise<T> {
    return retryWhileLocked(action, this.#patienceMs);
  }
}
