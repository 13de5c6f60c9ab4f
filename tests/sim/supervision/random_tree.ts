import type {
  ActorChildInput,
  RestartType,
  Shutdown,
  Strategy,
  SupervisorChildInput,
  SupervisorInput,
} from "../../../actors/supervision/mod.ts";
import type { SeededRandom } from "../../seeded_random.ts";

const STRATEGIES: Strategy[] = ["one_for_one", "one_for_all", "rest_for_one"];
const RESTARTS: RestartType[] = ["permanent", "permanent", "permanent", "transient", "temporary"];
const SHUTDOWNS: Shutdown[] = [0, 50, 400, "kill", "infinity"];

/** A tree of up to three levels, drawn from `random`. Supervisors are `s0` …, actors `a0` …. */
export function drawTree(random: SeededRandom): SupervisorInput {
  let count = 0;
  const drawSupervisor = (depth: number): SupervisorInput => ({
    name: `s${count++}`,
    strategy: random.pick(STRATEGIES),
    intensity: { restarts: random.int(0, 10), periodMs: random.pick([200, 1_000, 5_000]) },
    delay: { initialMs: random.pick([0, 0, 20, 300]), factor: 2, maxMs: 2_000 },
    children: Array.from({ length: random.int(1, 4) }, () => drawChild(depth)),
  });
  const drawChild = (depth: number): ActorChildInput | SupervisorChildInput => {
    const rest = { restart: random.pick(RESTARTS), shutdownMs: random.pick(SHUTDOWNS) };
    if (depth < 2 && random.chance(0.35)) return { supervisor: drawSupervisor(depth + 1), ...rest };
    const id = `a${count++}`;
    return { actor: "x", key: id, id, ...rest };
  };
  return drawSupervisor(0);
}
