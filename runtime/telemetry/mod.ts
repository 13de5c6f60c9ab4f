/**
 * What a node says of itself to those who watch it: traces, metrics, logs.
 *
 * @module
 */
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
