import type { ReportBase, StartChild, SupervisionCommand } from "./commands.ts";
import { addressOf } from "./specification.ts";
import { isAlive, type SupervisionState, type TreeNode } from "./state.ts";

/** Why a command was refused. */
export interface SupervisionRejection {
  /**
   * `STALE_REPORT`, `SUPERVISION_RUNNING`, `SUPERVISION_STOPPED`, `SUPERVISOR_BUSY` (try again
   * after the next event), `CHILD_NOT_FOUND`, `CHILD_EXISTS`, `CHILD_RUNNING`, `CHILD_RESTARTING`.
   */
  code: string;
  message: string;
}

/** Why `command` cannot be done now, or `null`. */
export function refuse(
  command: SupervisionCommand,
  state: SupervisionState,
): SupervisionRejection | null {
  switch (command.type) {
    case "ReportStarted":
    case "ReportStartFailed":
    case "ReportExited":
      return refuseStale(command, state);
    case "Start":
      return isAlive(state.root)
        ? reject("SUPERVISION_RUNNING", `Cannot start "${state.root.id}": it was started before`)
        : null;
    case "Stop":
      return isAlive(state.root) ? null : stopped(state.root);
    case "TerminateChild":
    case "RestartChild":
    case "DeleteChild":
      return refuseOperation(command, state);
    case "StartChild":
      return refuseStartChild(command, state);
    case "FireTimers":
      return null;
  }
}

function reject(code: string, message: string): SupervisionRejection {
  return { code, message };
}

function stopped({ id }: TreeNode): SupervisionRejection {
  return reject("SUPERVISION_STOPPED", `Supervisor "${id}" does not run`);
}

/** A report counts once, and only from the instance that its supervisor waits for or runs. */
function refuseStale(
  command: ReportBase<string>,
  state: SupervisionState,
): SupervisionRejection | null {
  const { type, id, incarnation } = command;
  const node = state.nodes.get(id);
  if (node?.kind === "actor" && node.incarnation === incarnation) {
    const { status } = node;
    if (status === "starting" || (status === "stopping" && type !== "ReportStarted")) return null;
    if (status === "running" && type === "ReportExited") return null;
  }
  return reject("STALE_REPORT", `Incarnation ${incarnation} of "${id}" is not alive`);
}

function refuseOperation(
  command: { type: "TerminateChild" | "RestartChild" | "DeleteChild"; id: string },
  state: SupervisionState,
): SupervisionRejection | null {
  const { type, id } = command;
  if (!isAlive(state.root)) return stopped(state.root);
  const node = state.nodes.get(id);
  if (node === undefined || node.parent === null) {
    return reject("CHILD_NOT_FOUND", `Cannot find child "${id}"`);
  }
  const busy = refuseBusy(node.parent);
  if (busy !== null || type === "TerminateChild" || node.status === "stopped") return busy;
  return node.status === "waiting"
    ? reject("CHILD_RESTARTING", `Child "${id}" is about to be restarted`)
    : reject("CHILD_RUNNING", `Child "${id}" is ${node.status}`);
}

function refuseBusy(node: TreeNode): SupervisionRejection | null {
  if (node.kind !== "supervisor") {
    return reject("CHILD_NOT_FOUND", `Cannot find a supervisor in "${node.id}"`);
  }
  if (node.status === "running" && node.busyWith === null) return null;
  if (node.status === "stopped") return stopped(node);
  const what = node.busyWith === null ? node.status : `busy with "${node.busyWith.id}"`;
  return reject("SUPERVISOR_BUSY", `Supervisor "${node.id}" is ${what}`);
}

function refuseStartChild(
  { supervisor, child }: StartChild,
  state: SupervisionState,
): SupervisionRejection | null {
  if (!isAlive(state.root)) return stopped(state.root);
  const parent = state.nodes.get(supervisor);
  if (parent === undefined) {
    return reject("CHILD_NOT_FOUND", `Cannot find a supervisor in "${supervisor}"`);
  }
  const address = addressOf(child);
  for (const name of [child.id, address]) {
    if (isTaken(name, supervisor, state)) {
      return reject("CHILD_EXISTS", `Child "${name}" is in the tree already`);
    }
  }
  return refuseBusy(parent);
}

/** What the specification names is kept for the supervisor that starts it again when it restarts. */
function isTaken(name: string, supervisor: string, state: SupervisionState): boolean {
  const owner = state.reserved.get(name);
  if (owner !== undefined && owner !== supervisor) return true;
  if (state.nodes.has(name)) return true;
  for (const node of state.nodes.values()) {
    if (node.kind === "actor" && addressOf(node.spec) === name) return true;
  }
  return false;
}
