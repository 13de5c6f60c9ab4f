import assert from "node:assert/strict";
import { denizen, withFolder } from "./denizen_process.ts";
import { FLOW_FILES } from "./flows.ts";

Deno.test("denizen runs fork runs the same code with other input, also when the files are gone", () =>
  withFolder(FLOW_FILES, async (cwd) => {
    const first = await denizen(["run", "flow.yaml", "--json", "-q"], { cwd });
    assert.equal(first.code, 0, first.err);
    const { runId, input } = JSON.parse(first.out);
    for (const name of Object.keys(FLOW_FILES)) await Deno.remove(`${cwd}/${name}`);
    const fork = (...args: string[]) => denizen(["runs", "fork", runId, ...args], { cwd });
    const forked = await fork("--input", "items=7", "--input", "items=8", "--json", "-q");
    assert.equal(forked.code, 0, forked.err);
    const run = JSON.parse(forked.out);
    assert.notEqual(run.runId, runId);
    assert.equal(run.status, "completed");
    assert.deepEqual(run.input, { ...input, items: [7, 8] });
    const exported = JSON.parse((await denizen(["runs", "export", run.runId], { cwd })).out);
    assert.equal(exported.events[0].origin.parent, runId);

    const wrong = await fork("--input", "itms=7");
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /INVALID_INPUT/);
    const unknown = await denizen(["runs", "fork", "01KAJ"], { cwd });
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /RUN_NOT_FOUND/);
  }));

Deno.test("denizen runs list refuses a cursor that no list gave", () =>
  withFolder({ "value.yaml": "name: value\ntasks: { one: { value: 1 } }\n" }, async (cwd) => {
    assert.equal((await denizen(["run", "value.yaml", "-q"], { cwd })).code, 0);
    const wrong = await denizen(["runs", "list", "--cursor", "zzz"], { cwd });
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /--cursor "zzz".*\n.*nextCursor/);
  }));
