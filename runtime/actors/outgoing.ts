/**
 * Frames for cells, collected over one turn of the node: one line for each cell and kind.
 *
 * @module
 */
import type { AnswerRow, DeliveryRow, RefusalRow, SeatRow } from "../../actors/frames.ts";
import type { Cell } from "../cells/mod.ts";

interface Parcel {
  seats: SeatRow[];
  rows: DeliveryRow[];
  taken: number[];
  refused: RefusalRow[];
  answers: AnswerRow[];
}

export class Outgoing {
  readonly #parcels = new Map<Cell, Parcel>();

  /** To be activated; before what is delivered to it. */
  activate(cell: Cell, row: SeatRow): void {
    this.#parcel(cell).seats.push(row);
  }

  deliver(cell: Cell, row: DeliveryRow): void {
    this.#parcel(cell).rows.push(row);
  }

  taken(cell: Cell, token: number): void {
    this.#parcel(cell).taken.push(token);
  }

  refused(cell: Cell, row: RefusalRow): void {
    this.#parcel(cell).refused.push(row);
  }

  answer(cell: Cell, row: AnswerRow): void {
    this.#parcel(cell).answers.push(row);
  }

  get isEmpty(): boolean {
    return this.#parcels.size === 0;
  }

  flush(): void {
    for (const [cell, { seats, rows, taken, refused, answers }] of this.#parcels) {
      if (seats.length > 0) cell.send(["activate", seats]);
      if (rows.length > 0) cell.send(["deliver", rows]);
      if (answers.length > 0) cell.send(["answers", answers]);
      if (taken.length + refused.length > 0) cell.send(["sent", taken, refused]);
    }
    this.#parcels.clear();
  }

  #parcel(cell: Cell): Parcel {
    let parcel = this.#parcels.get(cell);
    if (parcel === undefined) {
      parcel = { seats: [], rows: [], taken: [], refused: [], answers: [] };
      this.#parcels.set(cell, parcel);
    }
    return parcel;
  }
}
