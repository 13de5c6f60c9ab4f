import assert from "node:assert/strict";
import fc from "fast-check";
import { Mailbox } from "./mailbox.ts";
import { type Lane, LANES } from "./message.ts";

interface Letter {
  id: number;
  lane: Lane;
  chars: number;
  expiresAt: number | null;
}

const ROOMY = { messagesMax: 1_000_000, charsMax: 1_000_000_000 };

let lastId = 0;
function letter(lane: Lane, options: Partial<Letter> = {}): Letter {
  return { id: ++lastId, lane, chars: 1, expiresAt: null, ...options };
}

/** Lanes as first characters: `hhn`. */
function lanesOf(messages: readonly Letter[]): string {
  return messages.map(({ lane }) => lane[0]).join("");
}

Deno.test("offer() answers full at the bound of messages and at that of characters", () => {
  const byMessages = new Mailbox<Letter>({ messagesMax: 2, charsMax: 100 });
  assert.equal(byMessages.offer(letter("normal"), 0), "accepted");
  assert.equal(byMessages.offer(letter("high"), 0), "accepted");
  assert.equal(byMessages.offer(letter("high"), 0), "full");
  byMessages.take(0, 1);
  assert.equal(byMessages.offer(letter("low"), 0), "accepted");

  const byChars = new Mailbox<Letter>({ messagesMax: 100, charsMax: 10 });
  assert.equal(byChars.offer(letter("normal", { chars: 11 }), 0), "full");
  assert.equal(byChars.offer(letter("normal", { chars: 10 }), 0), "accepted");
  assert.equal(byChars.offer(letter("normal", { chars: 1 }), 0), "full");
  assert.equal(byChars.offer(letter("normal", { chars: 0 }), 0), "accepted");
  assert.deepEqual([byChars.size, byChars.chars], [2, 10]);
});

Deno.test("offer() leaves a sixteenth to others than the one who fills the mailbox", () => {
  const mailbox = new Mailbox<Letter & { share?: string }>({ messagesMax: 32, charsMax: 100 });
  const offer = (share?: string) => mailbox.offer({ ...letter("normal"), share }, 0);
  for (let count = 0; count < 30; count++) assert.equal(offer("greedy"), "accepted");
  assert.equal(offer("greedy"), "full");
  assert.equal(offer("modest"), "accepted");
  assert.equal(offer(), "accepted");
  assert.equal(offer("modest"), "full");
  mailbox.take(0, 2);
  assert.deepEqual(["greedy", "greedy", "greedy"].map(offer), ["accepted", "accepted", "full"]);
  mailbox.drain();
  assert.equal(offer("greedy"), "accepted");
});

Deno.test("take() goes by lanes, and by arrival within a lane", () => {
  const mailbox = new Mailbox<Letter>(ROOMY);
  const [low, high1, normal, high2] = [
    letter("low"),
    letter("high"),
    letter("normal"),
    letter("high"),
  ];
  for (const one of [low, high1, normal, high2]) mailbox.offer(one, 0);
  assert.deepEqual(mailbox.take(0, 3).messages, [high1, high2, normal]);
  assert.deepEqual(mailbox.take(0, 3).messages, [low]);
  assert.ok(mailbox.isEmpty);
});

Deno.test("take() lets one of each lower lane through after 16 of higher lanes", () => {
  const mailbox = new Mailbox<Letter>(ROOMY);
  for (let at = 0; at < 40; at++) for (const lane of LANES) mailbox.offer(letter(lane), 0);
  const order = lanesOf(mailbox.take(0, 36).messages);
  assert.equal(order, `${"h".repeat(16)}ln${"h".repeat(15)}l${"h"}n${"h"}`.slice(0, 36));
});

Deno.test("take() keeps no lane waiting for more than its share, whatever arrives", () => {
  const lane = fc.constantFrom(...LANES);
  const step = fc.oneof(lane, fc.integer({ min: 1, max: 20 }));
  fc.assert(fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
    const mailbox = new Mailbox<Letter>(ROOMY);
    const waiting: Record<Lane, Letter[]> = { high: [], normal: [], low: [] };
    const overtaken: Record<Lane, number> = { high: 0, normal: 0, low: 0 };
    for (const step of steps) {
      if (typeof step === "string") {
        const one = letter(step);
        mailbox.offer(one, 0);
        waiting[step].push(one);
        continue;
      }
      for (const one of mailbox.take(0, step).messages) {
        assert.equal(waiting[one.lane].shift(), one);
        overtaken[one.lane] = 0;
        for (const other of LANES.slice(LANES.indexOf(one.lane) + 1)) {
          overtaken[other] = waiting[other].length > 0 ? overtaken[other] + 1 : 0;
        }
        assert.ok(overtaken.low <= 16 && overtaken.normal <= 17, JSON.stringify(overtaken));
      }
    }
    assert.equal(mailbox.size, LANES.flatMap((lane) => waiting[lane]).length);
  }));
});

Deno.test("take() reports expired messages apart and does not count them", () => {
  const mailbox = new Mailbox<Letter>(ROOMY);
  const old = letter("high", { expiresAt: 100 });
  const young = letter("high", { expiresAt: 101 });
  const eternal = letter("normal");
  for (const one of [old, young, eternal]) mailbox.offer(one, 0);
  assert.deepEqual(mailbox.take(100, 2), { messages: [young, eternal], expired: [old] });
});

Deno.test("putBack() restores the order and may exceed the bound", () => {
  const mailbox = new Mailbox<Letter>({ messagesMax: 3, charsMax: 3 });
  const first = [letter("normal"), letter("high"), letter("normal")];
  for (const one of first) mailbox.offer(one, 0);
  const { messages } = mailbox.take(0, 3);
  const later = [letter("normal"), letter("high"), letter("low")];
  for (const one of later) assert.equal(mailbox.offer(one, 0), "accepted");
  mailbox.putBack(messages);
  assert.deepEqual([mailbox.size, mailbox.chars], [6, 6]);
  assert.equal(mailbox.offer(letter("high"), 0), "full");
  assert.deepEqual(mailbox.take(0, 6).messages, [
    first[1],
    later[1],
    first[0],
    first[2],
    later[0],
    later[2],
  ]);
});

Deno.test("offer() to a mailbox full of expired messages makes room for live ones", () => {
  const mailbox = new Mailbox<Letter>({ messagesMax: 2, charsMax: 100 });
  const dead = [letter("normal", { expiresAt: 10 }), letter("low", { expiresAt: 10 })];
  for (const one of dead) mailbox.offer(one, 0);
  assert.equal(mailbox.offer(letter("normal"), 9), "full");
  const live = letter("normal", { expiresAt: 20 });
  assert.equal(mailbox.offer(live, 10), "accepted");
  assert.deepEqual([mailbox.size, mailbox.isEmpty], [1, false]);
  assert.deepEqual(mailbox.take(10, 9), { messages: [live], expired: dead });
});

Deno.test("offer() holds at most two loads, however many messages expire unread", () => {
  const mailbox = new Mailbox<Letter>({ messagesMax: 10, charsMax: 100 });
  let accepted = 0;
  for (let now = 0; now < 1_000; now++) {
    if (mailbox.offer(letter("high", { expiresAt: now + 1 }), now) === "accepted") accepted++;
  }
  assert.equal(accepted, 20);
  assert.equal(mailbox.drain().length, 20);
  assert.ok(mailbox.isEmpty);
});

Deno.test("peekExpired() shows what takeExpired() takes out", () => {
  const mailbox = new Mailbox<Letter>(ROOMY);
  const [a, b, c] = [
    letter("high", { expiresAt: 5 }),
    letter("high"),
    letter("low", { expiresAt: 7 }),
  ];
  for (const one of [a, b, c]) mailbox.offer(one, 0);
  assert.deepEqual(mailbox.peekExpired(4), []);
  assert.deepEqual(mailbox.peekExpired(5), [a]);
  assert.deepEqual(mailbox.takeExpired(6), [a]);
  assert.deepEqual(mailbox.takeExpired(6), []);
  assert.deepEqual(mailbox.takeExpired(7), [c]);
  assert.deepEqual(mailbox.take(7, 9), { messages: [b], expired: [] });
});

Deno.test("drain() empties the mailbox and gives each message once", () => {
  const mailbox = new Mailbox<Letter>(ROOMY);
  const all = LANES.flatMap((lane) => [letter(lane), letter(lane, { expiresAt: 1 })]);
  for (const one of all.toReversed()) mailbox.offer(one, 0);
  assert.deepEqual(new Set(mailbox.drain()), new Set(all));
  assert.deepEqual([mailbox.size, mailbox.chars, mailbox.isEmpty], [0, 0, true]);
});

/** The same rules by filtering and searching one array. */
class DumbMailbox {
  waiting: Letter[] = [];
  expired: Letter[] = [];
  overtaken: Record<Lane, number> = { high: 0, normal: 0, low: 0 };
  constructor(readonly messagesMax: number, readonly charsMax: number) {}

  get chars(): number {
    return this.waiting.reduce((sum, one) => sum + one.chars, 0);
  }
  fits(one: Letter): boolean {
    return this.waiting.length < this.messagesMax && this.chars + one.chars <= this.charsMax;
  }
  offer(one: Letter, now: number): string {
    if (!this.fits(one) && this.expired.length === 0) {
      this.expired = this.inOrder().filter((other) => isOver(other, now));
      this.waiting = this.waiting.filter((other) => !isOver(other, now));
      this.forgetEmpty();
    }
    if (!this.fits(one)) return "full";
    this.waiting.push(one);
    return "accepted";
  }
  has(lane: Lane): boolean {
    return this.waiting.some((one) => one.lane === lane);
  }
  inOrder(): Letter[] {
    return LANES.flatMap((lane) => this.waiting.filter((one) => one.lane === lane));
  }
  forgetEmpty(): void {
    for (const lane of LANES) if (!this.has(lane)) this.overtaken[lane] = 0;
  }
  take(now: number, limit: number): { messages: Letter[]; expired: Letter[] } {
    const taken = { messages: [] as Letter[], expired: this.expired };
    this.expired = [];
    while (taken.messages.length < limit && this.waiting.length > 0) {
      const starved = (["low", "normal"] as const)
        .find((lane) => this.overtaken[lane] >= 16 && this.has(lane));
      const lane = starved ?? LANES.find((lane) => this.has(lane))!;
      const one = this.waiting.find((one) => one.lane === lane)!;
      this.waiting = this.waiting.filter((other) => other !== one);
      if (isOver(one, now)) taken.expired.push(one);
      else {
        taken.messages.push(one);
        this.overtaken[lane] = 0;
        for (const lower of LANES.slice(LANES.indexOf(lane) + 1)) this.overtaken[lower]++;
      }
      this.forgetEmpty();
    }
    return taken;
  }
}

function isOver(one: Letter, now: number): boolean {
  return one.expiresAt !== null && one.expiresAt <= now;
}

Deno.test("Mailbox agrees with a dumb one in every sequence of steps", () => {
  const offer = fc.record({
    lane: fc.constantFrom(...LANES),
    chars: fc.nat(4),
    ttl: fc.option(fc.nat(60)),
  });
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.array(offer, { minLength: 1, maxLength: 12 }) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 8 }) },
    { weight: 1, arbitrary: fc.constantFrom("putBack" as const, "expire" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const mailbox = new Mailbox<Letter>({ messagesMax: 60, charsMax: 100 });
      const dumb = new DumbMailbox(60, 100);
      let taken: Letter[] = [];
      for (const [now, step] of steps.entries()) {
        if (step === "putBack") {
          mailbox.putBack(taken);
          dumb.waiting.unshift(...taken);
          taken = [];
        } else if (step === "expire") {
          const expected = [...dumb.expired, ...dumb.inOrder().filter((one) => isOver(one, now))];
          assert.deepEqual(mailbox.peekExpired(now), expected);
          assert.deepEqual(mailbox.takeExpired(now), expected);
          dumb.expired = [];
          dumb.waiting = dumb.waiting.filter((one) => !isOver(one, now));
          dumb.forgetEmpty();
        } else if (typeof step === "number") {
          const given = mailbox.take(now, step);
          assert.deepEqual(given, dumb.take(now, step));
          taken = given.messages;
        } else {
          for (const { lane, chars, ttl } of step) {
            const one = letter(lane, { chars, expiresAt: ttl === null ? null : now + ttl });
            assert.equal(mailbox.offer(one, now), dumb.offer(one, now));
          }
          taken = [];
        }
        assert.deepEqual([mailbox.size, mailbox.chars], [dumb.waiting.length, dumb.chars]);
      }
    }),
    { numRuns: 300 },
  );
});
