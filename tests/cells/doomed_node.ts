/**
 * A node that is about to be killed: one cell loops, one is busy, one is a spare. Prints their
 * process ids.
 *
 * @module
 */
import { agentSource, CellHarness, until } from "./cell_harness.ts";

const fleet = new CellHarness({ spares: 1 });
for (const body of ["await ctx.heartbeat(); for (;;);", "await new Promise(() => {});"]) {
  const key = fleet.register(agentSource(body));
  const attempt = fleet.newAttempt({}, { timeoutMs: 60_000, heartbeatMs: 60_000 });
  void fleet.run(key, [attempt]);
}
await until(() =>
  fleet.cells.inspect().length === 3 &&
  fleet.cells.inspect().every(({ state }) => state === "ready" || state === "blank")
);
console.log(JSON.stringify(fleet.cells.inspect().map(({ pid }) => pid)));
