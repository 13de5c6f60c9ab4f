/**
 * The promises about who does a piece of work: nobody waits longer than it may, an auction is closed
 * before it is awarded, contenders are different agents, and a contest has one end.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RunEvent } from "../../../workflows/mod.ts";
import { keyOf } from "./key_of.ts";

type Of<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

interface Contest {
  members: string[];
  /** Of each contender the agent that has, or had, it. */
  agents: Map<string, string>;
  outputs: Map<string, string>;
  settled: Of<"ContestSettled"> | null;
}

/** Watches one run from its first event to its last. */
export class ContestCheckers {
  readonly #contests = new Map<string, Contest>();
  readonly #contestOf = new Map<string, string>();
  readonly #auctions = new Map<string, { attempt: number; isOpen: boolean }>();
  readonly #deferred = new Map<string, { reason: string; giveUpAt: number }>();

  see(event: RunEvent): void {
    switch (event.type) {
      case "AssignmentDeferred":
        return this.#seeDeferred(event);
      case "AuctionOpened":
        return this.#seeAuction(event);
      case "AuctionClosed":
        return this.#seeBids(event);
      case "ContestOpened":
        return this.#seeContest(event);
      case "ContestSettled":
        return this.#seeSettled(event);
      case "AttemptStarted":
        return this.#seeStart(event);
      case "TaskCompleted":
        return this.#seeCompleted(event);
      case "TaskFailed":
        return this.#seeFailed(event);
      case "TaskFellBack":
        this.#deferred.delete(keyOf(event));
        this.#contests.delete(keyOf(event));
    }
  }

  /** The contenders of a piece of work. */
  membersOf(key: string): readonly string[] {
    return this.#contests.get(key)?.members ?? [];
  }

  /** The run begins again: forgets all contests. Answers who contended. */
  reopen(): string[] {
    const members = [...this.#contestOf.keys()];
    for (const known of [this.#contests, this.#contestOf, this.#auctions, this.#deferred]) {
      known.clear();
    }
    return members;
  }

  #seeDeferred(event: Of<"AssignmentDeferred">): void {
    const key = keyOf(event);
    const before = this.#deferred.get(key);
    const reason = [event.why.code, ...event.why.excluded.map(({ code }) => code)].join(" ");
    assert.notEqual(before?.reason, reason, `${key} says twice why nobody can`);
    const { giveUpAt } = event;
    assert.equal(before?.giveUpAt ?? giveUpAt, giveUpAt, `${key} waits longer than it may`);
    this.#deferred.set(key, { reason, giveUpAt });
  }

  #seeAuction(event: Of<"AuctionOpened">): void {
    const key = keyOf(event);
    assert.notEqual(this.#auctions.get(key)?.attempt, event.attempt, `${key} is auctioned twice`);
    this.#auctions.set(key, { attempt: event.attempt, isOpen: true });
    this.#deferred.delete(key);
  }

  #seeBids(event: Of<"AuctionClosed">): void {
    const auction = this.#auctions.get(keyOf(event));
    assert.ok(auction?.isOpen && auction.attempt === event.attempt, "bids without an auction");
    auction.isOpen = false;
  }

  #seeContest(event: Of<"ContestOpened">): void {
    const key = keyOf(event);
    assert.ok(!this.#contests.has(key), `${key} is contested twice`);
    const { task, first, of } = event;
    // Who judges or merges comes behind the contenders.
    const members = Array.from({ length: of + 1 }, (_, at) => keyOf({ task, index: first + at }));
    this.#contests.set(key, { members, agents: new Map(), outputs: new Map(), settled: null });
    for (const member of members) this.#contestOf.set(member, key);
    this.#deferred.delete(key);
  }

  #seeStart(event: Of<"AttemptStarted">): void {
    const key = keyOf(event);
    this.#deferred.delete(key);
    assert.ok(!this.#auctions.get(key)?.isOpen, `${key} started while bids were asked for`);
    const contest = this.#contests.get(this.#contestOf.get(key) ?? "");
    if (contest === undefined || event.assignment === undefined) return;
    assert.equal(contest.settled, null, `${key} started after its contest`);
    for (const [other, agent] of contest.agents) {
      assert.ok(other === key || agent !== event.agent, `${key} and ${other} have one agent`);
    }
    contest.agents.set(key, event.agent);
  }

  #seeSettled(event: Of<"ContestSettled">): void {
    const key = keyOf(event);
    const contest = this.#contests.get(key);
    assert.ok(contest !== undefined && contest.settled === null, `${key} is settled twice`);
    contest.settled = event;
    for (const index of event.losers) {
      assert.ok(contest.outputs.has(keyOf({ task: event.task, index })), "a loser has no result");
    }
  }

  #seeCompleted(event: Of<"TaskCompleted">): void {
    const key = keyOf(event);
    const output = JSON.stringify(event.output);
    this.#contests.get(this.#contestOf.get(key) ?? "")?.outputs.set(key, output);
    const contest = this.#contests.get(key);
    if (contest === undefined) return;
    assert.ok(contest.settled !== null, `${key} has a result, but its contest is not settled`);
    const { winner } = contest.settled;
    if (winner === null) return;
    assert.equal(output, contest.outputs.get(keyOf({ task: event.task, index: winner })));
  }

  #seeFailed(event: Of<"TaskFailed">): void {
    const deferred = this.#deferred.get(keyOf(event));
    const isContender = this.#contestOf.has(keyOf(event));
    if (event.error.code !== "NOBODY_CAN" || deferred === undefined || isContender) return;
    assert.ok(event.at >= deferred.giveUpAt, "given up before its time");
  }
}
