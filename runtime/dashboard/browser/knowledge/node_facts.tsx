import type { ComponentChildren } from "preact";
import type { KnowledgeNode } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import { formatCost, formatCount, formatDuration, Time } from "../parts/mod.ts";
import { linksOf } from "./node_links.ts";
import { factName } from "./words.ts";

/** What is known of a node, with the pages that tell more. */
export function NodeFacts({ node }: { node: KnowledgeNode }) {
  const links = linksOf(node);
  const facts = Object.entries(node.attributes)
    .filter(([, value]) => value !== null && value !== "" && value !== undefined);
  return (
    <>
      {links.length > 0 && (
        <p class="row">
          {links.map(({ to, text }) => <a key={to} href={to}>{text}</a>)}
        </p>
      )}
      <dl class="facts">
        {facts.map(([name, value]) => <Fact key={name} name={name} value={value} />)}
      </dl>
    </>
  );
}

function Fact({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{factName(name)}</dt>
      <dd>{showValue(name, value)}</dd>
    </>
  );
}

function showValue(name: string, value: unknown): ComponentChildren {
  if (name.endsWith("At") && (typeof value === "string" || typeof value === "number")) {
    return <Time at={value} />;
  }
  if (name === "runId" && typeof value === "string") {
    return <a class="mono" href={href(path`/runs/${value}`)}>{value}</a>;
  }
  if (typeof value === "number") {
    if (name.endsWith("Ms")) return formatDuration(value);
    if (name.endsWith("Usd")) return formatCost(value);
    return formatCount(value);
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  return <code>{JSON.stringify(value)}</code>;
}
