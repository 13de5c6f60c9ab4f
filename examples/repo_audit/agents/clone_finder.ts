import { defineAgent } from "denizen";
import { z } from "zod";
import { Duplicates, FileFingerprint } from "../audit_types.ts";
import { findClones } from "../duplicates/find_clones.ts";
import { readSignificantLines } from "../duplicates/fingerprint.ts";

export default defineAgent({
  name: "clone-finder",
  capabilities: {
    "duplicates.find": {
      input: z.object({
        path: z.string(),
        fingerprints: z.array(z.array(FileFingerprint).nullable()),
      }),
      output: Duplicates,
    },
  },
  run(input, ctx) {
    return findClones(input.fingerprints.flatMap((batch) => batch ?? []), {
      linesOf: (path) => readSignificantLines(input.path, path),
      pause: async (done, of) => {
        ctx.progress(done / of, "comparing");
        await ctx.heartbeat();
        ctx.signal.throwIfAborted();
      },
    });
  },
});
