import assert from "node:assert/strict";
import { SeededRandom } from "../seeded_random.ts";
import { killDurableMessages } from "./kill_durable_messages.ts";

const KILLS = 20;

Deno.test({
  name: `100,000 durable messages survive kill -9 of the node at ${KILLS} random moments`,
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const random = new SeededRandom(20261122);
    const report = await killDurableMessages({
      sources: 9,
      sinks: 10,
      each: 1_000,
      kills: KILLS,
      random,
    });
    assert.deepEqual([report.messages, report.kills], [100_000, KILLS]);
    // Kills that meet no message in flight show nothing.
    assert.ok(report.repeated > 0, "no kill came while messages were handled");
  },
});
