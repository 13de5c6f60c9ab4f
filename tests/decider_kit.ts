/**
 * Given, when, then for the run decider: definitions in short form, and a run that is driven by
 * commands alone.
 *
 * @module
 */
import { DEFAULT_RETRY } from "../core/retry.ts";
import type { Json, JsonObject } from "../core/json.ts";
import {
  type Assigner,
  compilePlan,
  createRunState,
  decide,
  evolve,
  type RunCommand,
  type RunEvent,
  type RunState,
  type TaskSpec,
  type WorkflowDefinition,
} from "../workflows/mod.ts";

/** A task in short form; by default agent `a` does it. */
export type ShortTask = Partial<TaskSpec> & { id: string };

/** A definition with every default of a parsed file. */
export function definitionOf(
  tasks: ShortTask[],
  rest: Partial<WorkflowDefinition> = {},
): WorkflowDefinition {
  const agent = (name: string) => ({
    name,
    module: `${name}.ts`,
    permissions: {},
    concurrency: 1,
    replicas: { min: 0, max: 1 },
    memoryMb: 256,
  });
  return {
    name: "test",
    vars: {},
    agents: [agent("a"), agent("b")],
    concurrency: 16,
    priority: 5,
    tasks: tasks.map((task) => ({
      needs: [],
      target: { type: "agent", agent: "a" },
      with: {},
      retry: DEFAULT_RETRY,
      timeout: { attemptMs: 60_000, heartbeatMs: 5_000 },
      continueOnError: false,
      ...task,
    })),
    ...rest,
  };
}

/** A run under test. `events` holds all that happened. */
export class TestRun {
  state: RunState;
  readonly events: RunEvent[] = [];
  at = 1_000;
  readonly capacity = new Map([["a", 1_000], ["b", 1_000]]);
  /** Chooses for tasks that name a capability; without one the file alone says who does them. */
  assigner: Assigner | undefined;

  constructor(definition: WorkflowDefinition, offers?: Record<string, string[]>) {
    const plan = compilePlan(definition, { packageHash: "hash", offers });
    this.state = createRunState("run-1", plan);
  }

  /** Executes a command and returns what it led to. */
  when(command: RunCommand): RunEvent[] {
    const { events, rejection } = decide(command, this.state);
    if (rejection !== undefined) throw new Error(`${rejection.code}: ${rejection.message}`);
    this.events.push(...events);
    return events;
  }

  submit(input: JsonObject = {}): RunEvent[] {
    return this.when({ type: "SubmitRun", at: this.at, input, workDir: "/" });
  }

  /** Starts all there is room for; the attempts as `task[index]#attempt@agent`. */
  start(): string[] {
    return this.whenStarted()
      .flatMap((event) => event.type === "AttemptStarted" ? [nameOf(event)] : []);
  }

  /** As {@linkcode start}, with all that it led to. */
  whenStarted(): RunEvent[] {
    const { at, capacity, assigner } = this;
    return this.when({ type: "StartAttempts", at, capacity, assigner });
  }

  complete(task: string, output: Json = null, index = 0): RunEvent[] {
    return this.#finish(task, index, { status: "completed", output });
  }

  fail(task: string, code: string, index = 0, retryable?: boolean): RunEvent[] {
    const error = { code, message: `It is ${code}`, retryable };
    return this.#finish(task, index, { status: "failed", error });
  }

  #finish(
    task: string,
    index: number,
    outcome: Extract<RunCommand, { type: "FinishAttempt" }>["outcome"],
  ): RunEvent[] {
    const { attempt } = this.state.tasks[this.state.plan.positionOf.get(task)!]!.instances[index]!;
    const at = this.at;
    return this.when({ type: "FinishAttempt", at, task, index, attempt, outcome, random: 0.5 });
  }

  /** Lets time pass, and its timers fire. */
  pass(ms: number): RunEvent[] {
    this.at += ms;
    return this.when({ type: "FireTimers", at: this.at });
  }

  /** Task statuses, in the order of the file. */
  get statuses(): Record<string, string> {
    return Object.fromEntries(
      this.state.tasks.map((task) => [task.plan.spec.id, task.result.status]),
    );
  }

  /** The same events folded from nothing. */
  refold(): RunState {
    const journal: RunEvent[] = JSON.parse(JSON.stringify(this.events));
    return journal.reduce(evolve, createRunState("run-1", this.state.plan));
  }
}

/** `task`, `task[2]`, with attempt and agent behind it. */
export function nameOf(
  event: { task: string; index?: number; attempt: number; agent: string },
): string {
  const item = event.index === undefined ? "" : `[${event.index}]`;
  return `${event.task}${item}#${event.attempt}@${event.agent}`;
}

/** Types of events, for the shape of a story. */
export function typesOf(events: readonly RunEvent[]): string[] {
  return events.map((event) => event.type);
}
