/**
 * One checker per promise of the run decider. Each sees the events as they become durable and
 * throws when the promise is broken.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RunEvent, RunState, WorkflowDefinition } from "../../../workflows/mod.ts";
import { viewRun } from "../../../workflows/mod.ts";
import { ContestCheckers } from "./contest_checkers.ts";
import { keyOf } from "./key_of.ts";

/** Watches one run from its first event to its last. */
export class RunCheckers {
  readonly #definition: WorkflowDefinition;
  readonly #inFlight = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  readonly #ended = new Map<string, string>();
  readonly #contests = new ContestCheckers();
  #isClosed = false;

  constructor(definition: WorkflowDefinition) {
    this.#definition = definition;
  }

  /** The node died: nothing is in flight any more. */
  crash(): void {
    this.#inFlight.clear();
  }

  see(event: RunEvent): void {
    assert.ok(
      !this.#isClosed || event.type === "RunRetried",
      `${event.type} after the run had closed`,
    );
    this.#contests.see(event);
    switch (event.type) {
      case "AttemptStarted":
        return this.#seeStart(event);
      case "AttemptFailed":
      case "TaskRepeated":
        this.#inFlight.delete(keyOf(event));
        return;
      case "TaskCompleted":
      case "TaskFailed":
      case "TaskCancelled":
      case "TaskSkipped":
        return this.#seeEnd(event);
      case "RunRetried":
        return this.#reopen();
      case "RunCompleted":
      case "RunFailed":
      case "RunCancelled":
        this.#isClosed = true;
        assert.equal(this.#inFlight.size, 0, "the run closed with attempts in flight");
    }
  }

  /** What completed stays so, unless it is an item of a task whose needs are done anew. */
  #reopen(): void {
    this.#isClosed = false;
    for (const [key, type] of this.#ended) {
      if (type !== "TaskCompleted") this.#ended.delete(key);
    }
    for (const key of this.#contests.reopen()) this.#ended.delete(key);
    for (const { id, needs } of this.#definition.tasks) {
      if (this.#ended.has(id) || needs.every((need) => this.#ended.has(need))) continue;
      for (const key of this.#ended.keys()) {
        if (key.startsWith(`${id}[`)) this.#ended.delete(key);
      }
    }
  }

  #seeStart(event: Extract<RunEvent, { type: "AttemptStarted" }>): void {
    const key = keyOf(event);
    const task = this.#definition.tasks.find((spec) => spec.id === event.task)!;
    assert.ok(!this.#inFlight.has(key), `${key} has two attempts in flight`);
    assert.ok(!this.#ended.has(key), `${key} started after it had ended`);
    assert.ok(event.attempt > (this.#attempts.get(key) ?? 0), `${key} repeats a number`);
    for (const need of task.needs) {
      assert.ok(this.#ended.has(need), `${key} started before its need ${need} had ended`);
    }
    this.#attempts.set(key, event.attempt);
    this.#inFlight.set(key, event.attempt);
    assert.ok(
      this.#inFlight.size <= this.#definition.concurrency,
      "more than the run's concurrency",
    );
    const siblings = [...this.#inFlight.keys()].filter((other) =>
      other.startsWith(`${event.task}[`)
    );
    assert.ok(siblings.length <= (task.maxParallel ?? Infinity), "more than maxParallel");
  }

  #seeEnd(event: { type: string; task: string; index?: number }): void {
    const key = keyOf(event);
    assert.ok(!this.#ended.has(key), `${key} ended twice`);
    this.#ended.set(key, event.type);
    if (event.index === undefined) {
      for (const other of [...this.#inFlight.keys()]) {
        if (other === key || other.startsWith(`${event.task}[`)) this.#inFlight.delete(other);
      }
    } else {
      this.#inFlight.delete(key);
      for (const member of this.#contests.membersOf(key)) this.#inFlight.delete(member);
    }
  }

  /** A `forEach` ends with its last item, without an event of its own. */
  observe(state: RunState): void {
    for (const task of state.tasks) {
      const { id } = task.plan.spec;
      if (task.finishedAt === null || this.#ended.has(id)) continue;
      this.#ended.set(id, task.result.status === "completed" ? "TaskCompleted" : "TaskFailed");
    }
  }
}

/** The journal says all: folding it gives what the decider believes. */
export function checkFold(folded: RunState, live: RunState): void {
  const asJson = (state: RunState) => JSON.parse(JSON.stringify(viewRun(state, { items: true })));
  assert.deepEqual(asJson(folded), asJson(live), "the fold differs from the live state");
  assert.equal(folded.open, live.open);
  assert.equal(folded.running, live.running);
  assert.deepEqual([...folded.released], [...live.released]);
}
