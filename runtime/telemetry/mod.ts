/**
 * What a node says of itself to those who watch it: traces, metrics, logs.
 *
 * @module
 */
export type { LiveCounts } from "./node_gauges.ts";
export {
  NODE_LOG_LEVELS,
  type NodeLog,
  type NodeLogFields,
  type NodeLogLevel,
  type NodeLogOptions,
  openNodeLog,
} from "./node_log.ts";
export { type MeasuredNode, NodeMetrics, type NodeMetricsOptions } from "./node_metrics.ts";
export { isSecretField, redactText } from "./redact_text.ts";
export {
  createRunTracer,
  RunTracer,
  type RunTracerOptions,
  type TracedNode,
} from "./run_tracer.ts";
export {
  formatTraceparent,
  isTracing,
  parseTraceparent,
  submissionTraceparent,
} from "./traceparent.ts";
