/**
 * Lists the files of the folders and deals them out to the readers, a batch at a time.
 *
 * All it sends is durable, and sent from the handler of a durable message: when the node dies in
 * the middle, `walk` is delivered again, and what was sent before is not sent twice.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type ActorContext, defineActor } from "denizen";
import { z } from "zod";
import { sendPatiently } from "./send_patiently.ts";

const OPTIONS = z.object({
  folders: z.array(z.string()),
  batchSize: z.number(),
  readers: z.number(),
});

export default defineActor({
  name: "walker",
  messages: { walk: { input: z.object({ run: z.number() }) } },
  on: {
    async walk({ run }, ctx) {
      const { folders, batchSize, readers } = OPTIONS.parse(ctx.options);
      const files = (await Promise.all(folders.map(listFiles))).flat();
      ctx.log.info(`found ${files.length} files`);
      await ctx.tell("actor://index", "expect", { run, files: files.length }, { durable: true });
      for (let at = 0, n = 0; at < files.length; at += batchSize, n++) {
        const batch = files.slice(at, at + batchSize);
        await sendBatch(ctx, `actor://reader/${n % readers + 1}`, { run, files: batch });
      }
    },
  },
});

/** The same order each time, so that a second walk sends the same batches. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function sendBatch(
  ctx: ActorContext,
  reader: string,
  batch: { run: number; files: string[] },
): Promise<void> {
  return sendPatiently(ctx, () => ctx.tell(reader, "read", batch, { durable: true }));
}
