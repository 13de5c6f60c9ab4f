import assert from "node:assert/strict";
import { join } from "node:path";
import { denizen, withFolder } from "./denizen_process.ts";
import { FLOW_FILES } from "./flows.ts";

/** Whether packages can be fetched at all: without the network there is nothing to see here. */
async function reachesRegistry(denoDir: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-config", "--no-lock", "--quiet", "npm:ulid@3.0.2"],
    env: { DENO_DIR: denoDir },
    stderr: "null",
  }).output();
  return success;
}

Deno.test("run fetches by itself what cells need, on a machine that has no package yet", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    if (!await reachesRegistry(join(cwd, "probe"))) {
      console.log("The npm registry is not reachable: nothing was checked");
      return;
    }
    const env = { DENO_DIR: join(cwd, "cache") };
    const { code, out, err } = await denizen(["run", "flow.yaml", "-q"], { cwd, env });
    assert.equal(code, 0, err);
    assert.equal(out, "count: 3\n");
  });
});
