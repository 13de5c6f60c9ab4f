import { AgentError, defineAgent } from "denizen";

interface Work {
  /** `127.0.0.1:PORT` of the external ledger. */
  ledger: string;
  /** Draws how long the attempt takes. */
  seed: number;
  /** A step to take on the way. */
  step?: string;
}

/** One attempt in eight is a slow one: such are in flight when a fault comes. */
const SLOW_EVERY = 8;

/** 5–50 ms, or 0.3–2.5 s for a slow one; the same for the same seed and task (FNV-1a). */
function waitMs(seed: number, task: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const char of task) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  const drawn = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return drawn % SLOW_EVERY === 0 ? 300 + (drawn >>> 8) % 2_200 : 5 + (drawn >>> 8) % 46;
}

export default defineAgent({
  name: "worker",
  capabilities: {},
  async run(input, ctx) {
    const { ledger, seed, step } = input as Work;
    const write = async (what: string): Promise<string> => {
      const nonce = crypto.randomUUID();
      const { attempt, task, term, run: { id: run } } = ctx;
      const answer = await fetch(`http://${ledger}/effects`, {
        method: "POST",
        body: JSON.stringify({ run, task, attempt, term, what, nonce }),
      });
      await answer.body?.cancel();
      if (answer.ok) return nonce;
      throw new AgentError("STALE", `Refused "${what}" of attempt ${attempt}, term ${term}`, {
        retryable: false,
      });
    };
    await write("begin");
    const ms = waitMs(seed, ctx.task);
    await ctx.sleep(ms / 2);
    const charged = step === undefined ? null : await ctx.step(step, () => write(`step:${step}`));
    await ctx.sleep(ms / 2);
    return { nonce: await write("end"), charged };
  },
});
