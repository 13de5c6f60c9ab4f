/** Names one attempt in the world. */
export interface AttemptKey {
  runId: string;
  task: string;
  /** Item of a `forEach`, from 0; 0 for a plain task. */
  index: number;
  /** From 1. */
  attempt: number;
}

/** Names the piece of work that attempts are of. */
export function placeKey({ runId, task, index }: Omit<AttemptKey, "attempt">): string {
  return `${runId}/${task}/${index}`;
}

export function attemptKey(key: AttemptKey): string {
  return `${placeKey(key)}#${key.attempt}`;
}
