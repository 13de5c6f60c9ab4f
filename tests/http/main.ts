/**
 * `deno task test:api [--seconds N] [--examples N]`: the API of a node as programs see it that nobody
 * here wrote. A linter reads its description; a contract tester sends what the description allows and
 * what it forbids, to an empty node and to a full one. Takes Node, and Python with pip.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Filled, fillNode } from "./fill_node.ts";
import { type ContractTester, lint, openContractTester } from "./outside_programs.ts";
import { ServedNode } from "./served_node.ts";
import { testerConfig } from "./tester_config.ts";

const CHECKS = "all";
/** Streams without end, and what takes the tester's own key away. */
const EXCLUDED = ["followAllRuns", "revokeKey", "rotateKey", "signOut"];

interface Options {
  seconds: string;
  examples: string;
}

interface Trial {
  name: string;
  tester: ContractTester;
  node: ServedNode;
  folder: string;
  filled: Filled | null;
  options: Options;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "45" },
      examples: { type: "string", default: "20" },
    },
  });
  const folder = await Deno.makeTempDir({ prefix: "denizen-api-" });
  const tester = await openContractTester();
  const failed: string[] = [];
  for (const name of ["empty", "full"]) {
    await using node = await ServedNode.start();
    const filled = name === "full" ? await fillNode(node) : null;
    if (filled === null && !await lintOf(node, folder)) failed.push("linter");
    const trial = { name, tester, node, folder, filled, options: values };
    if (!await contract(trial)) failed.push(`contract of an ${name} node`);
    if (node.faults.length > 0) failed.push(`faults of an ${name} node`);
    for (const fault of node.faults.slice(0, 20)) console.error(fault);
  }
  await Deno.remove(folder, { recursive: true });
  for (const name of failed) console.error(`FAILED: ${name}; see above`);
  console.log(`${3 - new Set(failed).size} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

async function lintOf(node: ServedNode, folder: string): Promise<boolean> {
  const file = join(folder, "openapi.json");
  await Deno.writeTextFile(file, (await node.ask("GET", "/openapi.json")).text);
  return await lint(file, join(import.meta.dirname!, "redocly.yaml"));
}

/** Asks for everything; then for what ends the tester's own rights. */
async function contract(trial: Trial): Promise<boolean> {
  const everything = await send(trial, EXCLUDED.flatMap((id) => ["--exclude-operation-id", id]));
  const { status } = await trial.node.ask("GET", "/api/v1/auth/me");
  if (status !== 200) {
    console.error("The tester lost its key on the way: what came later says little");
  }
  const rest = await send(
    trial,
    ["revokeKey", "rotateKey", "signOut"].flatMap((id) => ["--include-operation-id", id]),
  );
  return everything && rest && status === 200;
}

async function send({ name, tester, node, folder, filled, options }: Trial, selected: string[]) {
  console.log(`--- contract, ${name} node`);
  const config = join(folder, `${name}.toml`);
  await Deno.writeTextFile(config, testerConfig(filled));
  const { url } = node.node;
  return await tester.test([
    `${url}/openapi.json`,
    ...["--url", url, "--header", `Authorization: Bearer ${node.key}`],
    ...["--checks", CHECKS, "--max-examples", options.examples, "--max-time", options.seconds],
    ...[
      "--phases",
      filled === null ? "examples,coverage,fuzzing" : "examples,coverage,fuzzing,stateful",
    ],
    ...["--request-timeout", "20", "--continue-on-failure", "--warnings", "off", "--no-color"],
    ...selected,
  ], config);
}

Deno.exit(await main());
