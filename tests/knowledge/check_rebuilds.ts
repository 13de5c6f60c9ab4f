import assert from "node:assert/strict";
import type { StorePlace } from "../../runtime/node/open_store.ts";
import { denizen } from "../cli/denizen_process.ts";
import { until } from "../cli/flows.ts";
import { Onlooker, placeArgs, serve, type Served } from "./measuring.ts";

/** What one onlooker knows. */
interface Known {
  graph: string;
  choices: string;
}

/** An instant after everything that the test does, so that both sides ask at the same time. */
const LATER_MS = 600_000;

/**
 * Two nodes on one store, of which the first is killed amid a run, and a backup: whoever reads the
 * journals from nothing, or has followed them, knows the same and would choose the same.
 *
 * @param places of the nodes, and of what is restored from the backup
 */
export async function checkRebuilds(
  cwd: string,
  { first, second, restored }: Record<"first" | "second" | "restored", StorePlace>,
): Promise<void> {
  const at = Date.now() + LATER_MS;
  const nodes: Served[] = [];
  const onlookers: Onlooker[] = [];
  const look = async (place: StorePlace) => {
    const onlooker = await Onlooker.open(cwd, place);
    onlookers.push(onlooker);
    return onlooker;
  };
  const knownTo = (one: Onlooker): Known => ({ graph: one.graph(), choices: one.choices(at) });
  try {
    nodes.push(await serve(cwd, first), await serve(cwd, second));
    await succeed(cwd, "run", "flow.yaml", "--json", ...placeArgs(first));
    const following = await look(first);
    await succeed(cwd, "run", "flow.yaml", "--json", ...placeArgs(second));
    const begun = await succeed(
      cwd,
      ...["run", "flow.yaml", "-i", "ms=2000", "--detach", "--json", ...placeArgs(first)],
    );
    const { runId } = JSON.parse(begun);
    const status = async () =>
      JSON.parse(await succeed(cwd, "runs", "show", runId, "--json", ...placeArgs(second))).status;
    await until(async () => await status() === "running" || null);
    await nodes[0]!.kill();
    await until(async () => await status() === "completed" || null, 120_000);

    await following.base.refresh();
    const expected = knownTo(following);
    assert.ok(following.base.graph.stats().facts >= 72, "each of three runs has 24 items");
    assert.deepEqual(knownTo(await look(second)), expected, "rebuilt from nothing");
    const choices = await following.choicesMade();
    assert.ok(choices.some(({ rests }) => rests > 5), "choices rest on what was learnt");
    for (const { rests, known } of choices) {
      assert.ok(rests <= known, `a choice rests on ${rests} outcomes, and there were ${known}`);
    }
    // The node that is left, and one that comes back, give the same.
    const exported = (place: StorePlace) => async () =>
      await succeed(cwd, "knowledge", "export", ...placeArgs(place)) === expected.graph || null;
    await until(exported(second), 60_000);
    nodes.push(await serve(cwd, first));
    await until(exported(first), 60_000);

    await succeed(cwd, "backup", "copy.backup", ...placeArgs(second));
    await succeed(cwd, "restore", "copy.backup", ...placeArgs(restored));
    assert.deepEqual(knownTo(await look(restored)), expected, "from a backup");
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    await Promise.all(onlookers.map((onlooker) => onlooker.close()));
  }
}

async function succeed(cwd: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await denizen(args, { cwd });
  assert.equal(code, 0, `${args.join(" ")}\n${err}\n${out}`);
  return out.trimEnd();
}
