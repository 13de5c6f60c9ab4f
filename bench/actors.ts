/**
 * `deno task bench:actors [--seconds N] [--json]`: messages between actors beside bare messages
 * between threads and bare commits, with what the processes take while they flow.
 *
 * @module
 */
import { InvalidInputError } from "../core/errors.ts";
import { type FlowReport, measureActors } from "./actors_case.ts";
import { describeMachine, exitWith, readArguments } from "./command_line.ts";
import { withLab } from "./lab.ts";
import { alignColumns, isMet, toDocument, toTable } from "./measurement.ts";
import { rawRows } from "./suite.ts";

const USAGE = "deno task bench:actors [--seconds N] [--json]";
const SECONDS = 60;

await exitWith(async () => {
  const { values } = readArguments(Deno.args, USAGE, {
    options: { json: { type: "boolean" }, seconds: { type: "string" } },
  });
  const seconds = toSeconds(values.seconds);
  const machine = await describeMachine();
  console.error(`measuring messages for ${seconds} s each …`);
  const { measurements, flows } = await withLab(false, async (lab) => {
    const { measurements, flows } = await measureActors(lab, seconds);
    return { measurements: [...measurements, ...rawRows(lab)], flows };
  });
  if (values.json) return console.log(JSON.stringify(toDocument(machine, measurements)));
  console.log(`${machine}\n\n${toTable(measurements)}\n\n${toFlowTable(flows)}`);
  const goals = measurements.map(isMet).filter((each) => each !== null);
  console.log(`\n${goals.filter(Boolean).length} of ${goals.length} goals met`);
});

function toSeconds(text: string | undefined): number {
  const seconds = text === undefined ? SECONDS : Number(text);
  if (seconds > 0 && seconds <= 3_600) return seconds;
  throw new InvalidInputError("ARGUMENT_UNWANTED", {
    message: `Give a number of seconds up to 3600 to --seconds, not "${text}"`,
    hint: `Usage: ${USAGE}`,
  });
}

/** What each flow took of memory, disk and processors. */
function toFlowTable(flows: readonly FlowReport[]): string {
  const head = ["flow", "of", "at the start", "most", "at the end", "processor time"];
  const rows = flows.flatMap(({ name, sizes, cpuUs, handled }) =>
    Object.entries(sizes).map(([of, { start, max, end, unit }]) => [
      `${name}: ${handled} messages`,
      of,
      ...[start, max, end].map((size) => `${size.toFixed(unit === "MB" ? 1 : 0)} ${unit}`),
      cpuUs[of] === undefined ? "" : `${cpuUs[of].toFixed(2)} µs a message`,
    ])
  );
  return alignColumns([head, ...rows]);
}
