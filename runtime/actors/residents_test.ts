import assert from "node:assert/strict";
import type { Activation } from "./activation.ts";
import type { ActorType } from "./actor_type.ts";
import { Residents } from "./residents.ts";

/** Residents over names such as `a1`: the letter is the definition. */
class House {
  now = 0;
  readonly in = new Set<string>();
  readonly #all = new Map<string, Activation>();
  readonly #types = new Map<string, ActorType>();
  readonly #residents: Residents;

  constructor(max: number) {
    this.#residents = new Residents({
      max,
      now: () => this.now,
      onGranted: ({ address }) => void this.in.add(address),
      onEvict: (activation) => this.#leave(activation),
    });
  }

  #leave(activation: Activation): void {
    this.#residents.noteLeaving(activation);
    this.in.delete(activation.address);
    this.#residents.release(activation);
  }

  /** Only what residents look at: the rest of an activation needs a whole system. */
  #one(name: string): Activation {
    const letter = name[0]!;
    if (!this.#types.has(letter)) this.#types.set(letter, {} as ActorType);
    const known = this.#all.get(name) ??
      { address: name, type: this.#types.get(letter), child: null, idleSince: 0 } as Activation;
    this.#all.set(name, known);
    return known;
  }

  request(...names: string[]): void {
    for (const name of names) this.#residents.request(this.#one(name));
  }

  rest(...names: string[]): void {
    for (const name of names) {
      this.#one(name).idleSince = this.now;
      this.#residents.note(this.#one(name), true);
    }
  }

  tick(ms: number): void {
    this.now += ms;
    this.#residents.evict();
  }

  release(name: string): void {
    this.#leave(this.#one(name));
  }

  get waiting(): number {
    return this.#residents.waiting;
  }
}

function names(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${letter}${n}`);
}

Deno.test("request() grants places up to the limit, then those of the idle, longest first", () => {
  const house = new House(2);
  house.request("a1", "a2", "a3");
  assert.deepEqual([...house.in], ["a1", "a2"]);
  house.rest("a2");
  assert.deepEqual([...house.in], ["a1", "a3"]);
  house.rest("a3", "a1");
  house.request("a4");
  assert.deepEqual([...house.in], ["a1", "a4"]);
});

Deno.test("a definition with many instances drives out none of another that are in use", () => {
  const house = new House(10);
  house.request("b1", ...names("a", 9));
  house.rest("b1");
  house.request(...names("a", 100).slice(9));
  // b1 has nothing to do just now; the one place of its definition is its own all the same.
  assert.ok(house.in.has("b1"));
  house.rest("a0", "a1");
  assert.ok(house.in.has("a9") && house.in.has("a10") && house.in.has("b1"));
  // Who has none yet is given one.
  house.request("c0");
  assert.ok(house.in.has("c0") && !house.in.has("b1"));
});

Deno.test("who is not in use gives its place to whomever", () => {
  const house = new House(3);
  house.request("b1", "a1", "a2", "a3");
  house.rest("b1");
  assert.ok(house.in.has("b1"));
  house.tick(1_500);
  assert.deepEqual([...house.in], ["a1", "a2", "a3"]);
});

Deno.test("release() gives the place to the definition that has fewest", () => {
  const house = new House(3);
  house.request("a1", "a2", "a3", "a4", "a5", "b1");
  assert.equal(house.waiting, 3);
  house.release("a1");
  assert.deepEqual([...house.in], ["a2", "a3", "b1"]);
  house.release("a2");
  assert.deepEqual([...house.in], ["a3", "b1", "a4"]);
  assert.equal(house.waiting, 1);
});
