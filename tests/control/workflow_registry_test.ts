import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InvalidWorkflowError } from "../../runtime/node/mod.ts";
import { ADMIN, ControlledNode, greeting } from "./control_kit.ts";

const code = (expected: string) => ({ code: expected });

Deno.test("the registry keeps versions of a workflow with their code", async (t) => {
  await using served = await ControlledNode.start();
  const { dataDir, control: { workflows } } = served;

  await t.step("registers source and files, once", async () => {
    const { workflow, isNew } = await workflows.register(greeting(), ADMIN);
    assert.equal(isNew, true);
    assert.equal(workflow.name, "greet");
    assert.equal(workflow.version, "1.0.0");
    assert.match(workflow.source, /^name: greet/);
    assert.deepEqual(workflow.files.map(({ path }) => path), ["agents/greeter.ts"]);
    assert.deepEqual(workflow.graph.map(({ id, kind, needs }) => [id, kind, needs]), [
      ["greet", "agent", []],
      ["count", "value", ["greet"]],
    ]);
    const again = await workflows.register(greeting(), ADMIN);
    assert.equal(again.isNew, false);
    assert.equal(again.workflow.hash, workflow.hash);
    assert.equal(
      await workflows.file("greet", "1.0.0", "agents/greeter.ts", null),
      greeting().files!["agents/greeter.ts"],
    );
    assert.deepEqual(Array.from(Deno.readDirSync(join(dataDir, "registry"))), []);
  });

  await t.step("refuses other content under the same version", async () => {
    const other = greeting("1.0.0", 'return "Bye " + input.name;');
    await assert.rejects(workflows.register(other, ADMIN), code("WORKFLOW_VERSION_EXISTS"));
  });

  await t.step("resolves names, ranges and hashes", async () => {
    const bye = (version: string) => greeting(version, `return "${version} " + input.name;`);
    const second = (await workflows.register(bye("1.4.0"), ADMIN)).workflow;
    const third = (await workflows.register(bye("2.0.0"), ADMIN)).workflow;
    const versionOf = async (reference: string) =>
      (await workflows.resolve(reference, null)).definition.version;
    assert.equal(await versionOf("greet"), "2.0.0");
    assert.equal(await versionOf("greet@^1"), "1.4.0");
    assert.equal(await versionOf("greet@1.0.0"), "1.0.0");
    assert.equal(await versionOf(`greet@sha256:${second.hash}`), "1.4.0");
    await assert.rejects(versionOf("greet@^3"), code("WORKFLOW_VERSION_NOT_FOUND"));
    await assert.rejects(versionOf("other"), code("WORKFLOW_NOT_FOUND"));
    const versions = await workflows.versions("greet", null, { limit: 2 });
    assert.deepEqual(versions.items.map(({ version, isLatest }) => [version, isLatest]), [
      ["2.0.0", true],
      ["1.4.0", false],
    ]);
    const rest = await workflows.versions("greet", null, { cursor: versions.nextCursor! });
    assert.deepEqual(rest.items.map(({ version }) => version), ["1.0.0"]);
    const resolved = await workflows.resolve("greet", null);
    assert.equal(await workflows.resolve("greet", null), resolved);
    assert.equal(resolved.packageHash, third.hash);
  });

  await t.step("changes only what was read", async () => {
    const { etag } = await workflows.get("greet", null);
    const next = (version: string) => greeting(version, `return "${version}";`);
    await workflows.register(next("3.0.0"), ADMIN, { ifVersion: etag });
    const late = workflows.register(next("4.0.0"), ADMIN, { ifVersion: etag });
    await assert.rejects(late, code("WORKFLOW_CHANGED"));
    const anew = workflows.register(next("4.0.0"), ADMIN, { ifVersion: null });
    await assert.rejects(anew, code("WORKFLOW_CHANGED"));
    const misnamed = workflows.register(next("4.0.0"), ADMIN, { name: "other" });
    await assert.rejects(misnamed, code("WORKFLOW_NAME_DIFFERS"));
    await assert.rejects(
      workflows.remove("greet", ADMIN, { ifVersion: etag }),
      code("WORKFLOW_CHANGED"),
    );
  });

  await t.step("keeps the names of tenants apart", async () => {
    const acme = { by: "key:1", tenant: "acme" };
    const own = greeting("9.0.0", 'return "acme";');
    await workflows.register(own, acme);
    assert.equal((await workflows.resolve("greet", "acme")).definition.version, "9.0.0");
    assert.equal((await workflows.resolve("greet", "other")).definition.version, "3.0.0");
    const shown = async (tenant: string | null) =>
      (await workflows.list(tenant)).items.map(({ version, tenant }) => [version, tenant]);
    assert.deepEqual(await shown("acme"), [["9.0.0", "acme"]]);
    assert.deepEqual(await shown("other"), [["3.0.0", null]]);
    assert.deepEqual(await shown(null), [["3.0.0", null], ["9.0.0", "acme"]]);
    await assert.rejects(
      workflows.remove("greet", { by: "x", tenant: "other" }),
      code("WORKFLOW_NOT_FOUND"),
    );
    await workflows.remove("greet", acme);
    assert.equal((await workflows.resolve("greet", "acme")).definition.version, "3.0.0");
  });

  await t.step("registers a file of the server", async () => {
    const { workflow } = await workflows.registerFile("examples/greet/greet.yaml", ADMIN);
    assert.equal(workflow.name, "greet");
    assert.equal(workflow.isLatest, true);
  });

  await t.step("leaves no bundles of folders that are gone", async () => {
    for (const { name } of Deno.readDirSync(join(dataDir, "bundles"))) {
      const { inputs } = JSON.parse(await Deno.readTextFile(join(dataDir, "bundles", name)));
      for (const { path } of inputs) assert.ok(existsSync(path), path);
    }
  });
});

Deno.test("the registry refuses workflows that reach beyond their files", async () => {
  await using served = await ControlledNode.start();
  const { workflows } = served.control;
  const { source, files } = greeting();
  for (const path of ["../x.ts", "/etc/x.ts", "a/../../x.ts", "a//b.ts", "", "a\\b.ts", "a\0.ts"]) {
    const sent = { source, files: { ...files, [path]: "" } };
    await assert.rejects(workflows.register(sent, ADMIN), code("WORKFLOW_FILES_WRONG"), path);
  }
  const leaving = (source as string).replace("./agents/", "../../");
  const error = await workflows.register({ source: leaving, files }, ADMIN).catch((error) => error);
  assert.ok(error instanceof InvalidWorkflowError);
  assert.deepEqual(error.issues.map(({ code, line }) => [code, line]), [[
    "WORKFLOW_FILES_WRONG",
    7,
  ]]);
  const escaped = (source as string).replace("./agents/greeter.ts", '"\\x2e\\x2e/greeter.ts"');
  const refused = await workflows.validate({ source: escaped, files });
  assert.deepEqual(refused.issues.map(({ code }) => code), ["WORKFLOW_FILES_WRONG"]);
  assert.equal(refused.name, "greet");
  const system = {
    source: "name: s\nsystem: ./parts/system.yaml\ntasks: { a: { value: 1 } }\n",
    files: { "parts/system.yaml": "system: s\nactors: { a: { module: ../../a.ts } }\n" },
  };
  await assert.rejects(workflows.register(system, ADMIN), code("INVALID_WORKFLOW"));
  const missing = await workflows.validate({ source });
  assert.deepEqual(missing.issues.map(({ code, file }) => [code, file]), [
    ["AGENT_MODULE_NOT_FOUND", "workflow.yaml"],
  ]);
  const broken = await workflows.validate({
    source,
    files: { "agents/greeter.ts": "export default {" },
  });
  assert.equal(broken.valid, false);
  assert.deepEqual(broken.issues.map(({ code, file }) => [code, file]), [
    ["AGENT_SYNTAX", "agents/greeter.ts"],
  ]);
  assert.ok(!JSON.stringify([missing, broken]).includes(served.dataDir));
  assert.deepEqual(
    await workflows.validate({ source: "name: [" }).then(({ valid }) => valid),
    false,
  );
  const object = { name: "sum", tasks: { a: { value: "${{ 1 + 1 }}" } } };
  assert.deepEqual(await workflows.validate({ source: object }), {
    valid: true,
    name: "sum",
    version: null,
    issues: [],
  });
});
