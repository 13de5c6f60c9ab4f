/**
 * Processes that a test has started, and those below them, as Linux shows them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Ids of the processes that a process has started and that have not ended. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")
      .filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** SIGKILL to a node; ends when it and its cells are gone. Fails when cells outlive it. */
export async function killNode(node: Deno.ChildProcess): Promise<void> {
  const cells = childrenOf(node.pid);
  try {
    node.kill("SIGKILL");
  } catch {
    // It had ended by itself.
  }
  await node.status;
  for (let turn = 0; cells.some(isAlive); turn++) {
    assert.ok(turn < 200, "cells outlive their node");
    await sleep(25);
  }
}
