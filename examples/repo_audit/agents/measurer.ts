import { defineAgent } from "denizen";
import { z } from "zod";
import { BatchInput, Measurement } from "../audit_types.ts";
import { measureBatch } from "../measure/measure_batch.ts";

export default defineAgent({
  name: "measurer",
  capabilities: {
    "code.measure": {
      input: BatchInput.extend({ longFunctionLines: z.number().int().positive() }),
      output: Measurement,
    },
  },
  run(input, ctx) {
    return measureBatch(input, {
      longFunctionLines: input.longFunctionLines,
      signal: ctx.signal,
      onProgress: (done, path) => ctx.progress(done / input.files.length, path),
    });
  },
});
