/**
 * Recorded workflow executions in WfFormat 1.5 (https://wfcommons.org/format): what ran, what it
 * waited for, and how long it took.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { InvalidInputError } from "../core/errors.ts";

/** One task of a recorded execution. */
export interface InstanceTask {
  /** As recorded; may hold any character. */
  id: string;
  /** What kind of work it is: the name without the running number. */
  kind: string;
  /** Positions of the tasks that it waits for. */
  parents: number[];
  runtimeS: number;
}

/** A recorded execution. Tasks are in the order of the file. */
export interface WorkflowInstance {
  name: string;
  tasks: InstanceTask[];
}

interface WfFormat {
  workflow: {
    specification: {
      tasks: { id: string; name?: string; parents?: string[]; children?: string[] }[];
    };
    execution: { tasks: { id: string; runtimeInSeconds: number }[] };
  };
}

/**
 * Reads an instance.
 *
 * @throws {InvalidInputError} `FILE_NOT_READABLE`; `INVALID_INPUT` when it is not WfFormat 1.5
 */
export async function readInstance(path: string): Promise<WorkflowInstance> {
  return parseInstance(await readText(path), path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new InvalidInputError("FILE_NOT_READABLE", {
      message: `Could not read "${path}"`,
      hint: "Check the path",
      cause,
    });
  }
}

/** Like {@linkcode readInstance}, from the file's text. */
export function parseInstance(text: string, path: string): WorkflowInstance {
  try {
    const { workflow } = JSON.parse(text) as WfFormat;
    return { name: basename(path, ".json"), tasks: buildTasks(workflow) };
  } catch (cause) {
    throw new InvalidInputError("INVALID_INPUT", {
      message: `Could not read "${path}" as a WfFormat 1.5 instance: ${(cause as Error).message}`,
      hint: "It must have workflow.specification.tasks and workflow.execution.tasks",
      cause,
    });
  }
}

/** An edge counts when either end of it names the other. A task without a recorded time takes 0. */
function buildTasks({ specification, execution }: WfFormat["workflow"]): InstanceTask[] {
  const runtimeOf = new Map(execution.tasks.map((task) => [task.id, task.runtimeInSeconds]));
  const positionOf = new Map(specification.tasks.map((task, position) => [task.id, position]));
  const parents = specification.tasks.map((task) => new Set(task.parents));
  for (const { id, children } of specification.tasks) {
    for (const child of children ?? []) parents[place(child, positionOf)]!.add(id);
  }
  return specification.tasks.map(({ id, name }, position) => ({
    id,
    kind: (name ?? id).replace(/[_#-]?\d+$/, ""),
    parents: [...parents[position]!].map((parent) => place(parent, positionOf)),
    runtimeS: runtimeOf.get(id) ?? 0,
  }));
}

function place(id: string, positionOf: ReadonlyMap<string, number>): number {
  const position = positionOf.get(id);
  if (position === undefined) throw new Error(`no task has the id "${id}"`);
  return position;
}
