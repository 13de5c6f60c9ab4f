import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesTopic } from "./pattern.ts";
import { type GroupPick, type Subscription, Subscriptions } from "./subscriptions.ts";

const EVERYBODY: GroupPick = { isAvailable: () => true };

function subscription(id: string, options: Partial<Subscription> = {}): Subscription {
  return {
    id,
    pattern: "files.*",
    to: `actor://worker/${id}`,
    message: "event",
    group: null,
    ...options,
  };
}

function subscribed(...all: Subscription[]): Subscriptions {
  const subscriptions = new Subscriptions();
  for (const one of all) assert.equal(subscriptions.add(one), null);
  return subscriptions;
}

function idsFor(subscriptions: Subscriptions, topic: string, options: {
  tags?: string[];
  pick?: Partial<GroupPick>;
} = {}): string[] {
  return subscriptions.resolve(topic, options.tags ?? [], { ...EVERYBODY, ...options.pick })
    .map(({ id }) => id).sort();
}

Deno.test("resolve() gives every subscription without a group, and one of each group", () => {
  const subscriptions = subscribed(
    subscription("a"),
    subscription("b", { pattern: "files.found" }),
    subscription("elsewhere", { pattern: "users.*" }),
    subscription("g1", { group: "g" }),
    subscription("g2", { group: "g", pattern: "**" }),
    subscription("h1", { group: "h" }),
  );
  const ids = idsFor(subscriptions, "files.found");
  assert.deepEqual(ids.filter((id) => id !== "g1" && id !== "g2"), ["a", "b", "h1"]);
  assert.equal(ids.length, 4);
});

Deno.test("resolve() gives the members of a group turns", () => {
  const subscriptions = subscribed(
    ...["1", "2", "3"].map((id) => subscription(id, { group: "g" })),
  );
  const turns = Array.from({ length: 9 }, () => idsFor(subscriptions, "files.x").join());
  assert.deepEqual(turns, ["1", "2", "3", "1", "2", "3", "1", "2", "3"]);
});

Deno.test("resolve() passes over nobody when topics with different members alternate", () => {
  const subscriptions = subscribed(
    subscription("1", { group: "g", pattern: "a" }),
    subscription("2", { group: "g", pattern: "a" }),
    subscription("3", { group: "g", pattern: "b" }),
  );
  const picked = new Set<string>();
  for (let at = 0; at < 4; at++) {
    for (const topic of ["a", "b"]) picked.add(idsFor(subscriptions, topic).join());
  }
  assert.deepEqual([...picked].sort(), ["1", "2", "3"]);
});

Deno.test("resolve() skips unavailable members, and chooses one all the same when all are", () => {
  const subscriptions = subscribed(
    ...["1", "2", "3"].map((id) => subscription(id, { group: "g" })),
  );
  const pick = { isAvailable: (to: string) => to === "actor://worker/2" };
  for (let at = 0; at < 3; at++) {
    assert.deepEqual(idsFor(subscriptions, "files.x", { pick }), ["2"]);
    const sticky = { ...pick, partitionBy: `${at}` };
    assert.deepEqual(idsFor(subscriptions, "files.x", { pick: sticky }), ["2"]);
  }
  const nobody = { isAvailable: () => false };
  assert.equal(idsFor(subscriptions, "files.x", { pick: nobody }).length, 1);
});

Deno.test("resolve() sends the same partition value to the same member", () => {
  const subscriptions = subscribed(
    ...["1", "2", "3"].map((id) => subscription(id, { group: "g" })),
  );
  const picked = new Set<string>();
  for (let at = 0; at < 30; at++) {
    const pick = { partitionBy: `customer-${at}` };
    const first = idsFor(subscriptions, "files.x", { pick });
    assert.deepEqual(idsFor(subscriptions, "files.y", { pick }), first);
    picked.add(first.join());
  }
  assert.equal(picked.size, 3);
});

Deno.test("resolve() wants one of the tags of a subscription", () => {
  const subscriptions = subscribed(
    subscription("all"),
    subscription("red", { tags: ["red"] }),
    subscription("warm", { tags: ["red", "yellow"] }),
  );
  assert.deepEqual(idsFor(subscriptions, "files.x"), ["all"]);
  assert.deepEqual(idsFor(subscriptions, "files.x", { tags: ["blue", "yellow"] }), ["all", "warm"]);
  assert.deepEqual(idsFor(subscriptions, "files.x", { tags: ["red"] }), ["all", "red", "warm"]);
});

Deno.test("add() refuses what is malformed, and another receiver's id", () => {
  const subscriptions = subscribed(subscription("a"));
  const bad: Partial<Subscription>[] = [
    { pattern: "Files.*" },
    { pattern: "" },
    { message: "1" },
    { tags: [] },
    { tags: ["\n"] },
    { to: "actor://thief/main", id: "a" },
  ];
  for (const options of bad) {
    const refusal = subscriptions.add(subscription("b", options));
    assert.equal(refusal?.code, "INVALID_SUBSCRIPTION", JSON.stringify(options));
  }
  assert.equal(subscriptions.size, 1);
});

Deno.test("add() puts a subscription in the place of the receiver's own with its id", () => {
  const subscriptions = subscribed(subscription("a"), subscription("a", { pattern: "users.*" }));
  assert.deepEqual(idsFor(subscriptions, "files.x"), []);
  assert.deepEqual(idsFor(subscriptions, "users.x"), ["a"]);
  assert.equal(subscriptions.size, 1);
});

Deno.test("add() refuses more than the limits, which removing makes room in", () => {
  const subscriptions = new Subscriptions({ systemMax: 3, addressMax: 2 });
  const to = "actor://a/main";
  assert.equal(subscriptions.add(subscription("1", { to })), null);
  assert.equal(subscriptions.add(subscription("2", { to })), null);
  const refusal = subscriptions.add(subscription("3", { to }));
  assert.equal(refusal?.code, "TOO_MANY_SUBSCRIPTIONS");
  assert.match(refusal.message, /its receiver has all 2 already$/);
  assert.equal(subscriptions.add(subscription("2", { to, pattern: "b" })), null);
  assert.equal(subscriptions.add(subscription("3")), null);
  assert.match(subscriptions.add(subscription("4"))?.message ?? "", /the system has all 3/);
  assert.equal(subscriptions.removeAllOf(to), 2);
  assert.equal(subscriptions.add(subscription("4")), null);
  assert.equal(subscriptions.remove("4"), true);
  assert.equal(subscriptions.remove("4"), false);
  assert.deepEqual(subscriptions.list().map(({ id }) => id), ["3"]);
});

Deno.test("resolve() agrees with filtering the list of all subscriptions", () => {
  const one = fc.record({
    id: fc.integer({ min: 0, max: 30 }).map(String),
    pattern: fc.constantFrom("a", "a.*", "a.**", "**", "*.b", "a.b", "**.b"),
    group: fc.constantFrom(null, null, "g", "h"),
    tags: fc.option(fc.subarray(["x", "y"], { minLength: 1 }), { nil: undefined }),
  });
  const step = fc.oneof({ weight: 3, arbitrary: one }, {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 30 }).map(String),
  });
  const topics = fc.constantFrom("a", "a.b", "b", "a.a.b");
  const tags = fc.subarray(["x", "y", "z"]);
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), topics, tags, (steps, topic, tags) => {
    const subscriptions = new Subscriptions();
    const list = new Map<string, Subscription>();
    for (const step of steps) {
      if (typeof step === "string") {
        assert.equal(subscriptions.remove(step), list.delete(step));
        continue;
      }
      const added = subscription(step.id, step);
      assert.equal(subscriptions.add(added), null);
      list.set(step.id, added);
    }
    const matching = [...list.values()].filter((one) =>
      matchesTopic(one.pattern, topic) &&
      (one.tags === undefined || one.tags.some((tag) => tags.includes(tag)))
    );
    const found = subscriptions.resolve(topic, tags, EVERYBODY);
    const alone = (all: Subscription[]) => new Set(all.filter(({ group }) => group === null));
    assert.deepEqual(alone(found), alone(matching));
    const groupsOf = (all: Subscription[]) => all.flatMap(({ group }) => group ?? []).sort();
    assert.deepEqual(groupsOf(found), [...new Set(groupsOf(matching))]);
    for (const one of found) assert.ok(matching.includes(one));
  }));
});
