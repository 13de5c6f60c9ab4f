/** What `/metrics` tells of a node that ran something. */
import assert from "node:assert/strict";
import { NodeMetrics } from "../../runtime/telemetry/mod.ts";
import { type Family, lintExposition, parseExposition } from "./exposition.ts";
import { measureNode } from "./measured_node.ts";

function valueOf(families: readonly Family[], name: string, labels: Record<string, string> = {}) {
  const samples = families.flatMap((family) => family.samples);
  return samples.find((sample) =>
    sample.name === name &&
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  )?.value;
}

Deno.test("/metrics counts runs, attempts, cells and requests, in Prometheus' own way", async () => {
  const families = parseExposition(await measureNode());
  assert.deepEqual(lintExposition(families), []);
  const workflow = "measured";
  const agent = "worker";
  const expected: [name: string, labels: Record<string, string>, value: number][] = [
    ["denizen_runs_submitted_total", { workflow }, 3],
    ["denizen_runs_closed_total", { workflow, status: "completed" }, 2],
    ["denizen_runs_closed_total", { workflow, status: "failed" }, 1],
    ["denizen_run_duration_seconds_count", { workflow }, 3],
    ["denizen_elections_won_total", {}, 2],
    ["denizen_partitions_led", {}, 2],
    ["denizen_partition_term", { partition: "1" }, 1],
    ["denizen_nodes", { state: "living" }, 1],
    ["denizen_node_ready", {}, 1],
    ["denizen_runs_open", {}, 0],
    ["denizen_inbox_commands", { partition: "0" }, 0],
    ["denizen_dead_letters", {}, 0],
    ["denizen_http_requests_total", { route: "/api/v1/runs", method: "POST", status: "429" }, 1],
    ["denizen_http_request_duration_seconds_count", { route: "/api/v1/runs/{id}" }, 1],
    ["denizen_live_clients", { transport: "sse" }, 2],
    ["denizen_live_clients_dropped_total", {}, 3],
    ["denizen_build_info", { version: "1.2.3" }, 1],
  ];
  for (const [name, labels, value] of expected) {
    assert.equal(valueOf(families, name, labels), value, `${name} ${JSON.stringify(labels)}`);
  }
  assert.ok(valueOf(families, "denizen_task_attempts_total", { outcome: "completed" })! >= 6);
  assert.ok(valueOf(families, "denizen_task_attempts_total", { agent, outcome: "failed" })! >= 1);
  assert.ok(valueOf(families, "denizen_permission_denials_total", { permission: "read" })! >= 2);
  assert.ok(valueOf(families, "denizen_cell_endings_total", { agent, cause: "CRASHED" })! >= 1);
  assert.ok(valueOf(families, "denizen_heartbeat_age_seconds")! < 10);
  assert.ok(valueOf(families, "process_resident_memory_bytes")! > 1_000_000);
  assert.ok(valueOf(families, "process_cpu_seconds_total")! > 0.01);
});

Deno.test("NodeMetrics keeps its labels few, whatever workflows are called", async () => {
  const metrics = new NodeMetrics({ version: "1" });
  for (let n = 0; n < 500; n++) {
    const event = {
      type: "RunSubmitted" as const,
      at: 0,
      workflow: `w${n}`,
      version: null,
      packageHash: "",
      workDir: "/",
      input: {},
    };
    metrics.observe({ runId: `r${n}`, at: 0, type: "event", event });
    metrics.http(`/made/up/${n}`, "GET", 404, 0.001);
  }
  const families = parseExposition(await metrics.text());
  metrics.close();
  const submitted = families.find(({ name }) => name === "denizen_runs_submitted_total")!;
  assert.equal(submitted.samples.length, 101);
  assert.equal(valueOf([submitted], submitted.name, { workflow: "other" }), 400);
  assert.ok(families.every(({ samples }) => samples.length < 3_000));
});

Deno.test("lintExposition() finds what Prometheus' conventions refuse", () => {
  const text = [
    "# HELP things_total ",
    "# TYPE things_total gauge",
    'things_total{a="1"} 1',
    'things_total{a="1"} 2',
    "# HELP wait_ms How long.",
    "# TYPE wait_ms counter",
    "wait_ms -1",
    "",
  ].join("\n");
  assert.deepEqual(lintExposition(parseExposition(text)), [
    "things_total: no help",
    "things_total: _total is for counters",
    'things_total: sample twice: ["things_total",[["a","1"]]]',
    "wait_ms: _total is for counters",
    "wait_ms: base units",
    "wait_ms: counter below zero",
  ]);
  for (
    const wrong of [
      "x 1\n",
      "# HELP x y\n# TYPE x gauge\nx one\n",
      "# HELP x y\n# TYPE x gauge\nx 1",
    ]
  ) {
    assert.throws(() => parseExposition(wrong));
  }
});
