import { api, type ClusterStatus, type PartitionStatus, useLoad } from "../api/mod.ts";
import { formatCount, LoadedView, NodeTable, Page, Panel } from "../parts/mod.ts";

const RELOAD_MS = 3_000;

/** Nodes, partitions, who leads them and in which term. */
export function ClusterPage() {
  const loaded = useLoad((signal) => api.get<ClusterStatus>("/cluster", { signal }), [], {
    everyMs: RELOAD_MS,
  });
  return (
    <Page title="Cluster">
      <LoadedView loaded={loaded}>
        {({ nodes, partitions }) => (
          <>
            <Panel title="Nodes" isFlush>
              <NodeTable nodes={nodes} />
            </Panel>
            <Panel title="Partitions" isFlush>
              <PartitionTable partitions={partitions} />
            </Panel>
          </>
        )}
      </LoadedView>
    </Page>
  );
}

function PartitionTable({ partitions }: { partitions: readonly PartitionStatus[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Partitions">
      <table class="table">
        <thead>
          <tr>
            <th class="is-tight">Partition</th>
            <th>Leader</th>
            <th class="is-number">Term</th>
            <th class="is-number">Requests waiting</th>
          </tr>
        </thead>
        <tbody>
          {partitions.map(({ partition, leader, term, waiting }) => (
            <tr key={partition}>
              <td class="number">{partition}</td>
              <td>
                {leader ?? <span class="badge" data-status="waiting">nobody leads it</span>}
              </td>
              <td class="is-number">{formatCount(term)}</td>
              <td class="is-number">{waiting >= 100 ? "100 or more" : waiting}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
