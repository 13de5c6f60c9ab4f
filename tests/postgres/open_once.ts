/** Opens the stores of a schema, and so creates it: as one of several processes at the same time. */
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";

const stores = await openPostgresStores(Deno.args[0]!);
console.log(JSON.stringify(await stores.runs.runs({ limit: 1 })));
await stores.close();
