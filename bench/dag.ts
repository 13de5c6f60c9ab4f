/**
 * `deno task bench:dag FILE… [--workers 2,4,8] [--estimates none,kind,exact] [--scale X] [--json]`:
 * replays WfFormat instances on real workers, beside bounds on how fast they can be.
 *
 * @module
 */
import { InvalidInputError } from "../core/errors.ts";
import { describeMachine, exitWith, readArguments } from "./command_line.ts";
import { ESTIMATE_SOURCES, type EstimateSource } from "./dag_workflow.ts";
import { alignColumns } from "./measurement.ts";
import { type Replay, replay } from "./replay.ts";
import { readInstance } from "./workflow_instance.ts";

const USAGE = "deno task bench:dag FILE… [--workers 2,4,8] [--estimates none,kind,exact] " +
  "[--scale X] [--json]";
/** A replay may take this share of the list schedule's length. */
const RATIO_GOAL = 1.1;

await exitWith(async () => {
  const { values, positionals } = readArguments(Deno.args, USAGE, {
    options: {
      workers: { type: "string", default: "2,4,8" },
      estimates: { type: "string", default: ESTIMATE_SOURCES.join(",") },
      scale: { type: "string" },
      json: { type: "boolean" },
    },
  });
  if (positionals.length === 0) throw wrong("Give at least one WfFormat file");
  const workers = values.workers.split(",").map((text) => positive("--workers", text));
  if (!workers.every(Number.isInteger)) throw wrong("Give whole numbers to --workers");
  const sources = values.estimates.split(",").map(toSource);
  const scale = values.scale === undefined ? undefined : positive("--scale", values.scale);
  const machine = await describeMachine();
  const instances = await Promise.all(positionals.map(readInstance));
  const replays: Replay[] = [];
  for (const instance of instances) {
    for (const count of workers) {
      for (const estimates of sources) {
        console.error(`replaying ${instance.name} on ${count} workers, estimates ${estimates} …`);
        replays.push(await replay(instance, { workers: count, estimates, scale }));
      }
    }
  }
  if (values.json) return console.log(JSON.stringify({ machine, replays }));
  console.log(`${machine}\n\n${toTable(replays)}`);
});

function toTable(replays: readonly Replay[]): string {
  const head = ["instance", "m", "estimates", "LB(m) s", "UB(m) s", "ideal s", "makespan s"];
  const rows = replays.map((row) => [
    row.instance,
    String(row.workers),
    row.estimates,
    ...[row.lowerBoundS, row.upperBoundS, row.idealS, row.makespanS].map((s) => s.toFixed(2)),
    (row.idealS / row.upperBoundS).toFixed(3),
    row.ratio.toFixed(3),
    `≤ ${RATIO_GOAL}: ${row.ratio <= RATIO_GOAL ? "met" : "missed"}`,
    `1:${(1 / row.scale).toFixed(0)}`,
  ]);
  return alignColumns([[...head, "ideal÷UB", "ratio", "goal", "scale"], ...rows]);
}

function toSource(text: string): EstimateSource {
  const source = ESTIMATE_SOURCES.find((each) => each === text);
  if (source === undefined) {
    throw wrong(`Give some of ${ESTIMATE_SOURCES.join(", ")} to --estimates, not "${text}"`);
  }
  return source;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw wrong(`Give a number above 0 to ${option}, not "${text}"`);
  }
  return value;
}

function wrong(message: string): InvalidInputError {
  return new InvalidInputError("OPTION_VALUE_WRONG", { message, hint: `Usage: ${USAGE}` });
}
