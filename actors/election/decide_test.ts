import assert from "node:assert/strict";
import type { Holder, Term } from "../../core/ports.ts";
import { decideElection } from "./decide.ts";
import type { ElectionAction, ElectionInput, SeenMember } from "./messages.ts";
import { confirmedUntil, createElection, isConfirmed, living, nextTickAt } from "./state.ts";

const T = 1_000;
const HEARTBEAT = 200;
const LEASE = 800;
/** Its clock when the node starts. */
const START = 50_000;

function holderOf(nodeId: string, pid = 1): Holder {
  return { nodeId, host: "h", pid, processStart: "1" };
}

function memberOf(nodeId: string, beat: number, more: Partial<SeenMember> = {}): SeenMember {
  return { nodeId, boot: "first", holder: holderOf(nodeId), beat, status: "up", ...more };
}

function termOf(term: number, nodeId: string | null, heir: string | null = null): Term {
  return { partition: 0, term, holder: nodeId === null ? null : holderOf(nodeId), heir };
}

/** Node `a` of a cluster with one partition, unless told otherwise. */
class Story {
  readonly state;
  at = START;

  constructor(partitions = 1) {
    const settings = { nodeId: "a", boot: "first", partitions };
    const times = { electionTimeoutMs: T, heartbeatMs: HEARTBEAT };
    this.state = createElection({ ...settings, ...times }, START);
  }

  /** Lets time pass, then hands over an input; the clock of the node is added. */
  when(input: Untimed, afterMs = 1): string[] {
    this.at += afterMs;
    return decideElection({ ...input, at: this.at }, this.state).actions.map(show);
  }

  /** A look that was asked for `tookMs` ago. */
  sees(members: SeenMember[], terms: Term[], { afterMs = 1, tookMs = 0, random = 0 } = {}) {
    const askedAt = this.at + afterMs - tookMs;
    return this.when({ type: "seen", askedAt, members, terms, random }, afterMs);
  }

  beats(afterMs = 1, tookMs = 1): string[] {
    return this.when({ type: "beatConfirmed", sentAt: this.at + afterMs - tookMs }, afterMs);
  }

  ticks(afterMs: number): string[] {
    return this.when({ type: "tick", random: 0 }, afterMs);
  }

  joins(members: SeenMember[] = [], terms: Term[] = []): string[] {
    this.ticks(1);
    this.sees(members, terms);
    this.beats();
    return this.sees(members, terms);
  }

  /** Heartbeats and looks go on, and show the same, until the clock has advanced by `ms`. */
  waits(ms: number, members: SeenMember[], terms: Term[]): string[] {
    const actions: string[] = [];
    for (const until = this.at + ms; this.at < until;) {
      actions.push(...this.beats(Math.min(HEARTBEAT / 2, until - this.at)));
      actions.push(...this.sees(members, terms, { afterMs: 0 }));
    }
    return actions;
  }

  isConfirmed(): boolean {
    return isConfirmed(this.state, 0, this.at);
  }
}

type Untimed = ElectionInput extends infer I ? I extends unknown ? Omit<I, "at"> : never : never;

function show(action: ElectionAction): string {
  if (action.type === "beat" || action.type === "look") return action.type;
  const { type, partition } = action;
  if (type === "claim") return `claim ${partition} after ${action.seenTerm}`;
  if (type === "handOver") return `handOver ${partition} to ${action.heir}`;
  return `${type} ${partition} in ${action.term}${type === "stepDown" ? `: ${action.reason}` : ""}`;
}

Deno.test("decideElection() looks, beats, looks again and claims what nobody ever led", () => {
  const a = new Story();
  assert.deepEqual(a.ticks(1), ["look"]);
  assert.deepEqual(a.sees([], []), ["beat"]);
  assert.deepEqual(a.beats(), ["look"]);
  assert.deepEqual(a.sees([memberOf("a", 1)], []), ["claim 0 after 0"]);
  assert.ok(!a.isConfirmed());
  assert.deepEqual(a.when({ type: "claimed", partition: 0, term: 1 }), ["lead 0 in 1"]);
  assert.ok(a.isConfirmed());
});

Deno.test("decideElection() claims from a silent leader only after a look of its own", () => {
  const a = new Story();
  const others = [memberOf("b", 7)];
  const terms = [termOf(3, "b")];
  assert.deepEqual(a.joins(others, terms), []);
  assert.deepEqual(a.waits(T - 50, others, terms), []);
  a.beats();
  assert.deepEqual(a.ticks(60), ["beat", "look"]);
  assert.ok(living(a.state, a.at).has("b/first"));
  assert.deepEqual(a.sees(others, terms), ["claim 0 after 3"]);
  assert.deepEqual([...living(a.state, a.at)], ["a/first"]);
  assert.deepEqual(a.when({ type: "claimed", partition: 0, term: 4 }), ["look"]);
  assert.ok(!a.isConfirmed(), "the leader before may not know yet");
  assert.deepEqual(a.sees(others, [termOf(4, "a")]), ["lead 0 in 4"]);
  assert.ok(a.isConfirmed());
});

Deno.test("decideElection() drops its claim when the silent leader beats before it looks again", () => {
  const a = new Story();
  a.joins([memberOf("b", 7)], [termOf(3, "b")]);
  a.waits(T - 50, [memberOf("b", 7)], [termOf(3, "b")]);
  a.ticks(60);
  assert.deepEqual(a.sees([memberOf("b", 8)], [termOf(3, "b")]), []);
  assert.equal(a.state.partitions[0]!.stand, "follower");
});

Deno.test("decideElection() waits for a lease when the deposed leader beat after the last look", () => {
  const a = new Story();
  a.joins([memberOf("b", 7)], [termOf(3, "b")]);
  a.waits(T + 100, [memberOf("b", 7)], [termOf(3, "b")]);
  a.when({ type: "claimed", partition: 0, term: 4 });
  const wonAt = a.at;
  const seen = [[memberOf("b", 8)], [termOf(4, "a")]] as const;
  assert.deepEqual(a.sees(...clone(seen)), []);
  assert.deepEqual(a.waits(wonAt + T - a.at - 2, ...clone(seen)), []);
  a.beats();
  assert.ok(!a.isConfirmed());
  assert.ok(nextTickAt(a.state) <= wonAt + T);
  assert.deepEqual(a.ticks(1).filter((word) => word.startsWith("lead")), ["lead 0 in 4"]);
});

Deno.test("decideElection() suspends when heartbeats stay out, and resumes after a look", () => {
  const a = leader();
  const until = confirmedUntil(a.state);
  assert.deepEqual(a.ticks(until - a.at - 1).filter(isBig), []);
  assert.ok(a.isConfirmed());
  a.at++;
  assert.ok(!a.isConfirmed(), "the clock alone ends it");
  a.at--;
  assert.deepEqual(a.ticks(1).filter(isBig), ["suspend 0 in 1"]);
  assert.deepEqual(a.beats(300), ["look"]);
  const asked = a.at - 1;
  const early = { type: "seen", askedAt: asked, members: [], terms: [termOf(1, "a")] } as const;
  assert.deepEqual(a.when({ ...early, random: 0 }), [], "asked for before the heartbeat was there");
  assert.deepEqual(a.sees([], [termOf(1, "a")]), ["resume 0 in 1"]);
  assert.ok(a.isConfirmed());
});

Deno.test("decideElection() steps down when it comes back and finds a newer term", () => {
  const a = leader();
  assert.deepEqual(a.beats(3 * T), ["suspend 0 in 1", "look"]);
  const seen = a.sees([memberOf("b", 9)], [termOf(2, "b")]);
  assert.deepEqual(seen, ["stepDown 0 in 1: deposed"]);
  assert.ok(!a.isConfirmed());
});

Deno.test("decideElection() counts a heartbeat from when it was sent, not from its answer", () => {
  const a = leader();
  const sentAt = a.at + 100;
  a.when({ type: "beatConfirmed", sentAt }, 600);
  a.sees([], [termOf(1, "a")]);
  assert.equal(confirmedUntil(a.state), sentAt + LEASE);
});

Deno.test("decideElection() does not lead on heartbeats alone, without seeing its term", () => {
  const a = leader();
  const lookedAt = a.at;
  const told: string[] = [];
  while (a.at < lookedAt + LEASE) {
    assert.ok(a.isConfirmed());
    told.push(...a.beats(HEARTBEAT / 2));
  }
  assert.ok(!a.isConfirmed());
  assert.deepEqual(told.filter(isBig), ["suspend 0 in 1"]);
  assert.deepEqual(a.sees([], [termOf(1, "a")]), ["resume 0 in 1"]);
});

Deno.test("decideElection() gives a new term a whole time-out, whoever has claimed it", () => {
  const a = new Story();
  const silent = [memberOf("b", 7), memberOf("d", 7)];
  a.joins(silent, [termOf(3, "b")]);
  a.waits(T - 100, silent, [termOf(3, "b")]);
  assert.deepEqual(a.waits(T - 50, silent, [termOf(4, "d")]), []);
  assert.deepEqual(a.waits(150, silent, [termOf(4, "d")]), ["claim 0 after 4"]);
});

Deno.test("decideElection() steps down at once when an append was refused", () => {
  const a = leader();
  const fenced = { type: "fenced", partition: 0, term: 1 } as const;
  assert.deepEqual(a.when(fenced), ["stepDown 0 in 1: fenced", "look"]);
  assert.deepEqual(a.when(fenced), [], "once");
});

for (const what of ["look", "write its own heartbeat"]) {
  Deno.test(`decideElection() holds no silence against anybody while it could not ${what}`, () => {
    const a = new Story();
    const seen = [[memberOf("b", 7)], [termOf(3, "b")]] as const;
    a.joins(...clone(seen));
    a.waits(T - 3 * HEARTBEAT, ...clone(seen));
    for (let gap = 0; gap < 5 * T; gap += HEARTBEAT) {
      if (what === "look") assert.deepEqual(a.beats(HEARTBEAT).filter(isBig), []);
      else assert.deepEqual(a.sees(...clone(seen), { afterMs: HEARTBEAT }).filter(isBig), []);
    }
    a.beats();
    assert.deepEqual(a.sees(...clone(seen)), []);
    assert.deepEqual(a.waits(T - 50, ...clone(seen)).filter(isBig), []);
    assert.deepEqual(a.waits(150, ...clone(seen)).filter(isBig), ["claim 0 after 3"]);
  });
}

Deno.test("decideElection() lets the heir claim at once, and others a time-out later", () => {
  const heir = new Story();
  assert.deepEqual(heir.joins([memberOf("b", 1)], [termOf(3, null, "a")]), ["claim 0 after 3"]);
  const other = new Story();
  const seen = [[memberOf("b", 1)], [termOf(3, null, "b")]] as const;
  assert.deepEqual(other.joins(...clone(seen)), []);
  let beat = 1;
  const claims = () => other.waits(100, [memberOf("b", ++beat)], [termOf(3, null, "b")]);
  for (let waited = 0; waited < T - 100; waited += 100) assert.deepEqual(claims(), []);
  assert.deepEqual([...claims(), ...claims()], ["claim 0 after 3"]);
});

Deno.test("decideElection() hands partitions to a node that leads none, when it has stayed", () => {
  const a = new Story(4);
  const own = memberOf("a", 1);
  a.joins();
  const terms = [0, 1, 2, 3].map((partition) => ({ ...termOf(1, "a"), partition }));
  for (const { partition } of terms) a.when({ type: "claimed", partition, term: 1 });
  let beat = 0;
  const step = () => a.waits(100, [own, memberOf("b", ++beat)], terms);
  for (let waited = 0; waited < T; waited += 100) assert.deepEqual(step(), []);
  assert.deepEqual([...step(), ...step()], ["handOver 3 to b", "handOver 2 to b"]);
  assert.ok(!isConfirmed(a.state, 3, a.at), "it stops first");
  assert.ok(isConfirmed(a.state, 0, a.at));
});

Deno.test("decideElection() gives all away when it drains, and claims nothing more", () => {
  const a = leader([memberOf("b", 1)]);
  assert.deepEqual(a.when({ type: "drain" }), ["beat", "handOver 0 to b"]);
  assert.deepEqual(a.when({ type: "handedOver", partition: 0, term: 1 }), []);
  a.beats();
  assert.deepEqual(a.sees([], [termOf(1, null)]), []);
  assert.deepEqual(a.ticks(4 * T).filter(isBig), []);
});

Deno.test("decideElection() stays away twice as long from what it could not lead again", () => {
  const a = leader();
  const keptAwayMs: number[] = [];
  for (let term = 1; term < 4; term++) {
    assert.deepEqual(a.when({ type: "surrender", partition: 0, term }), ["handOver 0 to null"]);
    a.when({ type: "handedOver", partition: 0, term });
    const from = a.at;
    while (a.waits(100, [], [termOf(term, null)]).length === 0);
    keptAwayMs.push(a.at - from);
    a.when({ type: "claimed", partition: 0, term: term + 1 });
  }
  assert.deepEqual(keptAwayMs.map((ms) => Math.round(ms / T)), [1, 2, 4]);
});

Deno.test("decideElection() claims anew when its claim was done but not answered", () => {
  const a = new Story();
  a.joins();
  assert.deepEqual(a.when({ type: "claimUnknown", partition: 0 }), ["look"]);
  a.beats(HEARTBEAT);
  assert.deepEqual(a.sees([], [termOf(1, "a")]), ["claim 0 after 1"]);
  assert.deepEqual(a.when({ type: "claimed", partition: 0, term: 2 }), ["lead 0 in 2"]);
});

Deno.test("decideElection() gives way to a younger process of its name that goes on beating", () => {
  const a = leader();
  a.beats();
  const young = (beat: number) => [memberOf("a", beat, { boot: "second" })];
  assert.deepEqual(a.sees(young(1), [termOf(1, "a")]), [], "a late one of a dead process");
  a.beats();
  assert.deepEqual(a.sees(young(2), [termOf(1, "a")]), ["stepDown 0 in 1: deposed"]);
  assert.deepEqual(a.beats(), []);
  assert.equal(nextTickAt(a.state), Infinity);
});

Deno.test("decideElection() ignores a process that was there before it under its name", () => {
  const old = (beat: number) => [memberOf("a", beat, { boot: "zeroth", holder: holderOf("a", 9) })];
  const a = new Story();
  a.joins(old(5), []);
  a.when({ type: "claimed", partition: 0, term: 1 });
  for (let beat = 6; beat < 9; beat++) {
    a.beats();
    assert.deepEqual(a.sees(old(beat), [termOf(1, "a")]), []);
  }
  assert.ok(a.isConfirmed());
});

/** Node `a`, which leads partition 0 in term 1. */
function leader(members: SeenMember[] = []): Story {
  const a = new Story();
  a.joins();
  a.when({ type: "claimed", partition: 0, term: 1 });
  a.beats();
  a.sees(members, [termOf(1, "a")]);
  assert.ok(a.isConfirmed());
  return a;
}

function isBig(action: string): boolean {
  return action !== "beat" && action !== "look";
}

function clone(
  [members, terms]: readonly [readonly SeenMember[], readonly Term[]],
): [SeenMember[], Term[]] {
  return [[...members], [...terms]];
}
