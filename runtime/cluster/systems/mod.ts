/**
 * Actor systems on a cluster: reached from every node, taken over when their node dies.
 *
 * @module
 */
export { ClusterSystems } from "./cluster_systems.ts";
export { notLeader } from "./moving.ts";
export {
  digestOf,
  readCode,
  RECORD_ADDRESS,
  type SystemContent,
  type SystemRecord,
  writeRecord,
} from "./system_record.ts";
export {
  type SystemsCluster,
  systemsClusterOf,
  type SystemsClusterOptions,
} from "./systems_cluster.ts";
