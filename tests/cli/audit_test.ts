import assert from "node:assert/strict";
import { join } from "node:path";
import type { AuditEntry } from "../../core/audit_log.ts";
import { openAudit } from "../../runtime/audit/mod.ts";
import { openKvStores } from "../../runtime/store/mod.ts";
import { denizen, withFolder } from "./denizen_process.ts";

const MESSAGE = 'Refused message "count" of "actor://walker/main"';

/** A folder whose data directory holds an audit log of 1,203 entries. */
async function withAuditLog(work: (cwd: string) => Promise<void>): Promise<void> {
  await withFolder({}, async (cwd) => {
    await Deno.mkdir(join(cwd, ".denizen"));
    const stores = await openKvStores(join(cwd, ".denizen/denizen.kv"));
    let now = 1_763_740_000_000;
    const audit = openAudit(stores.audit, { now: () => now });
    const record = (from: string, count: number) =>
      audit.record({
        kind: "refusal",
        from,
        to: "actor://counter/main",
        code: "ACCESS_DENIED",
        message: MESSAGE,
        count,
      });
    for (let n = 1; n <= 1_203; n++) {
      record(`actor://walker-${n}/main`, n);
      if (n % 100 === 0) await audit.flush();
      now += 10;
    }
    await audit.close();
    stores.close();
    await work(cwd);
  });
}

Deno.test("denizen audit lists, exports and proves the log", () =>
  withAuditLog(async (cwd) => {
    const [list, json, from, verify, verdict, lines, whole] = await Promise.all(
      [
        ["audit", "list", "--limit", "2"],
        ["audit", "list", "--json"],
        ["audit", "list", "--json", "--from", "7", "--limit", "2"],
        ["audit", "verify"],
        ["audit", "verify", "--json"],
        ["audit", "export"],
        ["audit", "export", "--json"],
      ].map((args) => denizen(args, { cwd })),
    );
    for (const one of [list!, json!, from!, verify!, verdict!, lines!, whole!]) {
      assert.deepEqual([one.code, one.err], [0, ""]);
    }
    assert.equal(
      list!.out,
      "1202  2025-11-21T15:46:52.010Z  refusal  ACCESS_DENIED  " +
        `actor://walker-1202/main → actor://counter/main  1202 times\n    ${MESSAGE}\n` +
        "1203  2025-11-21T15:46:52.020Z  refusal  ACCESS_DENIED  " +
        `actor://walker-1203/main → actor://counter/main  1203 times\n    ${MESSAGE}\n`,
    );
    const seqs = (items: AuditEntry[]) => items.map(({ seq }) => seq);
    assert.deepEqual(
      seqs(JSON.parse(json!.out).items),
      Array.from({ length: 20 }, (_, at) => 1_184 + at),
    );
    assert.deepEqual(seqs(JSON.parse(from!.out).items), [7, 8]);
    assert.equal(verify!.out, "The audit log is whole: 1203 entries\n");
    assert.deepEqual(JSON.parse(verdict!.out), { entries: 1_203, broken: null });
    const all = lines!.out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(seqs(all), Array.from({ length: 1_203 }, (_, at) => at + 1));
    assert.deepEqual(JSON.parse(whole!.out).items, all);
  }));

Deno.test("denizen audit verify tells which entry was altered, and fails", () =>
  withAuditLog(async (cwd) => {
    const kv = await Deno.openKv(join(cwd, ".denizen/denizen.kv"));
    const key = ["audit", 700];
    const text = new TextDecoder().decode((await kv.get<Uint8Array>(key)).value!);
    const milder = text.replace("ACCESS_DENIED", "ACCESS_GIVEN_");
    await kv.set(key, new TextEncoder().encode(milder));
    kv.close();
    const [plain, json] = await Promise.all([
      denizen(["audit", "verify"], { cwd }),
      denizen(["audit", "verify", "--json"], { cwd }),
    ]);
    assert.equal(plain.code, 1);
    assert.equal(plain.out, "");
    assert.match(plain.err, /^error: Found entry 700 .* its hash \[AUDIT_BROKEN\]\nhint: /);
    assert.equal(json.code, 1);
    assert.equal(JSON.parse(json.out).error.details.seq, 700);
  }));

Deno.test("denizen audit list of a folder without runs is empty; verify says so", () =>
  withFolder({}, async (cwd) => {
    const list = await denizen(["audit", "list"], { cwd });
    assert.deepEqual([list.code, list.out], [0, "No entries\n"]);
    assert.match(list.err, /^Found no audit log in ".denizen"\nhint: /);
    const verify = await denizen(["audit", "verify"], { cwd });
    assert.deepEqual([verify.code, verify.out], [2, ""]);
    assert.match(verify.err, /\[DATA_DIR_MISSING\]/);
    for (const wrong of [["--limit", "0"], ["--limit", "x"], ["--from", "0.5"]]) {
      const { code, err } = await denizen(["audit", "list", ...wrong], { cwd });
      assert.equal(code, 2);
      assert.match(err, /\[OPTION_VALUE_WRONG\]\nhint: Give a whole number/);
    }
    assert.deepEqual([...Deno.readDirSync(cwd)], [], "nothing is written");
  }));

Deno.test("denizen help audit shows its commands", async () => {
  const { code, out } = await denizen(["help", "audit"]);
  assert.equal(code, 0);
  for (const word of ["list", "verify", "export"]) assert.ok(out.includes(word), word);
});
