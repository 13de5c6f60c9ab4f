/**
 * Reads files and counts their words.
 *
 * It trusts its files, and breaks on one that is no UTF-8. Its supervisor starts it again, and the
 * batch comes again: then it leaves out what broke it.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { defineActor } from "denizen";
import { z } from "zod";

const UTF8 = new TextDecoder("utf-8", { fatal: true });

export default defineActor({
  name: "reader",
  messages: { read: { input: z.object({ run: z.number(), files: z.array(z.string()) }) } },
  on: {
    async read({ run, files }, ctx) {
      const isSecondTry = ctx.message.attempt > 1;
      for (const path of files) {
        const bytes = await readFile(path);
        if (isSecondTry && !isUtf8(bytes)) {
          await ctx.emit("files.skipped", { run, path, reason: "no UTF-8" });
          continue;
        }
        const text = UTF8.decode(bytes);
        const extension = extname(path).slice(1) || "none";
        const count = { run, path, bytes: bytes.length, lines: countLines(text), ...words(text) };
        await ctx.tell(`actor://counter/${extension}`, "count", count, { durable: true });
      }
    },
  },
});

function isUtf8(bytes: Uint8Array): boolean {
  try {
    UTF8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** As `wc -l` counts them. */
function countLines(text: string): number {
  return text.split("\n").length - 1;
}

/** How many words, and how often each: a word is a run of letters, case does not matter. */
function words(text: string): { words: number; frequencies: Record<string, number> } {
  const frequencies = new Map<string, number>();
  const all = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  for (const word of all) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  return { words: all.length, frequencies: Object.fromEntries(frequencies) };
}
