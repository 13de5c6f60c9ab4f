/** The page, the dashboard and the alert rules name the metrics that there are, and no others. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { NodeMetrics } from "../../runtime/telemetry/mod.ts";
import { type Family, parseExposition } from "./exposition.ts";
import { measureNode } from "./measured_node.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

async function declared(): Promise<Family[]> {
  const metrics = new NodeMetrics({ version: "1" });
  const text = await metrics.text();
  metrics.close();
  return parseExposition(text);
}

function read(path: string): string {
  return Deno.readTextFileSync(join(ROOT, path));
}

/** Metrics that an expression names, without what histograms put behind. */
function namesIn(expression: string, families: readonly Family[]): string[] {
  const found = expression.match(/\b(?:denizen|process)_[a-z_]+\b/g) ?? [];
  const histograms = families.filter(({ type }) => type === "histogram").map(({ name }) => name);
  return found.map((name) => {
    const base = name.replace(/_(bucket|sum|count)$/, "");
    return histograms.includes(base) ? base : name;
  });
}

Deno.test("docs/observability.md lists every metric, with its type and labels", async () => {
  const rows = new Map(
    read("docs/observability.md").split("\n")
      .map((line) =>
        /^\| `((?:denizen|process)_\w+)` *\| (\w+) *\| ([\w, ]*?) *\| (.+) \|$/.exec(line)
      )
      .filter((row) => row !== null)
      .map(([, name, type, labels, meaning]) => [name!, { type, labels, meaning }]),
  );
  // Of a node that ran something: its samples show which labels there are.
  const families = parseExposition(await measureNode());
  assert.deepEqual([...rows.keys()].sort(), families.map(({ name }) => name).sort());
  for (const { name, type, samples } of families) {
    const row = rows.get(name)!;
    assert.equal(row.type, type, name);
    for (const { labels } of samples) {
      for (const label of Object.keys(labels)) {
        if (label !== "le") assert.ok(row.labels!.split(", ").includes(label), `${name} ${label}`);
      }
    }
  }
});

interface Panel {
  id: number;
  title: string;
  type: string;
  datasource?: { uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

Deno.test("the Grafana dashboard shows every metric, and none that there is not", async () => {
  const families = await declared();
  const { panels } = JSON.parse(read("deploy/grafana/denizen.json")) as { panels: Panel[] };
  const shown = panels.flatMap(({ targets = [] }) => targets).flatMap(({ expr }) =>
    namesIn(expr, families)
  );
  assert.deepEqual([...new Set(shown)].sort(), families.map(({ name }) => name).sort());
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { title, type, datasource, gridPos: { x, w } } of panels) {
    assert.ok(x >= 0 && x + w <= 24, title);
    if (type !== "row") assert.equal(datasource?.uid, "${datasource}", title);
  }
});

interface Rules {
  groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
}

Deno.test("the alert rules name metrics that there are, and each has a test", async () => {
  const families = await declared();
  const names = new Set(families.map(({ name }) => name));
  const { groups } = parse(read("deploy/prometheus/alerts.yml")) as Rules;
  const { tests } = parse(read("deploy/prometheus/alerts_test.yml")) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  const fired = new Set(
    tests.flatMap(({ alert_rule_test }) => alert_rule_test)
      .filter(({ exp_alerts }) => exp_alerts.length > 0)
      .map(({ alertname }) => alertname),
  );
  const rules = groups.flatMap(({ rules }) => rules);
  assert.deepEqual([...fired].sort(), rules.map(({ alert }) => alert).sort());
  for (const { alert, expr, annotations } of rules) {
    for (const name of namesIn(expr, families)) assert.ok(names.has(name), `${alert}: ${name}`);
    assert.ok(annotations.summary && annotations.description, alert);
  }
});
