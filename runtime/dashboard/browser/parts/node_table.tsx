import type { NodeStatus } from "../api/mod.ts";
import { formatCount } from "./format.ts";
import { Time } from "./time.tsx";

/** Colours of statuses of runs say the same of nodes. */
const STATE_COLOURS = { living: "completed", draining: "waiting", gone: "failed" } as const;

/** Nodes, whether they live, and what they lead. */
export function NodeTable({ nodes }: { nodes: readonly NodeStatus[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Nodes">
      <table class="table">
        <thead>
          <tr>
            <th>Node</th>
            <th class="is-tight">State</th>
            <th>Leads partitions</th>
            <th class="is-number">Open runs</th>
            <th class="is-lesser">Address</th>
            <th class="is-tight is-lesser">Started</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.nodeId}>
              <td>
                {node.nodeId}
                {node.isSelf && <span class="chip node-self">answers you</span>}
                <div class="small muted">
                  {node.host}, process {node.pid}, {node.version}
                </div>
              </td>
              <td>
                <span class="badge" data-status={STATE_COLOURS[node.state]}>{node.state}</span>
              </td>
              <td class="number">
                {node.partitions.length === 0 ? "none" : node.partitions.join(", ")}
              </td>
              <td class="is-number">{formatCount(node.runs)}</td>
              <td class="mono small is-lesser">{node.url ?? "–"}</td>
              <td class="is-tight is-lesser">
                <Time at={node.startedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
