import assert from "node:assert/strict";
import { memberOf } from "../store/cluster_store_contract.ts";
import { GoneMembers } from "./gone_members.ts";

Deno.test("GoneMembers.due() names nodes that stayed away for long enough", () => {
  const gone = new GoneMembers(1_000);
  const away = { ...memberOf("a"), state: "gone" as const };
  const here = { ...memberOf("b"), state: "living" as const };
  const due = (members: (typeof away | typeof here)[], now: number) =>
    gone.due(members, now).map(({ nodeId }) => nodeId);
  assert.deepEqual(due([away, here], 0), []);
  assert.deepEqual(due([away, here], 999), []);
  assert.deepEqual(due([away, here], 1_000), ["a"]);
  assert.deepEqual(due([here], 1_500), []);
  assert.deepEqual(due([away], 2_000), [], "it came back and went again");
  assert.deepEqual(due([{ ...away, boot: "next" }], 3_000), [], "another boot");
});
