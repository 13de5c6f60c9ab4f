/** Goes through all books; asks one half, tells the other. */
import { defineActor } from "denizen";
import { z } from "zod";

/** Messages under way at once. */
const STEP = 50;
const TIMEOUT_MS = 120_000;

export default defineActor({
  name: "visitor",
  messages: {
    walk: { input: z.object({ books: z.number(), first: z.number(), rounds: z.number() }) },
  },
  on: {
    async walk({ books, first, rounds }, ctx) {
      for (let n = 1; n <= rounds; n++) {
        for (let from = 0; from < books; from += STEP) {
          const visits: Promise<unknown>[] = [];
          for (let i = from; i < Math.min(from + STEP, books); i++) {
            const book = ctx.actor("book", String((first + i) % books));
            const visit = { n, sentAt: Date.now() };
            visits.push(
              (i + n) % 2 === 0
                ? book.ask("visit", visit, { timeoutMs: TIMEOUT_MS })
                : book.tell("visit", visit),
            );
          }
          await Promise.all(visits);
        }
      }
    },
  },
});
