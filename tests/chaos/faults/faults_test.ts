/**
 * Faults bite: a fault that does nothing would show nothing. Those of stores are tested with them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { findFaketime } from "./faketime.ts";
import { CLOCK, CLOCKS } from "./node_faults.ts";

/** How far wall and monotonic clock of a process go in so many seconds of the machine's clock. */
const MEASURE = `
  const uptime = () => 1000 * Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]);
  const before = [Date.now(), performance.now(), uptime()];
  while (uptime() < before[2] + 500) { /* waits */ }
  const real = uptime() - before[2];
  console.log(JSON.stringify([Date.now() - before[0], performance.now() - before[1]]
    .map((ms) => ms / real)));
`;

async function speeds(env: Record<string, string>): Promise<[wall: number, monotonic: number]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", MEASURE],
    env,
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const isAbout = (value: number, wish: number) => value > wish * 0.8 && value < wish * 1.2;

Deno.test({
  name: "the clock faults make the clocks of a process run ten times as fast",
  ignore: findFaketime() === null,
  fn: async () => {
    const [wall, monotonic] = await speeds(CLOCK.environment("n1"));
    assert.ok(isAbout(wall, 10) && isAbout(monotonic, 1), `${wall} and ${monotonic}`);
    const both = await speeds(CLOCKS.environment("n1"));
    assert.ok(both.every((speed) => isAbout(speed, 10)), both.join(" and "));
    assert.deepEqual(CLOCK.environment("n2"), {});
  },
});
