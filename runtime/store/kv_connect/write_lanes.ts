import type { Connection } from "./connection.ts";
import { Interruption, replaced } from "./kv_connect_errors.ts";
import { encodeKey } from "./key_codec.ts";
import {
  type AtomicWrite,
  decodeAtomicWriteOutput,
  decodeSnapshotReadOutput,
  encodeAtomicWrite,
  encodeSnapshotRead,
  type Entry,
  MUTATION,
  type Mutation,
  WRITE_STATUS,
} from "./messages.ts";
import { decodeValue, encodeValue } from "./value_codec.ts";

/** Writes under way at once. */
const LANES_MAX = 8;
const NEVER = new Uint8Array();

/** A key of this client alone, which every write of the lane replaces. */
interface Lane {
  key: Uint8Array;
  /** Of the last write of the lane. */
  versionstamp: Uint8Array;
  /** Whether copies of a write of it may still be under way. */
  hasDoubt: boolean;
}

/**
 * Does each atomic write once, whatever becomes of its answer. A write also replaces the key of a
 * lane, under the condition that the key is as the last write left it. So of several copies of a
 * write only one can be done, no copy can be done after a later write of the lane, and the key
 * tells whether it was done, and with which versionstamp.
 */
export class WriteLanes {
  readonly #connection: Connection;
  readonly #client = crypto.randomUUID();
  readonly #free: Lane[] = [];
  readonly #waiting: ((lane: Lane) => void)[] = [];
  /** Lanes whose last write was given up: what became of it is unknown. */
  readonly #abandoned = new Set<Lane>();
  #inUse = 0;
  #laneCount = 0;
  #writeCount = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * @returns versionstamp of the write; `null`: a check failed, and nothing was written
   * @throws {UnavailableError} `STORE_UNAVAILABLE`; whether it was written is unknown then
   */
  async commit(write: AtomicWrite): Promise<Uint8Array | null> {
    await this.#settleAbandoned();
    const lane = await this.#take();
    try {
      const versionstamp = await this.#commitIn(lane, write);
      if (versionstamp === null && lane.hasDoubt) this.#abandon(lane);
      else this.#give({ ...lane, versionstamp: versionstamp ?? lane.versionstamp });
      return versionstamp;
    } catch (error) {
      this.#abandon(lane);
      throw error;
    }
  }

  /** Removes what it left in the store, as far as nothing is under way any more. */
  async end(): Promise<void> {
    const over = this.#free.filter((lane) => !lane.hasDoubt && lane.versionstamp !== NEVER);
    this.#free.length = 0;
    if (over.length === 0) return;
    const mutations = over.map(({ key }) => ({ type: MUTATION.delete, key }));
    await this.#connection.post("atomic_write", encodeAtomicWrite({ checks: [], mutations }))
      // They do no harm, and a server that is gone is not waited for.
      .catch(() => {});
  }

  async #commitIn(lane: Lane, { checks, mutations }: AtomicWrite): Promise<Uint8Array | null> {
    const id = `${this.#client} ${++this.#writeCount}`;
    const request = encodeAtomicWrite({
      checks: [...checks, lane],
      mutations: [...mutations, mark(lane, id)],
    });
    let tries = 0;
    return await this.#connection.repeat(async () => {
      lane.hasDoubt ||= tries++ > 0;
      return await this.#send(request) ?? await this.#find(lane, id);
    }, { isWrite: true });
  }

  /** `null`: a check failed. */
  async #send(request: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
    const answer = await this.#connection.post("atomic_write", request);
    const { status, versionstamp } = decodeAtomicWriteOutput(answer);
    if (status === WRITE_STATUS.done) return versionstamp.slice();
    if (status === WRITE_STATUS.checkFailed) return null;
    this.#connection.forget();
    throw new Interruption(`it takes no writes at present (${status})`);
  }

  /** Versionstamp of the write `id` of this lane; `null`: it was not done so far. */
  async #find(lane: Lane, id: string): Promise<Uint8Array | null> {
    const entry = await this.#look(lane);
    if (entry !== undefined && decodeValue(entry.value) === id) return entry.versionstamp.slice();
    if (isSame(entry?.versionstamp ?? NEVER, lane.versionstamp)) return null;
    throw replaced(this.#connection.url);
  }

  async #look({ key }: Lane): Promise<Entry | undefined> {
    const end = new Uint8Array([...key, 0]);
    const request = encodeSnapshotRead([{ start: key, end, limit: 1 }]);
    const answer = await this.#connection.post("snapshot_read", request);
    const { ranges, isDisabled, isStrong } = decodeSnapshotReadOutput(answer);
    if (!isDisabled && isStrong) return ranges[0]?.[0];
    this.#connection.forget();
    throw new Interruption("it answers no reads at present");
  }

  /** Sees to it that writes that were given up are done by now or never: what follows comes later. */
  async #settleAbandoned(): Promise<void> {
    for (const lane of this.#abandoned) {
      const { key, versionstamp } = lane;
      const request = encodeAtomicWrite({
        checks: [{ key, versionstamp }],
        mutations: [mark(lane, "settled")],
      });
      await this.#connection.repeat(() => this.#send(request), { isWrite: true });
      this.#abandoned.delete(lane);
    }
  }

  async #take(): Promise<Lane> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#inUse < LANES_MAX) {
      this.#inUse++;
      return this.#newLane();
    }
    return await new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(lane);
    else next(lane);
  }

  /** Another lane takes its place. */
  #abandon(lane: Lane): void {
    this.#abandoned.add(lane);
    const next = this.#waiting.shift();
    if (next === undefined) this.#inUse--;
    else next(this.#newLane());
  }

  #newLane(): Lane {
    const key = encodeKey(["lane", this.#client, ++this.#laneCount]);
    return { key, versionstamp: NEVER, hasDoubt: false };
  }
}

function mark({ key }: Lane, id: string): Mutation {
  return { type: MUTATION.set, key, value: encodeValue(id) };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
