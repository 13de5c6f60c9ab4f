/**
 * A definition made ready to run: names resolved to positions, expressions compiled, priorities
 * known. Made once per definition and shared by all its runs.
 *
 * @module
 */
import { compileExpression, compileTemplate } from "../rules/mod.ts";
import type { CompiledTemplate, Expression } from "../rules/mod.ts";
import type { TaskSpec, WorkflowDefinition } from "./definition.ts";
import { bottomLevels } from "./graph.ts";

/** Who does the `emit` tasks: in the place of an agent's name, which it can never be. */
export const ACTOR_SYSTEM = "actor system";

/** One task of a plan. */
export interface PlannedTask {
  spec: TaskSpec;
  /** Position in the file, from 0. */
  position: number;
  /** Positions of the tasks that this one needs. */
  needs: number[];
  /** Positions of the tasks that need this one. */
  dependents: number[];
  /** Positions of all tasks before this one, direct or not. */
  ancestors: number[];
  /**
   * Longest way from here to the end of the run; longer ways start first (HLFET list scheduling,
   * T. Adam, K. Chandy, J. Dickson, CACM 1974).
   */
  level: number;
  /**
   * Agents that may do the task, best first; empty for `value` and `wait`, {@linkcode ACTOR_SYSTEM}
   * for `emit`.
   */
  candidates: string[];
  /** Tasks of one lane may be done by the same agents. */
  lane: string;
  /** What is done with; of `emit`: topic and payload. */
  with: CompiledTemplate;
  value?: CompiledTemplate;
  waitUntil?: CompiledTemplate;
  /** Makes one result of those of the contenders. */
  merge?: CompiledTemplate;
  if?: Expression;
  forEach?: Expression;
  repeatUntil?: Expression;
}

/** A definition made ready to run. */
export interface Plan {
  definition: WorkflowDefinition;
  /** Names definition and code by content. */
  packageHash: string;
  tasks: PlannedTask[];
  positionOf: ReadonlyMap<string, number>;
  output?: CompiledTemplate;
}

/**
 * Compiles a definition that `parseWorkflow` accepted.
 *
 * @param options `packageHash`: names definition and code; `offers`: capabilities by agent name,
 *   as the agents' modules state them
 */
export function compilePlan(
  definition: WorkflowDefinition,
  options: { packageHash: string; offers?: Readonly<Record<string, string[]>> },
): Plan {
  const positionOf = new Map(definition.tasks.map((task, position) => [task.id, position]));
  const levels = bottomLevels(definition.tasks);
  const tasks = definition.tasks.map((spec, position): PlannedTask => ({
    spec,
    position,
    needs: spec.needs.map((need) => positionOf.get(need)!),
    dependents: [],
    ancestors: [],
    level: levels.get(spec.id)!,
    candidates: candidatesOf(spec, definition, options.offers ?? {}),
    lane: laneOf(spec),
    ...compileExpressionsOf(spec),
  }));
  for (const task of tasks) {
    for (const need of task.needs) tasks[need]!.dependents.push(task.position);
  }
  for (const task of tasks) {
    if (task.if?.usesStatusFunction) task.ancestors = ancestorsOf(task, tasks);
  }
  return {
    definition,
    packageHash: options.packageHash,
    tasks,
    positionOf,
    output: definition.output === undefined ? undefined : compileTemplate(definition.output),
  };
}

function candidatesOf(
  spec: TaskSpec,
  definition: WorkflowDefinition,
  offers: Readonly<Record<string, string[]>>,
): string[] {
  const { target } = spec;
  if (target.type === "agent") return [target.agent];
  if (target.type === "emit") return [ACTOR_SYSTEM];
  if (target.type !== "capability") return [];
  return definition.agents
    .map((agent) => agent.name)
    .filter((name) => offers[name]?.includes(target.capability));
}

/** Who may do what asks for a capability is known only when it could start. */
function laneOf({ target, assign }: TaskSpec): string {
  if (target.type === "agent") return target.agent;
  if (target.type === "capability") return `${target.capability} ${JSON.stringify(assign ?? {})}`;
  return ACTOR_SYSTEM;
}

function compileExpressionsOf(spec: TaskSpec) {
  const { target } = spec;
  return {
    with: compileTemplate(
      target.type === "emit" ? { topic: target.topic, payload: target.payload } : spec.with,
    ),
    value: target.type === "value" ? compileTemplate(target.value) : undefined,
    waitUntil: target.type === "waitUntil" ? compileTemplate(target.until) : undefined,
    merge: spec.assign?.merge?.value === undefined
      ? undefined
      : compileTemplate(spec.assign.merge.value),
    if: spec.if === undefined ? undefined : compileExpression(spec.if),
    forEach: spec.forEach === undefined ? undefined : compileExpression(spec.forEach),
    repeatUntil: spec.repeat === undefined ? undefined : compileExpression(spec.repeat.until),
  };
}

function ancestorsOf(task: PlannedTask, tasks: readonly PlannedTask[]): number[] {
  const found = new Set<number>();
  const open = [...task.needs];
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    if (found.has(position)) continue;
    found.add(position);
    open.push(...tasks[position]!.needs);
  }
  return [...found].sort((a, b) => a - b);
}
