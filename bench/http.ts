/**
 * `deno task bench:http [--json] [--quick] [--minutes N] [read] [flow]`: a node of `denizen serve` beside a bare
 * Hono route: reads, then submissions while a thousand clients listen, and memory over that time.
 *
 * @module
 */
import { InvalidInputError } from "../core/errors.ts";
import { describeMachine, exitWith, readArguments } from "./command_line.ts";
import { HTTP_PARTS, type HttpPart, measureHttp } from "./http_case.ts";
import { withFolder } from "./lab.ts";
import { toDocument, toTable } from "./measurement.ts";

const USAGE =
  "deno task bench:http [--json] [--quick] [--minutes N] [--listeners N] [--rate N] [read] [flow]";

await exitWith(async () => {
  const { values, positionals } = readArguments(Deno.args, USAGE, {
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
      parts: partsOf(positionals),
      minutes: positive("minutes", values.minutes ?? (isQuick ? "0.2" : "1")),
      listeners: positive("listeners", values.listeners ?? (isQuick ? "50" : "1000")),
      rate: positive("rate", values.rate ?? (isQuick ? "50" : "200")),
      say: (text) => console.error(`${text} …`),
    })
  );
  if (values.json) return console.log(JSON.stringify(toDocument(machine, measurements)));
  console.log(`${machine}\n\n${toTable(measurements)}\n\n${verdicts.join("\n")}`);
});

function partsOf(names: readonly string[]): readonly HttpPart[] {
  const parts = names.map((name) => HTTP_PARTS.find((part) => part === name));
  if (parts.every((part) => part !== undefined)) return parts.length === 0 ? HTTP_PARTS : parts;
  throw new InvalidInputError("ARGUMENT_UNWANTED", {
    message: `Cannot measure "${names.join(" ")}"`,
    hint: `Usage: ${USAGE}`,
  });
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --${option} "${text}"`,
    hint: "Give a positive number",
  });
}
