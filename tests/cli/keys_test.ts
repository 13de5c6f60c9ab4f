import assert from "node:assert/strict";
import { join } from "node:path";
import { openAccess } from "../../runtime/access/mod.ts";
import { systemClock } from "../../runtime/node/clock.ts";
import { openKvStores } from "../../runtime/store/mod.ts";
import { denizen, withFolder } from "./denizen_process.ts";

/** Whether a node over the store of the folder would let a key in. */
async function isLetIn(cwd: string, text: string): Promise<boolean> {
  const stores = await openKvStores(join(cwd, ".denizen/denizen.kv"));
  try {
    const access = openAccess({
      documents: stores.documents,
      audit: { record: () => {} },
      clock: systemClock,
      host: "127.0.0.1",
    });
    const headers = { authorization: `Bearer ${text}` };
    await access.authenticate(new Request("http://127.0.0.1/", { headers }), { address: "::1" });
    return true;
  } catch {
    return false;
  } finally {
    stores.close();
  }
}

Deno.test("denizen keys makes, lists, rotates and revokes keys, and says so in the audit log", () =>
  withFolder({}, async (cwd) => {
    await Deno.mkdir(join(cwd, ".denizen"));
    (await openKvStores(join(cwd, ".denizen/denizen.kv"))).close();
    const run = (...args: string[]) => denizen(["keys", ...args], { cwd });

    const created = await run(
      ...[
        "create",
        "--name",
        "ci",
        "--role",
        "operator",
        "--workflow",
        "repo-*",
        "--expires",
        "90d",
      ],
      "--json",
    );
    assert.equal(created.code, 0, created.err);
    const key = JSON.parse(created.out);
    assert.match(key.key, /^dnz_[0-9a-z]{26}_[\w-]{43}$/);
    assert.deepEqual([key.role, key.workflows, key.createdBy], ["operator", ["repo-*"], "local"]);
    assert.ok(Date.parse(key.expiresAt) > Date.now() + 89 * 86_400_000);
    assert.ok(await isLetIn(cwd, key.key));

    const scopes = ["--scope", "runs:*", "--scope", "agents:write"];
    const vain = await run("create", "--name", "board", "--role", "viewer", ...scopes);
    assert.equal(vain.code, 0, vain.err);
    assert.match(vain.err, /^warning: .*can never use scope "agents:write"/m);
    assert.ok(!created.err.includes("warning"));
    const made = JSON.parse((await run("list", "--json")).out).items[0];
    assert.equal((await run("revoke", made.id)).code, 0);

    const rotated = await run("rotate", key.id);
    assert.match(rotated.out, new RegExp(`^dnz_${key.id}_[\\w-]{43}\n$`));
    assert.match(rotated.err, /not shown again/);
    assert.ok(!await isLetIn(cwd, key.key));
    assert.ok(await isLetIn(cwd, rotated.out.trim()));

    assert.equal((await run("revoke", key.id)).code, 0);
    assert.ok(!await isLetIn(cwd, rotated.out.trim()));
    const again = await run("revoke", key.id);
    assert.equal(again.code, 1);
    assert.match(again.err, /KEY_REVOKED/);

    const list = await run("list");
    assert.match(
      list.out,
      new RegExp(`\n${key.id}  operator  ci  revoked .*workflows repo-\\*\n$`),
    );
    assert.ok(!list.out.includes(key.key.slice(-43)));
    const audit = await denizen(["audit", "list", "--json"], { cwd });
    const codes = JSON.parse(audit.out).items.map((entry: { code: string }) => entry.code);
    assert.deepEqual(codes, [
      ...["key-create", "key-create", "key-revoke"],
      ...["key-rotate", "key-revoke"],
    ]);
  }));

Deno.test("denizen keys refuses what makes no key, and says what would", () =>
  withFolder({}, async (cwd) => {
    await Deno.mkdir(join(cwd, ".denizen"));
    (await openKvStores(join(cwd, ".denizen/denizen.kv"))).close();
    const table: [args: string[], code: RegExp][] = [
      [["create", "--role", "viewer"], /ARGUMENT_MISSING/],
      [["create", "--name", "x"], /ARGUMENT_MISSING/],
      [["create", "--name", "x", "--role", "root"], /OPTION_VALUE_WRONG/],
      [["create", "--name", "x", "--role", "viewer", "--scope", "all"], /KEY_INVALID/],
      [["create", "--name", "x", "--role", "viewer", "--expires", "soon"], /OPTION_VALUE_WRONG/],
      [["revoke", "nobody"], /KEY_NOT_FOUND/],
      [["rotate", "nobody", "--grace", "9"], /OPTION_VALUE_WRONG/],
      [["list", "--limit", "0"], /OPTION_VALUE_WRONG/],
    ];
    const results = await Promise.all(
      table.map(async ([args, code]) => ({
        args,
        code,
        result: await denizen(["keys", ...args], { cwd }),
      })),
    );
    for (const { args, code, result } of results) {
      assert.equal(result.code, 2, args.join(" "));
      assert.match(result.err, code);
    }
  }));
