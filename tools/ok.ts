/**
 * `deno task ok`: the gate. Every check of the repository, two at a time, then the tests. Prints one
 * line a check, and the whole output of those that fail. `--static` leaves the tests out.
 *
 * @module
 */
const CHECKS: [name: string, args: string[]][] = [
  ["format", ["fmt", "--check", "--quiet"]],
  ["lint", ["lint", "--quiet"]],
  ["types", ["task", "--quiet", "check"]],
  ["layers", ["task", "--quiet", "layers"]],
  ["public documentation", ["task", "--quiet", "doc:lint"]],
  ["docs/errors.md is fresh", ["task", "--quiet", "errors", "--check"]],
  ["docs/*.schema.json are fresh", ["task", "--quiet", "schema", "--check"]],
];

async function runCheck([name, args]: typeof CHECKS[number]): Promise<boolean> {
  const startedAt = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${success ? "ok    " : "FAILED"} ${name} (${seconds}s)`);
  if (!success) {
    console.log(`\n$ deno ${args.join(" ")}`);
    console.log(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
  }
  return success;
}

async function runChecks(): Promise<boolean> {
  const waiting = CHECKS[Symbol.iterator]();
  let isGreen = true;
  const work = async () => {
    for (const check of waiting) isGreen = await runCheck(check) && isGreen;
  };
  await Promise.all([work(), work()]);
  return isGreen;
}

async function runTests(): Promise<boolean> {
  const tests = new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", "test"] }).spawn();
  return (await tests.status).success;
}

const isGreen = await runChecks();
const hasPassed = Deno.args.includes("--static") || await runTests();
Deno.exit(isGreen && hasPassed ? 0 : 1);
