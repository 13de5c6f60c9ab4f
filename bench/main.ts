/**
 * `deno task bench [--json] [--quick] [NAME…]`: measures the engine beside the platform's limits.
 *
 * @module
 */
import { describeMachine, exitWith, readArguments } from "./command_line.ts";
import { isMet, toDocument, toTable } from "./measurement.ts";
import { runSuite, selectCases } from "./suite.ts";

const USAGE = "deno task bench [--json] [--quick] [NAME…]";

await exitWith(async () => {
  const { values, positionals } = readArguments(Deno.args, USAGE, {
    options: { json: { type: "boolean" }, quick: { type: "boolean" } },
  });
  const cases = selectCases(positionals);
  const machine = await describeMachine();
  const measurements = await runSuite(cases, {
    isQuick: values.quick ?? false,
    onCase: (name) => console.error(`measuring ${name} …`),
  });
  if (values.json) return console.log(JSON.stringify(toDocument(machine, measurements)));
  console.log(`${machine}\n\n${toTable(measurements)}`);
  const goals = measurements.map(isMet).filter((each) => each !== null);
  console.log(`\n${goals.filter(Boolean).length} of ${goals.length} goals met`);
});
