/**
 * What cells tell, of the activations and the work in them: each thing is passed on to the part of the
 * system that it concerns, once it is known to be what a worker may say.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { AttemptReport } from "../../actors/attempt.ts";
import {
  type ActorItem,
  ITEM,
  type MessageItem,
  toErrorCode,
  toPlainText,
} from "../../actors/frames.ts";
import { UNIT_LIMITS } from "../../core/actor_ports.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { type Cell, type Denial, type Flight, type Landing, RECYCLED } from "../cells/mod.ts";
import type { Activation } from "./activation.ts";
import type { ActorType, ActorTypeEvents } from "./actor_type.ts";
import type { ActorWork } from "./letter.ts";
import type { Parts } from "./parts.ts";

export class CellEvents implements ActorTypeEvents {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  onPlaced(activation: Activation): void {
    this.#parts.activator.onPlaced(activation);
  }

  onLandings(cell: Cell, landings: Landing[]): void {
    this.#parts.courier.onLandings(cell, landings);
  }

  onMessage(cell: Cell, flight: Flight, item: MessageItem): void {
    this.#parts.router.onItem(cell, flight, item);
  }

  onStrays(from: string): void {
    this.#parts.tell({ type: "refused", from, to: from, ...STRAYS });
  }

  onOverdue(work: ActorWork, verdict: ErrorData): void {
    this.#parts.activator.crash(work.activation, verdict, work);
  }

  onUnavailable(waiting: Activation[], error: ErrorData, denials: Denial[]): void {
    this.#parts.activator.onUnavailable(waiting, error, denials);
  }

  onPressure(seats: Iterable<Activation>): void {
    this.#parts.activator.relieve(seats);
  }

  onCellGone(
    type: ActorType,
    cell: Cell,
    seats: Activation[],
    flights: Flight[],
    error: ErrorData,
  ): void {
    this.#parts.askDesk.forgetCell(cell);
    if (type.isAgent) this.#onAgentCellGone(type, flights, error);
    else this.#parts.activator.onCellGone(seats, error);
  }

  onActorItem(type: ActorType, cell: Cell, item: ActorItem): void {
    const activation = type.seatOf(cell, item[1]);
    if (activation === undefined) return;
    if (item[0] === ITEM.STATE) return this.#onState(activation, cell, item[2], item[3]);
    const [, , seq, code, message] = item;
    const work = findWork(activation, cell, seq);
    const error = { code: toErrorCode(code), message: toPlainText(message) };
    this.#parts.activator.crash(activation, error, work?.kind === "message" ? work : null);
  }

  /** Versions rise by one; anything else is a worker that makes its own frames. */
  #onState(activation: Activation, cell: Cell, version: number, state: Json): void {
    if (activation.type.info?.isPersistent !== true || version !== activation.version + 1) {
      return cell.kill({ code: "CRASHED", message: "The worker broke the frame protocol" });
    }
    const text = JSON.stringify(state);
    if (isTooLarge(text)) return this.#refuseState(activation);
    activation.version = version;
    this.#parts.mail.putState(activation, version, text);
  }

  /** It goes on with the state before. */
  #refuseState(activation: Activation): void {
    const { head, address } = activation;
    const error = {
      code: "STORED_VALUE_TOO_LARGE",
      message: `The state of "${address}" takes more than ${UNIT_LIMITS.valueBytesMax} bytes`,
      hint: "Keep large data in files, and their names in the state",
    };
    this.#parts.activator.crash(activation, error, head?.kind === "message" ? head : null);
  }

  onReport({ activation: { address } }: ActorWork, report: AttemptReport): void {
    if (report.type === "log") this.#parts.tell({ ...report, address });
    else if (report.type === "permission") {
      const { permission, value, message } = report;
      this.#parts.tell({ type: "denied", address, permission, value, message });
    } else if (report.type === "step") report.acknowledge();
  }

  /** What waits for the agent may go on, or needs a cell. */
  onAgentRoom({ spec }: ActorType): void {
    const activation = this.#parts.activator.find(`actor://${spec.name}`);
    if (activation !== undefined) this.#parts.courier.note(activation);
  }

  #onAgentCellGone(type: ActorType, flights: Flight[], error: ErrorData): void {
    this.#parts.courier.onAgentCellGone(flights, error);
    const activation = this.#parts.activator.find(`actor://${type.spec.name}`);
    if (activation !== undefined && error !== RECYCLED) {
      this.#parts.activator.onAgentCellGone(activation, error);
    }
    this.onAgentRoom(type);
  }
}

/** Characters take one to three bytes. */
function isTooLarge(text: string): boolean {
  const { valueBytesMax } = UNIT_LIMITS;
  return text.length * 3 > valueBytesMax && Buffer.byteLength(text) > valueBytesMax;
}

const STRAYS = {
  messageType: "",
  error: {
    code: "FRAME_REFUSED",
    message: "The worker spoke of work or of actors that it does not have",
  },
};

function findWork(activation: Activation, cell: Cell, seq: number): ActorWork | null {
  const flight = cell.flights.get(seq);
  return flight === undefined ? null : activation.inFlight.get(flight) ?? null;
}
