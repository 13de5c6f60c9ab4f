import type { Json } from "../core/json.ts";

/**
 * The names that an expression sees. Members may be getters: each is read only when an expression
 * asks for it, and values are looked into, not copied. A result may therefore share structure with
 * the bindings: treat both as read-only.
 */
export interface Bindings {
  input?: Json;
  /** By task id: `output`, `status`, `error`. */
  tasks?: Readonly<Record<string, object>>;
  item?: Json;
  /** Position of `item`, from 0. */
  index?: number;
  run?: object;
  vars?: Json;
  event?: Json;
  /** Of the task itself, for `repeat.until`. */
  output?: Json;
  /** Of several agents that did the same, for `assign.merge`. */
  results?: Json;
  secrets?: Readonly<Record<string, string>>;
  /** What `success()`, `failure()` and `cancelled()` answer. */
  status?: { success: boolean; failure: boolean; cancelled: boolean };
}
