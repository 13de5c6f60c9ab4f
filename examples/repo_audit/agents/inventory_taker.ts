import { defineAgent } from "denizen";
import { z } from "zod";
import { Inventory } from "../audit_types.ts";
import { takeInventory } from "../inventory/inventory.ts";

export default defineAgent({
  name: "inventory-taker",
  capabilities: {
    "dependencies.list": {
      input: z.object({ path: z.string(), manifests: z.array(z.string()) }),
      output: Inventory,
    },
  },
  run(input, ctx) {
    return takeInventory(input.path, input.manifests, {
      signal: ctx.signal,
      onProgress: (done, path) => ctx.progress(done / input.manifests.length, path),
    });
  },
});
