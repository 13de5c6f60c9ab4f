/**
 * `deno task bench:http [--json] [--quick] [--minutes N]`: a node of `denizen serve` beside a bare
 * Hono route: reads, then submissions while a thousand clients listen, and memory over that time.
 *
 * @module
 */
import { InvalidInputError } from "../core/errors.ts";
import { describeMachine, exitWith, readArguments } from "./command_line.ts";
import { measureHttp } from "./http_case.ts";
import { withFolder } from "./lab.ts";
import { toDocument, toTable } from "./measurement.ts";

const USAGE =
  "deno task bench:http [--json] [--quick] [--minutes N] [--listeners N] [--rate N]  (Linux)";

await exitWith(async () => {
  const { values } = readArguments(Deno.args, USAGE, {
    options: {
      json: { type: "boolean" },
      quick: { type: "boolean" },
      minutes: { type: "string" },
      listeners: { type: "string" },
      rate: { type: "string" },
    },
  });
  const isQuick = values.quick ?? false;
  const machine = await describeMachine();
  const { measurements, verdicts } = await withFolder((dir) =>
    measureHttp({
      dir,
      isQuick,
      minutes: positive("minutes", values.minutes ?? (isQuick ? "0.2" : "1")),
      listeners: positive("listeners", values.listeners ?? (isQuick ? "50" : "1000")),
      rate: positive("rate", values.rate ?? (isQuick ? "50" : "200")),
      say: (text) => console.error(`${text} …`),
    })
  );
  if (values.json) return console.log(JSON.stringify(toDocument(machine, measurements)));
  console.log(`${machine}\n\n${toTable(measurements)}\n\n${verdicts.join("\n")}`);
});

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --${option} "${text}"`,
    hint: "Give a positive number",
  });
}
