import type { AttemptPlace } from "../../workflows/mod.ts";
import type { AttemptTakers } from "./attempt_desk.ts";
import { attemptAt, nameOfAttempt } from "./attempt_name.ts";
import type { Outbox } from "./outbox.ts";

/** Whether this node has an attempt of a run, or its end is on its way to the inbox. */
export type IsHere = (runId: string, place: AttemptPlace) => boolean;

/** Notes which attempts the cells have now; what the outbox holds is asked for each time. */
export function noteAttemptsHere(
  cells: Pick<AttemptTakers, "attempts">,
  outbox: Pick<Outbox, "has">,
): IsHere {
  const here = new Set<string>();
  for (const id of cells.attempts()) here.add(nameOfAttempt(id));
  return (runId, place) => {
    const id = attemptAt(runId, place);
    return here.has(nameOfAttempt(id)) || outbox.has(id);
  };
}
