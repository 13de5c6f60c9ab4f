/**
 * What the node knows of an agent before it runs it: code by content hash, exact permissions, and
 * limits. Plain data: it is journalled with the run, so that a restart uses the same.
 *
 * @module
 */

/** Permissions with every expression resolved and every path absolute and real. Nothing else is reachable. */
export interface Permissions {
  /** Files and folders. */
  read: string[];
  /** Files and folders; writing does not include reading. */
  write: string[];
  /** `host` or `host:port`. */
  net: string[];
  /** Names of environment variables. */
  env: string[];
  /** Names of programs. They run with the full rights of the user. */
  run: string[];
  /** Kinds of system information, as in `Deno.permissions`. */
  sys: string[];
  /** Native libraries. They run with the full rights of the user. */
  ffi: string[];
  /** Hosts that modules may be imported from. */
  import: string[];
}

/** One agent, ready to be placed in cells. */
export interface AgentManifest {
  /** Name in the workflow file. */
  name: string;
  /** SHA-256 (hex) of the bundled module. */
  codeHash: string;
  permissions: Permissions;
  /** Working directory of the agent: the folder from which the run was started. */
  workDir?: string;
  /** Attempts at once in one worker. */
  concurrency: number;
  /** Workers: `min` are kept warm while a run needs the agent, `max` is the limit. */
  replicas: { min: number; max: number };
  /** Limit on what the worker may add to its cell's memory: heap, buffers and code. */
  memoryMb: number;
  /**
   * SHA-256 (hex) of what the module must say of itself whenever it is loaded: one that says
   * something else gets no attempts, `MANIFEST_CHANGED`. Absent: it may say what it likes.
   */
  declarationHash?: string;
}
