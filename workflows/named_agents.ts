/**
 * Who does a task when nobody chooses: the agent that the file names, or the first that offers what
 * the task asks for and has a place.
 *
 * @module
 */
import type { ErrorData } from "../core/errors.ts";
import type { Overlay } from "./overlay.ts";
import type { Instance, TaskState } from "./state.ts";
import type { Start } from "./turn.ts";

/** The instance to start next and who does it; `null` when nobody has room. */
export function firstWithRoom(task: TaskState, capacity: Overlay): Start | null {
  const { again, deferred, instances } = task;
  let looks = 0;
  for (const index of again) {
    const agent = agentWithRoom(task, instances[index]!, capacity);
    if (agent !== null) return { index, agent };
    // All of them wait for the same one or two agents: no need to ask for each.
    if (++looks === 8) break;
  }
  for (const index of deferred) {
    const agent = agentWithRoom(task, instances[index]!, capacity);
    if (agent !== null) return { index, agent };
    if (++looks >= 16) break;
  }
  const index = nextFreshIndex(task);
  const agent = index === null ? null : agentWithRoom(task, instances[index]!, capacity);
  return agent === null ? null : { index: index!, agent };
}

/** The next instance that was never tried; those that were given up are passed over. */
export function nextFreshIndex(task: TaskState): number | null {
  const { instances, count } = task;
  while (task.nextFresh < count) {
    if (instances[task.nextFresh]!.status === "ready") return task.nextFresh;
    task.nextFresh++;
  }
  return null;
}

function agentWithRoom(task: TaskState, instance: Instance, capacity: Overlay): string | null {
  if (instance.fallback !== null) {
    return capacity.free(instance.fallback) > 0 ? instance.fallback : null;
  }
  const { candidates } = task.plan;
  // After a failure another candidate goes first, where there is one.
  for (let turn = 0; turn < candidates.length; turn++) {
    const agent = candidates[(turn + instance.failures) % candidates.length]!;
    if (capacity.free(agent) > 0) return agent;
  }
  return null;
}

/** Whether anybody of the file may ever do the task. */
export function isOffered(task: TaskState): boolean {
  return task.plan.candidates.length > 0;
}

/** Why a task fails that nobody of the file may do, where nobody else is known. */
export function noAgent(task: TaskState): ErrorData {
  const { target } = task.plan.spec;
  const capability = target.type === "capability" ? target.capability : "";
  return {
    code: "NO_AGENT",
    message: `No agent of this workflow offers the capability "${capability}"`,
    hint: `Add an agent whose module lists "${capability}" under "capabilities"`,
  };
}
