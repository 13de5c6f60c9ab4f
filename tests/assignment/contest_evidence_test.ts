/** What contests teach of the agents in them: only what a majority or a judge has decided. */
import assert from "node:assert/strict";
import { denizen, withFolder } from "../cli/denizen_process.ts";

const agent = (capability: string, body: string) =>
  `import { defineAgent } from "denizen";
export default defineAgent({
  name: "test",
  capabilities: ${capability},
  run: async () => ${body},
});
`;

const UNIQUE = agent('{ "text.uniq": {} }', "crypto.randomUUID()");
const SAME = agent('{ "text.same": {} }', '"same"');
const LATE = agent(
  '{ "text.same": {} }',
  'await new Promise((done) => setTimeout(() => done("same"), 500))',
);
const ODD = agent('{ "text.same": {} }', '"odd"');
const NO_JUDGE = agent("{}", '"I cannot tell"');
const JUDGE = agent("{}", '({ winner: 1, reason: "the first one" })');

interface Known {
  tasks: number;
  successes: number;
  outvoted: number;
  success: number;
  breaker: string;
}

/** Runs a workflow, then reads what is known of agents of it. */
async function learn(files: Record<string, string>, name: string, agents: string[]) {
  return await withFolder(files, async (cwd) => {
    const ran = await denizen(["run", "flow.yaml", "--data", "data"], { cwd });
    assert.equal(ran.code, 0, ran.err);
    const known: Record<string, Known> = {};
    for (const one of agents) {
      const shown = await denizen(
        ["agents", "show", `${name}/${one}`, "--data", "data", "--json"],
        {
          cwd,
        },
      );
      assert.equal(shown.code, 0, shown.err);
      const [record] = JSON.parse(shown.out).records as Known[];
      known[one] = record!;
    }
    return known;
  });
}

Deno.test("a vote that is always tied puts out nobody, and stays a vote of two", async () => {
  const flow = `name: tie
agents:
  u1: { module: ./u1.ts }
  u2: { module: ./u2.ts }
tasks:
  alone: { forEach: "\${{ ${listOf(10)} }}", capability: text.uniq }
  both:
    needs: [alone]
    forEach: "\${{ ${listOf(20)} }}"
    capability: text.uniq
    assign: { vote: { of: 2 } }
`;
  const { u1, u2 } = await learn({ "flow.yaml": flow, "u1.ts": UNIQUE, "u2.ts": UNIQUE }, "tie", [
    "u1",
    "u2",
  ]);
  assert.equal(u1!.tasks + u2!.tasks, 10 + 2 * 20);
  for (const known of [u1!, u2!]) {
    assert.equal(known.successes, known.tasks);
    assert.equal(known.breaker, "closed");
    assert.ok(known.success > 0.8, `${known.success}`);
  }
});

Deno.test("who a majority outvotes fails", async () => {
  const flow = `name: majority
agents:
  one: { module: ./same.ts }
  two: { module: ./late.ts }
  odd: { module: ./odd.ts }
tasks:
  agree:
    forEach: "\${{ ${listOf(4)} }}"
    capability: text.same
    assign: { vote: { of: 3 } }
`;
  const files = { "flow.yaml": flow, "same.ts": SAME, "late.ts": LATE, "odd.ts": ODD };
  const { one, two, odd } = await learn(files, "majority", ["one", "two", "odd"]);
  assert.deepEqual([one!.tasks, one!.successes, two!.tasks, two!.successes], [4, 4, 4, 4]);
  // A vote that the two have decided before ends the attempt of the third.
  assert.ok(odd!.tasks >= 1);
  assert.deepEqual([odd!.successes, odd!.outvoted, one!.outvoted], [0, odd!.tasks, 0]);
});

Deno.test("a judgement that takes place counts, and one that does not counts for nobody", async () => {
  const flow = `name: judged
agents:
  one: { module: ./same.ts }
  two: { module: ./odd.ts }
  judge: { module: ./judge.ts }
tasks:
  pick:
    forEach: "\${{ ${listOf(6)} }}"
    capability: text.same
    assign: { judge: { of: 2, by: judge } }
    retry: { maxAttempts: 1 }
`;
  const files = { "flow.yaml": flow, "same.ts": SAME, "odd.ts": ODD };
  const count = async (judge: string) => {
    const known = await learn({ ...files, "judge.ts": judge }, "judged", ["one", "two"]);
    return [known.one!.successes + known.two!.successes, known.one!.tasks + known.two!.tasks];
  };
  assert.deepEqual(await count(JUDGE), [6, 12]);
  assert.deepEqual(await count(NO_JUDGE), [12, 12]);
});

function listOf(count: number): string {
  return JSON.stringify(Array.from({ length: count }, (_, at) => at));
}
