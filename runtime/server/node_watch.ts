import type { ClusterNode } from "../node/cluster_node.ts";
import type { Notice } from "../node/node_notices.ts";
import { createRunTracer, NodeMetrics, type RunTracer } from "../telemetry/mod.ts";

/** Traces and metrics of one node. */
export class NodeWatch {
  /** `null` when nobody takes spans. */
  readonly tracer: RunTracer | null;
  readonly metrics: NodeMetrics;

  constructor({ version, nodeId }: { version: string; nodeId?: string }) {
    this.tracer = createRunTracer({ version, nodeId });
    this.metrics = new NodeMetrics({ version });
  }

  /** What the node tells of its partitions. */
  notice(notice: Notice): void {
    this.tracer?.notice(notice);
    this.metrics.notice(notice);
  }

  async follow(node: ClusterNode): Promise<void> {
    await this.tracer?.follow(node);
    await this.metrics.follow(node);
  }

  /** To be called when the node has closed. */
  close(): void {
    this.tracer?.close();
    this.metrics.close();
  }
}
