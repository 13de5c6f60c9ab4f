/** `/metrics` and the rules of `deploy/`, as Prometheus' own checker sees them. */
import assert from "node:assert/strict";
import { measureNode } from "./measured_node.ts";
import { findPromtool, runPromtool } from "./promtool.ts";

const program = findPromtool();
const ignore = program === null;
if (ignore) {
  console.log("Found no promtool: `deno task test:promtool` fetches it and runs these tests");
}

Deno.test({
  name: "promtool takes /metrics of a node that ran something",
  ignore,
  async fn() {
    const { success, output } = await runPromtool(
      program!,
      ["check", "metrics"],
      await measureNode(),
    );
    assert.equal(output, "");
    assert.ok(success);
  },
});

Deno.test({
  name: "promtool refuses metrics that break the conventions",
  ignore,
  async fn() {
    const text = "# HELP wait_ms How long.\n# TYPE wait_ms counter\nwait_ms 1\n";
    const { success, output } = await runPromtool(program!, ["check", "metrics"], text);
    assert.ok(!success && output.includes("wait_ms"), output);
  },
});

Deno.test({
  name: "promtool takes the alert rules, and each fires where it should and only there",
  ignore,
  async fn() {
    for (
      const args of [
        ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts_test.yml"],
        ["check", "config", "--syntax-only", "prometheus.yml"],
      ]
    ) {
      const { success, output } = await runPromtool(program!, args);
      assert.ok(success, output);
    }
  },
});
