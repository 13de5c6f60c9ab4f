/**
 * One instance of an actor, from the first thing that concerns it until nothing does any more. An
 * agent, which has no instances, is one activation that lives in all cells of its definition.
 *
 * @module
 */
import { type Bucket, createBucket, Mailbox, type MailPool } from "../../actors/messages/mod.ts";
import type { Cell, Flight } from "../cells/mod.ts";
import type { ActorType } from "./actor_type.ts";
import type { ActorWork, Ask, Letter } from "./letter.ts";

/**
 * - `down`: not resident; a virtual actor may be waiting for the end of its restart delay
 * - `queued`: waits for one of the places of the system
 * - `placing`: waits for a cell
 * - `loading`: its state is being read
 * - `starting`: the cell has it, `onStart` runs
 * - `running`
 * - `stopping`: `onStop` runs
 * - `ended`: its supervisor will not start it again
 * - `retired`: nothing concerned it any more; its address may have another activation by now
 */
export type ActivationStatus =
  | "down"
  | "queued"
  | "placing"
  | "loading"
  | "starting"
  | "running"
  | "stopping"
  | "ended"
  | "retired";

export class Activation {
  readonly type: ActorType;
  readonly key: string | null;
  readonly address: string;
  /** What all instances of the definition have in common as senders. */
  readonly share: string;
  readonly mailbox: Mailbox<Letter>;
  /** By flight, in the order in which the worker handles them. */
  readonly #inFlight = new Map<Flight, ActorWork>();
  #inFlightChars = 0;
  /** What waits or is handled of each sender: it counts until it is over. */
  readonly #pool: MailPool;
  /** Asks of this actor that are not answered. */
  readonly asking = new Set<Ask>();
  status: ActivationStatus = "down";
  cell: Cell | null = null;
  /** Names the activation in frames of its cell. */
  seat = 0;
  /** Of the state: as last said by the worker. */
  version = 0;
  /** Commits that hold a state or an answer of it and are not durable yet. */
  unsettled = 0;
  /** The child of the supervision tree that it is; `null` for a virtual actor. */
  child: { id: string; incarnation: number } | null = null;
  startedAt: number | null = null;
  idleSince = 0;
  /** A durable message in it may have killed a cell with several actors: it is tried alone. */
  isSuspect = false;
  /** Why it is to stop, when that is known before it can. */
  stopReason: "normal" | "shutdown" | "idle" | null = null;
  /** Senders that are told "taken" when the mailbox has room again. */
  heldAcks: { cell: Cell; token: number }[] = [];
  /** Actors among these senders. */
  readonly heldFrom = new Set<Activation>();
  readonly bucket: Bucket | null;

  /**
   * @param pool what waits in all mailboxes
   * @param bucket what an earlier activation of the address left of its rate
   */
  constructor(
    type: ActorType,
    key: string | null,
    address: string,
    now: number,
    pool: MailPool,
    bucket: Bucket | undefined,
  ) {
    const { mailbox, rate } = type.spec;
    this.type = type;
    this.key = key;
    this.address = address;
    this.share = `actor://${type.spec.name}`;
    this.mailbox = new Mailbox(mailbox, pool);
    this.#pool = pool;
    this.bucket = rate === undefined ? null : bucket ?? createBucket(rate, now);
    this.idleSince = now;
  }

  get inFlight(): ReadonlyMap<Flight, ActorWork> {
    return this.#inFlight;
  }

  /** Characters of payloads in flight. */
  get inFlightChars(): number {
    return this.#inFlightChars;
  }

  /** The work has left for the cell. */
  begin(flight: Flight, work: ActorWork): void {
    this.#inFlight.set(flight, work);
    if (work.letter === null) return;
    const { share, chars } = work.letter;
    this.#inFlightChars += chars;
    if (share !== undefined) this.#pool.add(share, chars);
  }

  /** The work is over. */
  end(flight: Flight): void {
    const letter = this.#inFlight.get(flight)?.letter;
    if (!this.#inFlight.delete(flight) || letter == null) return;
    this.#inFlightChars -= letter.chars;
    if (letter.share !== undefined) this.#pool.remove(letter.share, letter.chars);
  }

  /** All work is over. */
  endAll(): void {
    for (const flight of [...this.#inFlight.keys()]) this.end(flight);
  }

  /** Whether it holds one of the places of the system. */
  get isResident(): boolean {
    return this.status === "placing" || this.status === "loading" || this.status === "starting" ||
      this.status === "running" || this.status === "stopping";
  }

  /** What the worker handles now, or next. */
  get head(): ActorWork | null {
    return this.#inFlight.values().next().value ?? null;
  }
}
