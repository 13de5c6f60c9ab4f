/**
 * Where actor systems are in a KV file.
 *
 * | key | value |
 * | --- | --- |
 * | `system, name` | `{ term, holder }`; its versionstamp fences every write |
 * | `log, system, segment` | events of one atomic write, JSON text |
 * | `log-mark, system` | first segment that a recovery must read |
 * | `state, system, address` | version and JSON text |
 * | `letter, system, id` | a dead letter |
 * | `topic, system, topic, offset` | messages of one atomic write from this offset on |
 * | `topic-mark, system, topic` | offset below which nothing is shown |
 * | `tree, system` | the supervision tree |
 * | `wish, system, versionstamp` | a wish for the leader |
 * | `parts, system, id` | how many parts a long value has, and whose they are |
 * | `part, system, id, number` | bytes of a long value |
 *
 * @module
 */

export const KEYS = {
  system: (system: string) => ["system", system],
  log: (system: string, segment: number) => ["log", system, segment],
  logMark: (system: string) => ["log-mark", system],
  state: (system: string, address: string) => ["state", system, address],
  letter: (system: string, id: string) => ["letter", system, id],
  topic: (system: string, topic: string, offset: number) => ["topic", system, topic, offset],
  topicMark: (system: string, topic: string) => ["topic-mark", system, topic],
  tree: (system: string) => ["tree", system],
  wish: (system: string, id: string) => ["wish", system, id],
  parts: (system: string, id: string) => ["parts", system, id],
  part: (system: string, id: string, at: number) => ["part", system, id, at],
};

/** What values are packed under: checked on reading, so that none can stand in for another. */
export const LABELS = {
  log: (system: string, segment: number, term: number) => `log ${system} ${segment} ${term}`,
  state: (system: string, address: string, version: number) =>
    `state ${system} ${address} ${version}`,
  letter: (system: string, id: string) => `letter ${system} ${id}`,
  topic: (system: string, topic: string, first: number, last: number) =>
    `topic ${system} ${topic} ${first} ${last}`,
  tree: (system: string) => `tree ${system}`,
  wish: (system: string) => `wish ${system}`,
};
