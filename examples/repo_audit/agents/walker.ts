import { AgentError, defineAgent } from "denizen";
import { z } from "zod";
import { Walk } from "../audit_types.ts";
import { walk } from "../walk/walk.ts";

/** Files in one batch, and their bytes: a task of about a second. */
const BATCH = { filesMax: 100, bytesMax: 2_000_000 };

export default defineAgent({
  name: "walker",
  capabilities: {
    "files.walk": {
      input: z.object({
        path: z.string().min(1),
        out: z.string(),
        maxFileBytes: z.number().int().positive(),
        filesMax: z.number().int().positive().default(BATCH.filesMax),
      }),
      output: Walk,
    },
  },
  async run(input, ctx) {
    try {
      return await walk(input.path, {
        fileBytesMax: input.maxFileBytes,
        batch: { ...BATCH, filesMax: input.filesMax },
        exclude: [input.out],
        signal: ctx.signal,
        onProgress: (files, path) => ctx.progress(null, `${files} files, in ${path || "."}`),
      });
    } catch (error) {
      const isMissing = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory;
      if (!isMissing) throw error;
      throw new AgentError("NOT_A_DIRECTORY", `Cannot audit "${input.path}": it is no directory`, {
        retryable: false,
      });
    }
  },
});
