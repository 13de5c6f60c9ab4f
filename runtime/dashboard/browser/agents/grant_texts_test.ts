import assert from "node:assert/strict";
import { toGrants } from "./grant_texts.ts";

Deno.test("toGrants() takes values apart and leaves out what is empty", () => {
  assert.deepEqual(toGrants({ read: " /data , /etc/hosts,", net: "", env: " , " }), {
    read: ["/data", "/etc/hosts"],
  });
  assert.deepEqual(toGrants({}), {});
});
