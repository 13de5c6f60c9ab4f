/** Writes to the audit log many times, as one of several processes on the same file. */
import { openAudit } from "../../runtime/audit/mod.ts";
import { openKvStores } from "../../runtime/store/mod.ts";

const [path, name, count] = Deno.args;
const stores = await openKvStores(path!);
const audit = openAudit(stores.audit, { now: () => Date.now() });
for (let n = 0; n < Number(count); n++) {
  const from = `actor://${name}/${n}`;
  audit.record({ kind: "refusal", from, to: null, code: "OVERLOADED", message: "It was full" });
  await audit.flush();
}
await audit.close();
stores.close();
