import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addressesWithWork,
  type Delivery,
  type DeliveryLimits,
  type DeliveryPolicy,
  type DeliveryView,
  type DurableMessage,
  fold,
  nextWakeAt,
  release,
  releaseAddress,
  viewDelivery,
} from "../actors/delivery/mod.ts";
import { LANES } from "../actors/messages/mod.ts";
import { messageOf, TestDelivery } from "./delivery_kit.ts";
import { ReferenceDelivery } from "./reference_delivery.ts";

const LIMITS: DeliveryLimits = {
  windowMs: 400,
  idsMax: 6,
  pendingMax: 30,
  pendingCharsMax: 2_000,
  pendingPerReceiverMax: 20,
};
const POLICY: DeliveryPolicy = {
  maxAttempts: 3,
  backoff: { initialMs: 10, factor: 2, maxMs: 200, jitter: "full" },
  poisonAfter: 2,
};

/** One thing that happens; the numbers choose among what there is at that moment. */
type Step = { does: string; a: number; b: number; c: number };

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(
    ...["accept", "accept", "accept", "accept", "deliver", "deliver", "deliver", "finish"],
    ...["finish", "fail", "fail", "fail", "kill", "kill", "refuse", "release", "releaseAddress"],
    ...["expire", "replay", "drop", "carry", "trim", "pass", "pass", "restart"],
  ),
  a: fc.nat(1_000),
  b: fc.nat(1_000),
  c: fc.nat(1_000),
});

/** All that may come of a step. */
const OUTCOMES = [
  ...["EXPIRED", "MAX_ATTEMPTS", "NO_ACTOR", "POISON", "REFUSED", "accepted", "duplicate"],
  ...[
    "out_of_order",
    "overloaded",
    "recalled",
    "replay accepted",
    "replay duplicate",
    "replay overloaded",
    "stale",
  ],
];

function steps(maxLength: number): fc.Arbitrary<Step[]> {
  return fc.array(step, { minLength: 5, maxLength, size: "max" });
}

/** The decider and the reference side by side; each step is taken by both and compared. */
class Pair {
  readonly system = new TestDelivery(LIMITS);
  readonly reference = new ReferenceDelivery(LIMITS);
  /** Everything that was ever handed out: answers come late, twice, and to the wrong one. */
  handedOut: Delivery[] = [];
  letters: TestLetter[] = [];
  /** Whether expired messages are given up before anything is delivered. */
  readonly isTidy: boolean;
  /** What came of steps, so that a test can say that all of it came up. */
  readonly #seen: Set<string>;

  constructor(isTidy: boolean, seen = new Set<string>()) {
    this.isTidy = isTidy;
    this.#seen = seen;
  }

  take(step: Step): void {
    this.#do(step);
    this.reference.look(this.system.at);
  }

  #do({ does, a, b, c }: Step): void {
    const { system, reference } = this;
    const ref = this.handedOut[this.handedOut.length - 1 - a % 4] ?? { seq: 1, delivery: 99 };
    switch (does) {
      case "accept":
        return this.#accept(a, b, c);
      case "deliver":
        return this.#deliver(receiverOf(a), 1 + b % 5);
      case "finish":
        return this.#finish(a, b);
      case "fail":
      case "kill":
        return this.#fail(ref, does === "kill", b / 1_001, c % 10 === 0 ? false : undefined);
      case "refuse":
        return this.#refuse(ref);
      case "release":
        return this.#release(ref);
      case "releaseAddress":
        return this.#releaseAddress(receiverOf(a));
      case "expire":
        return this.#expire();
      case "replay":
        return this.#replay(a);
      case "drop":
        return this.#drop(a);
      case "carry":
        system.when({ type: "CarryMessages", at: system.at, before: 1 + a % 40, limit: b % 5 });
        return;
      case "trim":
        system.trim();
        return;
      case "pass":
        system.at += a % 100;
        return;
      case "restart":
        system.restart();
        reference.restart();
        this.handedOut = [];
    }
  }

  /** What both believe, and what the log says. */
  compare(): void {
    const { system, reference } = this;
    const view = viewDelivery(system.state, system.at);
    assert.deepEqual(
      view.pending.map(({ seq, attempts, kills, notBefore, sends }) => ({
        ...{ seq, attempts, kills, notBefore, sends },
      })),
      reference.messages.filter(({ isPending }) => isPending)
        .map(({ seq, attempts, kills, notBefore, sends }) => ({
          ...{ seq, attempts, kills, notBefore, sends: [...sends] },
        })),
    );
    assert.equal(view.nextSeq, reference.messages.length + 1);
    assert.deepEqual(viewDelivery(system.refold(), system.at), view, "the fold differs");
    this.#compareWork();
  }

  #compareWork(): void {
    const { system, reference } = this;
    if (this.isTidy) this.#expire();
    const ready = [...addressesWithWork(system.state, system.at)].sort();
    reference.look(system.at);
    const expected = RECEIVERS.filter((to) => reference.deliverable(to, system.at).length > 0);
    if (this.isTidy) assert.deepEqual(ready, expected.sort());
    const idle = reference.messages.filter(({ isPending, delivery }) => isPending && !delivery);
    const times = idle.flatMap(({ message, notBefore }) => [
      ...message.expiresAt === null ? [] : [message.expiresAt],
      ...notBefore > system.at ? [notBefore] : [],
    ]);
    const wakeAt = nextWakeAt(system.state);
    // A message behind another one that waits has no time of its own.
    if (times.length === 0) assert.equal(wakeAt, null);
    else assert.ok(wakeAt === null || wakeAt >= Math.min(...times));
    const expiries = idle.flatMap(({ message }) => message.expiresAt ?? []);
    if (expiries.length > 0) assert.ok(wakeAt !== null && wakeAt <= Math.min(...expiries));
  }

  #accept(a: number, b: number, c: number): void {
    const { system, reference } = this;
    const messages = Array.from({ length: 1 + a % 3 }, (_, at) => drawMessage(a + at, b, c, this));
    const { answers, events } = system.accept(...messages);
    assert.deepEqual(answers, reference.accept(messages, system.at));
    for (const { status } of answers) this.#seen.add(status);
    const accepted = answers.filter(({ status }) => status === "accepted").length;
    assert.equal(events.length, accepted > 0 ? 1 : 0);
  }

  #deliver(to: string, limit: number): void {
    const { system, reference } = this;
    if (this.isTidy) this.#expire();
    reference.look(system.at);
    const deliveries = system.deliver(limit, to);
    for (const delivery of deliveries) {
      assert.equal(delivery.message.to, to);
      reference.handOut(delivery, system.at, this.isTidy);
    }
    if (deliveries.length < limit) {
      assert.deepEqual(reference.deliverable(to, system.at), [], "something was left behind");
    }
    this.handedOut.push(...deliveries);
  }

  #finish(a: number, b: number): void {
    const deliveries = this.handedOut.slice(-1 - a % 6).slice(0, 1 + b % 4);
    const { events, refused } = this.system.finish(...deliveries);
    for (const { reason } of refused) this.#seen.add(reason);
    const expected = this.reference.finish(deliveries);
    assert.deepEqual(refused.map(({ reason }) => reason), expected.refused);
    assert.deepEqual(
      events.flatMap((event) => event.type === "MessagesHandled" ? event.seqs : []),
      expected.seqs,
    );
  }

  #fail(
    ref: { seq: number; delivery: number },
    isKill: boolean,
    random: number,
    retryable?: boolean,
  ): void {
    const { system, reference } = this;
    const { at } = system;
    const policy = { ...POLICY, maxAttempts: random < 0.7 ? 2 : 4 };
    const how = { isKill, random, retryable, policy };
    const decision = system.fail(ref as Delivery, how);
    const expected = reference.fail(ref, { ...how, at });
    assert.equal(decision.refused.length > 0, expected.refused === true);
    assert.equal(decision.deadLetters[0]?.reason, expected.dead);
    assert.deepEqual(decision.recalled.map(({ seq }) => seq), expected.recalled ?? []);
    if (decision.recalled.length > 0) this.#seen.add("recalled");
    this.#keep(decision.deadLetters);
  }

  #refuse(ref: { seq: number; delivery: number }): void {
    const { system } = this;
    const { at } = system;
    const error = { code: "UNKNOWN", message: "Cannot find it" };
    const decision = system.when(
      { type: "RefuseMessages", at, deliveries: [ref], reason: "NO_ACTOR", error },
    );
    const expected = this.reference.refuse([ref]);
    assert.deepEqual(decision.deadLetters.map(({ seq }) => seq), expected);
    this.#keep(decision.deadLetters);
  }

  #release(ref: { seq: number; delivery: number }): void {
    const one = this.reference.inFlight(ref);
    const expected = one === null ? [] : this.reference.takeBack(one);
    assert.deepEqual(release(this.system.state, [ref]).map(({ seq }) => seq), expected);
  }

  #releaseAddress(to: string): void {
    const back = releaseAddress(this.system.state, to).map(({ seq }) => seq);
    const expected = this.reference.messages
      .filter(({ isPending, delivery, message }) => isPending && delivery > 0 && message.to === to);
    for (const one of expected) one.delivery = 0;
    assert.deepEqual(back.sort((x, y) => x - y), expected.map(({ seq }) => seq));
  }

  #expire(): void {
    const { system } = this;
    const { at } = system;
    const { deadLetters } = system.when({ type: "ExpireMessages", at, limit: 1_000 });
    assert.deepEqual(deadLetters.map(({ seq }) => seq), this.reference.expire(at));
    this.#keep(deadLetters);
  }

  #replay(a: number): void {
    const letter = this.letters[a % this.letters.length];
    if (letter === undefined) return;
    const { system } = this;
    const { answers } = system.when({ type: "ReplayDeadLetter", at: system.at, letter });
    assert.deepEqual(answers, [this.reference.replay(letter.seq, system.at)]);
    this.#seen.add(`replay ${answers[0]!.status}`);
  }

  #drop(a: number): void {
    const letter = this.letters[a % this.letters.length];
    if (letter === undefined) return;
    const { system } = this;
    const { seq } = letter;
    const { events } = system.when({ type: "DropDeadLetter", at: system.at, seq });
    assert.equal(events.length === 1, this.reference.drop(seq, system.at));
  }

  #keep(letters: TestLetter[]): void {
    for (const letter of letters) {
      const one = this.reference.messages[letter.seq - 1]!;
      assert.deepEqual([letter.attempts, letter.kills], [one.attempts, one.kills]);
      assert.deepEqual(letter.message, one.message);
      this.letters.push(letter);
      this.#seen.add(letter.reason);
    }
  }
}

type TestLetter = ReturnType<TestDelivery["when"]>["deadLetters"][number];

const RECEIVERS = ["actor://b/1", "actor://b/2"];

function receiverOf(a: number): string {
  return RECEIVERS[a % RECEIVERS.length]!;
}

function drawMessage(a: number, b: number, c: number, { system, handedOut }: Pair): DurableMessage {
  const handled = handedOut[handedOut.length - 1 - b % 4];
  return messageOf(`m${b % 9}`, {
    from: `actor://a/${a % 3}`,
    to: receiverOf(b),
    lane: LANES[c % 5] ?? "normal",
    chars: c % 200,
    expiresAt: c % 7 === 0 ? system.at + b % 150 : null,
    ...(c % 3 === 0 ? { deduplicate: true } : {}),
    ...(b % 6 === 0 ? { notBefore: system.at + c % 90 } : {}),
    ...(a % 4 === 0 && handled !== undefined
      ? { cause: { seq: handled.seq, ordinal: c % 3 } }
      : {}),
  });
}

Deno.test("delivery: the decider and its log do as the dumb reference does", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(steps(120), fc.boolean(), (taken, isTidy) => {
      const pair = new Pair(isTidy, seen);
      for (const one of taken) {
        pair.take(one);
        pair.compare();
      }
    }),
    { numRuns: 200 },
  );
  assert.deepEqual([...seen].sort(), OUTCOMES);
});

Deno.test("delivery: every prefix of the log gives the state of that moment", () => {
  fc.assert(
    fc.property(steps(60), (taken) => {
      const pair = new Pair(false);
      const moments: { length: number; at: number; view: DeliveryView }[] = [];
      for (const one of taken.filter(({ does }) => does !== "trim")) {
        pair.take(one);
        const { log, at, state } = pair.system;
        moments.push({ length: log.length, at, view: viewDelivery(state, at) });
      }
      for (const { length, at, view } of moments) {
        const state = fold(pair.system.log.slice(0, length), LIMITS);
        assert.deepEqual(viewDelivery(state, at), view);
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("delivery: what a trimmed log leaves delivers the same messages in the same order", () => {
  fc.assert(
    fc.property(steps(120), (taken) => {
      const pair = new Pair(false);
      for (const one of taken) pair.take(one);
      const { system } = pair;
      system.at += 1_000_000;
      system.accept(messageOf("last", { from: "actor://z/main", to: RECEIVERS[0] }));
      const whole = system.refold();
      system.when({ type: "CarryMessages", at: system.at, before: 1_000, limit: 1_000 });
      system.trim();
      assert.equal(system.log.length, 1, "all was carried into the last segment");
      const trimmed = system.refold();
      for (const to of RECEIVERS) {
        const bySender = (state: typeof whole) => {
          system.state = state;
          const seqs = Map.groupBy(
            system.deliver(1_000, to),
            ({ message }) => `${message.from} ${message.lane}`,
          );
          return [...seqs].map(([key, all]) => `${key}: ${all.map(({ seq }) => seq)}`).sort();
        };
        assert.deepEqual(bySender(trimmed), bySender(whole));
      }
    }),
    { numRuns: 150 },
  );
});
