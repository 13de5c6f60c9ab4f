import { defineAgent } from "denizen";
import { BatchInput, SecretScan } from "../audit_types.ts";
import { scanBatch } from "../secrets/scan_batch.ts";

export default defineAgent({
  name: "secret-scanner",
  capabilities: { "secrets.scan": { input: BatchInput, output: SecretScan } },
  run(input, ctx) {
    return scanBatch(input, {
      signal: ctx.signal,
      onProgress: (done, path) => ctx.progress(done / input.files.length, path),
    });
  },
});
