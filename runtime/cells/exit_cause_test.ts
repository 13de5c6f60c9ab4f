import assert from "node:assert/strict";
import { describeExit } from "./exit_cause.ts";

const KILLED: Deno.CommandStatus = { success: false, code: 137, signal: "SIGKILL" };
const TRAPPED: Deno.CommandStatus = { success: false, code: 133, signal: "SIGTRAP" };

Deno.test("describeExit() finds memory in what V8 says before it ends the process", () => {
  const words = [
    "# Fatal JavaScript out of memory: Reached heap limit",
    "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed",
    "# Failed to reserve virtual memory for CodeRange",
  ];
  for (const text of words) {
    assert.equal(describeExit(TRAPPED, `\n#\n${text}\n#\n`).code, "OUT_OF_MEMORY");
  }
});

Deno.test("describeExit() tells how a process ended, with its error line and without warnings", () => {
  assert.deepEqual(describeExit(KILLED, "Warning Permission broker is an experimental feature\n"), {
    code: "CRASHED",
    message: "The cell was ended by SIGKILL",
  });
  const stderr = "Warning x\nerror: Uncaught \x1b[31mTypeError\x1b[0m\n    at file:1:1\n";
  assert.deepEqual(describeExit({ success: false, code: 1, signal: null }, stderr), {
    code: "CRASHED",
    message: "The cell ended with status 1: error: Uncaught TypeError",
  });
});
