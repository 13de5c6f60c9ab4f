import { defineAgent } from "denizen";
import { z } from "zod";
import { BatchInput, FileFingerprint } from "../audit_types.ts";
import { fingerprintBatch } from "../duplicates/fingerprint_batch.ts";

export default defineAgent({
  name: "fingerprinter",
  capabilities: {
    "files.fingerprint": { input: BatchInput, output: z.array(FileFingerprint) },
  },
  run(input, ctx) {
    return fingerprintBatch(input, {
      signal: ctx.signal,
      onProgress: (done, path) => ctx.progress(done / input.files.length, path),
    });
  },
});
