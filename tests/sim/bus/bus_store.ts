import type { DeadLetter, DeliveryEvent } from "../../../actors/delivery/mod.ts";

/** The mark that a handled message leaves in the state of its receiver. */
export interface Applied {
  key: string;
  seq: number;
  from: string;
  to: string;
  lane: string;
}

/** What is written together or not at all. */
export interface BusUnit {
  events: DeliveryEvent[];
  applied: Applied[];
  letters: DeadLetter[];
  endedLetters: number[];
  /** Failed attempts that count, for the checkers alone. */
  failures: { seq: number; isKill: boolean }[];
}

/** The disk: it survives the node. */
export class BusStore {
  #log: { segment: number; text: string }[] = [];
  /** Everything that was ever written: what trimming is compared with. */
  readonly #shadow: { segment: number; text: string }[] = [];
  readonly letters = new Map<number, DeadLetter>();
  readonly applied: Applied[] = [];
  nextSegment = 1;

  get log(): { segment: number; events: DeliveryEvent[] }[] {
    return this.#log.map(read);
  }

  get shadow(): { segment: number; events: DeliveryEvent[] }[] {
    return this.#shadow.map(read);
  }

  get segments(): number {
    return this.#log.length;
  }

  write(units: readonly BusUnit[]): void {
    const text = JSON.stringify(units.flatMap(({ events }) => events));
    if (text !== "[]") {
      const entry = { segment: this.nextSegment++, text };
      this.#log.push(entry);
      this.#shadow.push(entry);
    }
    for (const { applied, letters, endedLetters } of units) {
      this.applied.push(...applied);
      for (const letter of letters) this.letters.set(letter.seq, letter);
      for (const seq of endedLetters) this.letters.delete(seq);
    }
  }

  trim(below: number): void {
    this.#log = this.#log.filter(({ segment }) => segment >= below);
  }
}

function read({ segment, text }: { segment: number; text: string }) {
  return { segment, events: JSON.parse(text) as DeliveryEvent[] };
}
