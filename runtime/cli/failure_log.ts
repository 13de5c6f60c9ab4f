import type { Failure } from "../../core/failure_patterns.ts";
import type { RunEvent } from "../../workflows/mod.ts";

/** Kept of one run: enough to see a pattern in. */
const FAILURES_KEPT_MAX = 10_000;

type Denial = RunEvent & { type: "PermissionDenied" };

/** Gathers what went wrong in a run from its events. */
export class FailureLog {
  /** Failed attempts, in order; a denied permission is told in the details. */
  readonly failures: Failure[] = [];
  /** What agents asked for and did not get. */
  readonly denials: Denial[] = [];
  readonly #agents = new Map<string, string>();
  readonly #denied = new Map<string, Denial>();

  /** Takes the next event. */
  add(event: RunEvent): void {
    if (event.type === "AttemptStarted") this.#agents.set(idOf(event), event.agent);
    if (event.type === "PermissionDenied" && this.denials.length < FAILURES_KEPT_MAX) {
      this.denials.push(event);
      this.#denied.set(`${idOf(event)}#${event.attempt}`, event);
    }
    if (event.type === "AttemptFailed" && this.failures.length < FAILURES_KEPT_MAX) {
      const { task, index, attempt, error } = event;
      const denied = this.#denied.get(`${idOf(event)}#${attempt}`);
      const details = error.code !== "PERMISSION_DENIED" || denied === undefined
        ? error.details
        : { permission: denied.permission, value: denied.value, ...error.details };
      const agent = this.#agents.get(idOf(event)) ?? null;
      this.failures.push({ task, index, attempt, agent, error: { ...error, details } });
    }
  }
}

/** `list`, or `measure[3]` for an item of a `forEach`. */
export function idOf({ task, index }: { task: string; index?: number }): string {
  return index === undefined ? task : `${task}[${index}]`;
}
