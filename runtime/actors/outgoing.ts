/**
 * Frames for cells, collected over one turn of the node: one line for each cell and kind.
 *
 * @module
 */
import type {
  AnswerRow,
  DeliveryRow,
  NodeFrame,
  RefusalRow,
  SeatRow,
  TokenRange,
} from "../../actors/frames.ts";

/** Whoever takes frames: a cell. */
export interface FrameTaker {
  send(frame: NodeFrame): void;
}

/** Characters of a parcel from which on it leaves at once: no line becomes too long to be written. */
const PARCEL_CHARS_MAX = 1024 * 1024;

interface Parcel {
  /** Of states, payloads and answers. */
  chars: number;
  seats: SeatRow[];
  rows: DeliveryRow[];
  taken: TokenRange[];
  refused: RefusalRow[];
  answers: AnswerRow[];
}

export class Outgoing {
  readonly #parcels = new Map<FrameTaker, Parcel>();

  /** To be activated; before what is delivered to it. `chars`: of its state. */
  activate(cell: FrameTaker, row: SeatRow, chars: number): void {
    const parcel = this.#parcel(cell);
    parcel.seats.push(row);
    this.#weigh(cell, parcel, chars);
  }

  /** `chars`: of the payload. */
  deliver(cell: FrameTaker, row: DeliveryRow, chars: number): void {
    const parcel = this.#parcel(cell);
    parcel.rows.push(row);
    this.#weigh(cell, parcel, chars);
  }

  taken(cell: FrameTaker, token: number): void {
    const { taken } = this.#parcel(cell);
    const last = taken.at(-1);
    if (last !== undefined && token === last[1] + 1) last[1] = token;
    else taken.push([token, token]);
  }

  refused(cell: FrameTaker, row: RefusalRow): void {
    this.#parcel(cell).refused.push(row);
  }

  /** `chars`: of the answer. */
  answer(cell: FrameTaker, row: AnswerRow, chars: number): void {
    const parcel = this.#parcel(cell);
    parcel.answers.push(row);
    this.#weigh(cell, parcel, chars);
  }

  flush(): void {
    for (const [cell, parcel] of this.#parcels) {
      this.#parcels.delete(cell);
      post(cell, parcel);
    }
  }

  #weigh(cell: FrameTaker, parcel: Parcel, chars: number): void {
    parcel.chars += chars;
    if (parcel.chars < PARCEL_CHARS_MAX) return;
    this.#parcels.delete(cell);
    post(cell, parcel);
  }

  #parcel(cell: FrameTaker): Parcel {
    let parcel = this.#parcels.get(cell);
    if (parcel === undefined) {
      parcel = { chars: 0, seats: [], rows: [], taken: [], refused: [], answers: [] };
      this.#parcels.set(cell, parcel);
    }
    return parcel;
  }
}

function post(cell: FrameTaker, { seats, rows, taken, refused, answers }: Parcel): void {
  if (seats.length > 0) cell.send(["activate", seats]);
  if (rows.length > 0) cell.send(["deliver", rows]);
  if (answers.length > 0) cell.send(["answers", answers]);
  if (taken.length + refused.length > 0) cell.send(["sent", taken, refused]);
}
