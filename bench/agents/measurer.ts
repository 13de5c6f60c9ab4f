/** Gives its input back for a capability, so that it can be assigned. */
import { defineAgent } from "denizen";
import { z } from "zod";

const any = z.object({ n: z.number() });

export default defineAgent({
  name: "measurer",
  capabilities: { "code.measure": { input: any, output: any } },
  run: (input) => input,
});
